//! Many answers with 403 or 410 within an hour.

use crate::{Name, Signal};
use serde::{Deserialize, Serialize};

/// Milliseconds of one window: an hour of the clock.
const HOUR: u64 = 3_600_000;

/// The refusals of an hour of the clock.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusals {
    hour: u64,
    requests: u32,
    refused: u32,
}

impl Refusals {
    /// Takes an answer at `at`, in Unix milliseconds.
    pub fn observe(&mut self, refused: bool, at: u64) {
        if at / HOUR > self.hour {
            *self = Self {
                hour: at / HOUR,
                ..Self::default()
            };
        }
        self.requests = self.requests.saturating_add(1);
        self.refused = self.refused.saturating_add(refused.into());
    }

    /// Fifty that are half of all, or two hundred that are four fifths.
    pub fn signal(&self) -> Option<Signal> {
        let share = |of: u64, in_all: u64| u64::from(self.refused) * in_all >= u64::from(self.requests) * of;
        let points = match self.refused {
            200.. if share(4, 5) => 70,
            50.. if share(1, 2) => 50,
            _ => return None,
        };
        Some(Signal {
            name: Name::ManyRefusals,
            points,
            words: format!(
                "{} of {} requests within an hour were answered with 403 or 410",
                self.refused, self.requests
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(refused: u32, served: u32) -> Option<u32> {
        let mut refusals = Refusals::default();
        (0..served).for_each(|_| refusals.observe(false, 7));
        (0..refused).for_each(|_| refusals.observe(true, 7));
        refusals.signal().map(|signal| signal.points)
    }

    #[test]
    fn a4_thresholds() {
        assert_eq!(points(49, 0), None);
        assert_eq!(points(50, 51), None);
        assert_eq!(points(50, 50), Some(50));
        assert_eq!(points(199, 0), Some(50));
        assert_eq!(points(200, 50), Some(70));
        assert_eq!(points(200, 51), Some(50));
    }

    #[test]
    fn the_next_hour_begins_anew() {
        let mut refusals = Refusals::default();
        (0..99).for_each(|_| refusals.observe(true, HOUR - 1));
        assert!(refusals.signal().is_some());
        refusals.observe(true, HOUR);
        assert_eq!(refusals.signal(), None);
    }
}
