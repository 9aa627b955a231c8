//! Work on the side: the log's old end, anomalies, webhooks.
//!
//! Nothing in a component runs by itself. What is due is done after an answer has gone out, by whichever instance finds it due
//! ([`tend`]); `POST /internal/chores`, a private route, does the same for a schedule of the deployment. A chore is claimed in the
//! database for the time that it may take, so that many hosts do it once, and one that died in the middle is followed by another.

use crate::context::Instance;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::sql::SqlError;
use crate::{anomalies, audit_log, traces, webhook};
use audit::Class;
use std::sync::atomic::Ordering;

/// Milliseconds between two looks of one instance at what is due.
const LOOK_EVERY: u64 = 1000;

/// A chore: its name in the table, how long one takes at most, and how long it then rests. Both in milliseconds.
struct Chore {
    name: &'static str,
    takes: u64,
    rests: u64,
}

const PRUNE: Chore = Chore {
    name: "prune",
    takes: 60_000,
    rests: 600_000,
};
const DETECT: Chore = Chore {
    name: "detect",
    takes: 30_000,
    rests: 1000,
};
const DELIVER: Chore = Chore {
    name: "deliver",
    takes: 60_000,
    rests: 1000,
};

/// Writes what waits for the log, and does what is due. Nobody waits for it: what fails is logged, and done again later.
pub async fn tend<H: Host>(host: &H, instance: &Instance, settings: &Settings) {
    if let Err(error) = audit_log::flush(host, instance, settings).await {
        host.log(&serde_json::json!({ "time": host.now(), "audit": error.to_string() }).to_string());
    }
    let (now, last) = (host.now(), instance.looked_at.load(Ordering::Relaxed));
    if now.saturating_sub(last) < LOOK_EVERY || !instance.migrated.load(Ordering::Relaxed) {
        return;
    }
    instance.looked_at.store(now, Ordering::Relaxed);
    if let Err(refusal) = all(host, settings).await {
        let detail = refusal.detail.unwrap_or_default();
        host.log(&serde_json::json!({ "time": host.now(), "chores": detail }).to_string());
    }
}

/// Does what is due.
pub async fn all<H: Host>(host: &H, settings: &Settings) -> Result<(), Refusal> {
    if claim(host, &DETECT).await? {
        anomalies::detect(host, settings).await?;
        rest(host, &DETECT).await?;
    }
    if claim(host, &DELIVER).await? {
        webhook::deliver(host, settings).await?;
        rest(host, &DELIVER).await?;
    }
    if claim(host, &PRUNE).await? {
        for class in Class::ALL {
            audit_log::prune(host, &settings.audit, class, host.now()).await?;
        }
        traces::prune(host, host.now()).await?;
        rest(host, &PRUNE).await?;
    }
    Ok(())
}

async fn claim<H: Host>(host: &H, chore: &Chore) -> Result<bool, SqlError> {
    let statement = "UPDATE chores SET due_at = $1 WHERE name = $2 AND due_at <= $3";
    let (now, until) = (host.now(), host.now().saturating_add(chore.takes));
    let changed = host
        .execute(statement, &[until.into(), chore.name.into(), now.into()])
        .await?;
    Ok(changed == 1)
}

async fn rest<H: Host>(host: &H, chore: &Chore) -> Result<(), SqlError> {
    let due = host.now().saturating_add(chore.rests);
    let statement = "UPDATE chores SET due_at = $1 WHERE name = $2";
    host.execute(statement, &[due.into(), chore.name.into()]).await?;
    Ok(())
}
