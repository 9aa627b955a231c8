use super::append::{self, append};
use crate::context::Instance;
use crate::ports::Host;
use crate::settings::Settings;
use crate::sql::SqlError;
use audit::{Class, Event};
use std::sync::atomic::Ordering;

/// Whether what a request is going to do can be accounted for. Authentication and administration fail closed: where the log cannot be
/// read, or what waits for it cannot be written, they are refused before they change anything.
pub async fn ready<H: Host>(host: &H, instance: &Instance, settings: &Settings) -> Result<(), SqlError> {
    if instance.owes.load(Ordering::Relaxed) {
        flush(host, instance, settings).await?;
        instance.owes.store(false, Ordering::Relaxed);
    }
    append::head(host, Class::Authentication).await.map(drop)
}

/// Takes what is to be remembered of a request, before its answer goes out.
///
/// Events of authentication and administration are written now. Where that fails although the log was [`ready`], what was done is done, and
/// its answer may hold the only copy of a new token: the event waits with the others, and nothing of its kind is done before it is
/// written. Other events always wait, so that nobody waits for them; what there is no room for is dropped and counted.
pub async fn record<H: Host>(host: &H, instance: &Instance, settings: &Settings, event: Event) -> Result<(), SqlError> {
    let written = match event.kind.class() {
        Class::Authentication => append(host, &settings.audit, std::slice::from_ref(&event)).await,
        Class::Requests => {
            instance.events.push(event);
            return Ok(());
        }
    };
    if written.is_err() {
        instance.owes.store(true, Ordering::Relaxed);
        instance.events.push(event);
    }
    written.map(drop)
}

/// Writes what waits. What cannot be written waits on.
pub async fn flush<H: Host>(host: &H, instance: &Instance, settings: &Settings) -> Result<(), SqlError> {
    let key = &settings.audit;
    instance
        .events
        .drain(async |events| append(host, key, events).await.map(drop))
        .await
}
