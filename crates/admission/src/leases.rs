use crate::{Decision, Lease, Spend, Window};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names that an instance remembers leases of. Beyond that it forgets all of them, and what they hold.
const MAX_NAMES: usize = 1024;

/// The leases of one instance, by what is limited: see [`Lease`].
#[derive(Default)]
pub struct Leases(Mutex<HashMap<(String, Window), (u64, Lease)>>);

/// A window, and how many requests it has room for.
pub type Limit = (Window, u64);

/// Limits and what is left of them, as response headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rate(Vec<(&'static str, u64)>);

/// A request beyond a limit: what is left, and for how many seconds it need not be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    /// The headers that say so.
    pub rate: Rate,
    /// Seconds until the window ends.
    pub retry_after: u64,
}

impl Leases {
    /// Counts a request at `now` (Unix seconds) in the windows of `name`: admitted is what every window admits, so none of them is
    /// ever passed. It costs at most one write for each window, and with two limits about one altogether: a day's lease doubles
    /// with what was spent, so that an instance writes to it for its first request and a few more. (One write that counted in both
    /// would need one counter that knows the day and begins anew every minute, which no increment can do.) `increment` adds to a counter in one step and gives
    /// its new value; its error ends the count, and what it may have counted is not asked again.
    pub fn count<E>(
        &self,
        name: &str,
        limits: &[Limit],
        now: u64,
        mut increment: impl FnMut(&str, i64) -> Result<i64, E>,
    ) -> Result<Result<Rate, Limited>, E> {
        let mut rate = Rate::default();
        for (counted, limit) in limits.iter().enumerate() {
            let decision = match self.with(name, *limit, |lease| lease.spend(now)) {
                Spend::Decided(decision) => decision,
                Spend::Increment(block) => {
                    let count = increment(&block.counter(name), block.size())?;
                    self.with(name, *limit, |lease| lease.take(block, count))
                }
            };
            let remaining = match decision {
                Decision::Admit { remaining } => remaining,
                Decision::Refuse { .. } => 0,
            };
            rate.push(*limit, remaining);
            if let Decision::Refuse { retry_after } = decision {
                self.give_back(name, limits.get(..counted).unwrap_or_default(), now);
                rate.0.push(("x-ratelimit-reset", Window::Minute.ends(now)));
                return Ok(Err(Limited { rate, retry_after }));
            }
        }
        if !limits.is_empty() {
            rate.0.push(("x-ratelimit-reset", Window::Minute.ends(now)));
        }
        Ok(Ok(rate))
    }

    /// Gives back what a request that was counted at `now` took from these windows.
    pub fn give_back(&self, name: &str, limits: &[Limit], now: u64) {
        for limit in limits {
            self.with(name, *limit, |lease| lease.give_back(now));
        }
    }

    /// Works on the lease of a window; a new one where there is none for this limit.
    fn with<R>(&self, name: &str, (window, limit): Limit, work: impl FnOnce(&mut Lease) -> R) -> R {
        // A lock is poisoned by a panic, and a panic ends the instance.
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.len() >= MAX_NAMES {
            leases.clear();
        }
        let fresh = || (limit, Lease::new(window, limit));
        let entry = leases.entry((name.to_owned(), window)).or_insert_with(fresh);
        if entry.0 != limit {
            *entry = fresh();
        }
        work(&mut entry.1)
    }
}

