//! Admission: a key's windows, counted in leases, and the claim to what can be used once.

use crate::event::Event;
use crate::gate::unavailable;
use crate::ports::{Host, RECORDS};
use admission::{Claim, Leases, Limit, Limited, Outcome, Rate, Release, Window, Won};
use identity::KeyRecord;
use problem::Reason;

/// Counts the request in the key's windows. It comes after the signature: nobody can use up a key's windows without it.
pub fn count(
    host: &impl Host,
    leases: &Leases,
    key: &KeyRecord,
    now: u64,
    event: &mut Event,
) -> Result<Result<Rate, Limited>, Reason> {
    let (minute, day) = (key.limits.per_minute, key.limits.per_day);
    let limits: Vec<Limit> = [(Window::Minute, minute), (Window::Day, day)]
        .into_iter()
        .filter_map(|(window, limit)| Some((window, limit?)))
        .collect();
    let increment = |name: &str, delta| host.increment(RECORDS, name, delta);
    leases
        .count(&key.public_key, &limits, now, increment)
        .map_err(|e| unavailable(e, event))
}

/// Takes the claim to what can be used once. Whoever holds [`Won`] is the only one who may send the picture.
pub async fn claim(host: &impl Host, claim: Claim, event: &mut Event) -> Result<Won, Reason> {
    let stored = host
        .get(RECORDS, &claim.generation_name())
        .await
        .map_err(|e| unavailable(e, event))?;
    let Some(attempt) = claim.attempt(stored.as_deref()) else {
        return Err(unavailable("a claim's generation is not one", event));
    };
    // Asked once: an increment whose answer was lost may have been counted.
    let count = host.increment(RECORDS, &attempt.counter(), 1);
    if let Err(error) = &count {
        event.detail = Some(error.to_string());
    }
    match attempt.decide(count.ok()) {
        Outcome::Won(won) => Ok(won),
        Outcome::Gone => Err(Reason::Gone),
        Outcome::Unknown => Err(Reason::Unavailable),
    }
}

/// Gives a claim back after a failure, before any byte of the picture was sent. Where that fails the URL stays used.
pub async fn release(host: &impl Host, won: Won, event: &mut Event) {
    if let Some(Release { name, value }) = won.release()
        && let Err(error) = host.set(RECORDS, &name, &value).await
    {
        event.detail = Some(format!("a claim was not given back: {error}"));
    }
}
