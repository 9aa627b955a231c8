//! Admission: a key's windows, counted in leases, and the claim to what can be used once.

use crate::event::Event;
use crate::gate::unavailable;
use crate::ports::Host;
use crate::respond::Answer;
use admission::{Claim, Decision, Lease, Outcome, Release, Spend, Window, Won};
use identity::KeyRecord;
use problem::Reason;
use std::collections::HashMap;
use std::sync::Mutex;

/// Keys that an instance remembers leases of. Beyond that it forgets all of them, and what they hold.
const MAX_KEYS: usize = 1024;

/// The leases of one instance: see [`Lease`].
#[derive(Default)]
pub struct Leases(Mutex<HashMap<(String, Window), (u64, Lease)>>);

impl Leases {
    /// Works on a key's lease of a window; a new one where there is none for this limit.
    fn with<R>(&self, key: &KeyRecord, at: &Counted, work: impl FnOnce(&mut Lease) -> R) -> R {
        // A lock is poisoned by a panic, and a panic ends the instance.
        let mut leases = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if leases.len() >= MAX_KEYS {
            leases.clear();
        }
        let fresh = || (at.limit, Lease::new(at.window, at.limit));
        let entry = leases.entry((key.public_key.clone(), at.window)).or_insert_with(fresh);
        if entry.0 != at.limit {
            *entry = fresh();
        }
        work(&mut entry.1)
    }
}

/// Limits and what is left of them, as response headers.
#[derive(Default)]
pub struct RateHeaders(Vec<(&'static str, u64)>);

impl RateHeaders {
    /// Adds them to an answer.
    pub fn write(&self, answer: &mut Answer) {
        for (name, value) in &self.0 {
            answer.header(name, value.to_string());
        }
    }
}

/// A request beyond a limit: what is left, and for how many seconds it need not be tried again.
pub struct Limited {
    /// The headers that say so.
    pub rate: RateHeaders,
    /// Seconds until the window ends.
    pub retry_after: u64,
}

/// One of a key's windows.
struct Counted {
    window: Window,
    limit: u64,
    headers: [&'static str; 2],
}

const MINUTE_HEADERS: [&str; 2] = ["x-ratelimit-limit-minute", "x-ratelimit-remaining-minute"];
const DAY_HEADERS: [&str; 2] = ["x-ratelimit-limit-day", "x-ratelimit-remaining-day"];

/// Counts the request in the key's windows. It comes after the signature: nobody can use up a key's windows without it.
pub fn count(
    host: &impl Host,
    leases: &Leases,
    key: &KeyRecord,
    now: u64,
    event: &mut Event,
) -> Result<Result<RateHeaders, Limited>, Reason> {
    let (minute, day) = (key.limits.per_minute, key.limits.per_day);
    let windows: Vec<Counted> = [
        (Window::Minute, minute, MINUTE_HEADERS),
        (Window::Day, day, DAY_HEADERS),
    ]
    .into_iter()
    .filter_map(|(window, limit, headers)| {
        Some(Counted {
            window,
            limit: limit?,
            headers,
        })
    })
    .collect();
    let mut rate = RateHeaders::default();
    let mut counted: Vec<&Counted> = Vec::with_capacity(windows.len());
    for at in &windows {
        let decision = match leases.with(key, at, |lease| lease.spend(now)) {
            Spend::Decided(decision) => decision,
            Spend::Increment(block) => {
                let count = host.increment(&block.counter(&key.public_key), block.size());
                let count = count.map_err(|e| unavailable(e, event))?;
                leases.with(key, at, |lease| lease.take(block, count))
            }
        };
        let remaining = match decision {
            Decision::Admit { remaining } => Ok(remaining),
            Decision::Refuse { retry_after } => Err(retry_after),
        };
        rate.0
            .extend([(at.headers[0], at.limit), (at.headers[1], remaining.unwrap_or(0))]);
        if let Err(retry_after) = remaining {
            counted
                .iter()
                .for_each(|earlier| leases.with(key, earlier, |lease| lease.give_back(now)));
            rate.0.push(("x-ratelimit-reset", Window::Minute.ends(now)));
            return Ok(Err(Limited { rate, retry_after }));
        }
        counted.push(at);
    }
    if !windows.is_empty() {
        rate.0.push(("x-ratelimit-reset", Window::Minute.ends(now)));
    }
    Ok(Ok(rate))
}

/// Takes the claim to what can be used once. Whoever holds [`Won`] is the only one who may send the picture.
pub async fn claim(host: &impl Host, claim: Claim, event: &mut Event) -> Result<Won, Reason> {
    let stored = host
        .get(&claim.generation_name())
        .await
        .map_err(|e| unavailable(e, event))?;
    let Some(attempt) = claim.attempt(stored.as_deref()) else {
        return Err(unavailable("a claim's generation is not one", event));
    };
    // Asked once: an increment whose answer was lost may have been counted.
    let count = host.increment(&attempt.counter(), 1);
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
        && let Err(error) = host.set(&name, &value).await
    {
        event.detail = Some(format!("a claim was not given back: {error}"));
    }
}
