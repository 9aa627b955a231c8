//! Many requests after a long pause.

use crate::{Name, Signal};
use serde::{Deserialize, Serialize};

/// Milliseconds without a request that are a pause: 7 days.
const PAUSE: u64 = 7 * 86_400_000;
/// Milliseconds after the pause that are watched: 10 minutes.
const WATCHED: u64 = 600_000;
/// Requests in that time that are a burst.
const MANY: u32 = 120;

/// The last pause of a client and what came after it.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    last: u64,
    pause: u64,
    began: u64,
    requests: u32,
}

impl Burst {
    /// Takes a request at `at`, in Unix milliseconds.
    pub fn observe(&mut self, at: u64) {
        let idle = at.saturating_sub(self.last);
        if self.last > 0 && idle >= PAUSE {
            (self.pause, self.began, self.requests) = (idle, at, 0);
        }
        if self.pause > 0 && at.saturating_sub(self.began) < WATCHED {
            self.requests = self.requests.saturating_add(1);
        }
        self.last = at.max(self.last);
    }

    /// The burst, as long as it is watched.
    pub fn signal(&self, at: u64) -> Option<Signal> {
        let now = self.pause > 0 && at.saturating_sub(self.began) < WATCHED && self.requests >= MANY;
        now.then(|| Signal {
            name: Name::BurstAfterIdleness,
            points: 50,
            words: format!(
                "{} requests in 10 minutes after {} days without one",
                self.requests,
                self.pause / 86_400_000
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pause: u64, requests: u32) -> Option<Signal> {
        let mut burst = Burst::default();
        burst.observe(1);
        (0..requests).for_each(|i| burst.observe(1 + pause + u64::from(i)));
        burst.signal(1 + pause + u64::from(requests))
    }

    #[test]
    fn a4_a_burst_needs_the_pause_and_the_number() {
        assert_eq!(after(PAUSE, MANY - 1), None);
        assert_eq!(after(PAUSE - 1, MANY), None);
        let signal = after(PAUSE, MANY).unwrap();
        assert_eq!(
            (signal.points, signal.words.as_str()),
            (50, "120 requests in 10 minutes after 7 days without one")
        );
    }

    #[test]
    fn a_busy_client_s_first_day_is_no_burst() {
        let mut burst = Burst::default();
        (1..10_000).for_each(|at| burst.observe(at));
        assert_eq!(burst.signal(10_000), None);
    }
}