impl Rate {
    /// Header names in lower case, and values.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().copied()
    }

    fn push(&mut self, (window, limit): Limit, remaining: u64) {
        let [of, left] = match window {
            Window::Minute => ["x-ratelimit-limit-minute", "x-ratelimit-remaining-minute"],
            Window::Day => ["x-ratelimit-limit-day", "x-ratelimit-remaining-day"],
        };
        self.0.extend([(of, limit), (left, remaining)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// Counts against counters in memory.
    fn count(leases: &Leases, store: &mut HashMap<String, i64>, limits: &[Limit], now: u64) -> Result<Rate, Limited> {
        let increment = |name: &str, delta| {
            let counter = store.entry(name.to_owned()).or_default();
            *counter += delta;
            Ok::<_, Infallible>(*counter)
        };
        let Ok(counted) = leases.count("client", limits, now, increment);
        counted
    }

    #[test]
    fn both_windows_are_counted_and_said() {
        let (leases, mut store) = (Leases::default(), HashMap::new());
        let limits = [(Window::Minute, 2), (Window::Day, 3)];
        let rate = count(&leases, &mut store, &limits, 60).unwrap();
        let expected = [
            ("x-ratelimit-limit-minute", 2),
            ("x-ratelimit-remaining-minute", 1),
            ("x-ratelimit-limit-day", 3),
            ("x-ratelimit-remaining-day", 2),
            ("x-ratelimit-reset", 120),
        ];
        assert!(rate.headers().eq(expected));
        assert!(count(&leases, &mut store, &limits, 60).is_ok());
        assert_eq!(count(&leases, &mut store, &limits, 61).unwrap_err().retry_after, 59);
        assert!(count(&leases, &mut store, &limits, 120).is_ok());
        assert_eq!(
            count(&leases, &mut store, &limits, 120).unwrap_err().retry_after,
            86_280
        );
    }

    #[test]
    fn what_the_day_refuses_is_not_taken_from_the_minute() {
        let (leases, mut store) = (Leases::default(), HashMap::new());
        let limits = [(Window::Minute, 2), (Window::Day, 1)];
        assert!(count(&leases, &mut store, &limits, 0).is_ok());
        assert!(count(&leases, &mut store, &limits, 0).is_err());
        assert!(count(&leases, &mut store, &limits[..1], 0).is_ok());
    }

    #[test]
    fn what_is_given_back_can_be_spent_again() {
        let (leases, mut store) = (Leases::default(), HashMap::new());
        let limits = [(Window::Minute, 1)];
        for _ in 0..3 {
            assert!(count(&leases, &mut store, &limits, 0).is_ok());
            leases.give_back("client", &limits, 0);
        }
        assert!(count(&leases, &mut store, &limits, 0).is_ok());
        assert!(count(&leases, &mut store, &limits, 0).is_err());
    }

    #[test]
    fn a_store_that_does_not_answer_ends_the_count() {
        let counted = Leases::default().count("client", &[(Window::Minute, 9)], 0, |_, _| Err("down"));
        assert_eq!(counted, Err("down"));
    }

    #[test]
    fn a_day_beside_a_minute_costs_few_writes_more() {
        let (leases, limits, mut writes) = (Leases::default(), [(Window::Minute, 60), (Window::Day, 10_000)], 0);
        let mut store = HashMap::<String, i64>::new();
        for request in 0..128 {
            let counted = leases.count("client", &limits, request * 2, |name, delta| {
                writes += 1;
                let counter = store.entry(name.to_owned()).or_default();
                *counter += delta;
                Ok::<_, Infallible>(*counter)
            });
            assert!(matches!(counted, Ok(Ok(_))));
        }
        assert_eq!(writes, 128 + 8);
    }

    proptest! {
        /// Many instances that start and stop, answers that are lost, a clock that goes on: no window is passed.
        #[test]
        fn r8_no_window_of_two_is_passed(
            minute in 1u64..20, day in 1u64..60,
            events in proptest::collection::vec((0usize..4, 0u64..40, 0u8..10), 1..300),
        ) {
            let limits = [(Window::Minute, minute), (Window::Day, day)];
            let mut instances: [Leases; 4] = Default::default();
            let (mut store, mut now) = (HashMap::<String, i64>::new(), 86_400 - 200);
            let mut admitted = HashMap::<(Window, u64), u64>::new();
            for (instance, later, chance) in events {
                // Mostly many requests within a few seconds.
                now += later.saturating_sub(35) * 7;
                if chance == 0 {
                    instances[instance] = Leases::default();
                }
                let counted = instances[instance].count("client", &limits, now, |name, delta| {
                    let counter = store.entry(name.to_owned()).or_default();
                    *counter += delta;
                    if chance == 1 { Err("lost") } else { Ok(*counter) }
                });
                if matches!(counted, Ok(Ok(_))) {
                    for (window, limit) in limits {
                        let count = admitted.entry((window, window.number(now))).or_default();
                        *count += 1;
                        prop_assert!(*count <= limit, "{:?}: {} admitted of {}", window, count, limit);
                    }
                }
            }
        }
    }
}
