//! What an instance remembers of its origins: which of them are left alone for a while, and which may be asked twice.

use circuit::{Breaker, Permit, Refused, RetryBudget};
use std::collections::HashMap;
use std::sync::Mutex;

/// Origins that an instance remembers. Beyond that it forgets all of them.
const MAX_ORIGINS: usize = 256;

/// The circuits of one instance, by scheme and authority.
#[derive(Default)]
pub struct Circuits(Mutex<HashMap<String, (Breaker, RetryBudget)>>);

impl Circuits {
    /// Whether an origin would be left alone now. Nothing changes.
    pub fn check(&self, origin: &str, now: u64) -> Result<(), Refused> {
        self.with(origin, |breaker, _| breaker.check(now))
    }

    /// Asks for leave to send one request.
    pub fn admit(&self, origin: &str, now: u64) -> Result<Permit, Refused> {
        self.with(origin, |breaker, budget| {
            let permit = breaker.admit(now)?;
            budget.pay();
            Ok(permit)
        })
    }

    /// Whether the same request may be sent again.
    pub fn retry(&self, origin: &str, now: u64) -> bool {
        self.with(origin, |breaker, budget| breaker.check(now).is_ok() && budget.take())
    }

    /// Takes the outcome of a request.
    pub fn settle(&self, origin: &str, permit: Permit, alive: bool, now: u64, jitter: u16) {
        self.with(origin, |breaker, _| breaker.settle(permit, alive, now, jitter));
    }

    fn with<R>(&self, origin: &str, work: impl FnOnce(&mut Breaker, &mut RetryBudget) -> R) -> R {
        // A lock is poisoned by a panic, and a panic ends the instance.
        let mut circuits = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if circuits.len() >= MAX_ORIGINS && !circuits.contains_key(origin) {
            circuits.clear();
        }
        let (breaker, budget) = circuits.entry(origin.to_owned()).or_default();
        work(breaker, budget)
    }
}
