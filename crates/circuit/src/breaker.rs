/// Failures in a row after which the circuit opens.
pub const THRESHOLD: u32 = 5;

/// How long it stays open at least, in milliseconds. Jitter adds up to half of it, so that instances which saw the same outage
/// do not all come back in the same moment.
pub const COOL_DOWN: u64 = 5_000;

/// A probe that was never settled, because its request was given up, blocks the next one no longer than this.
const PROBE: u64 = 30_000;

/// A circuit breaker for one origin (M. Nygard, Release It!, "Circuit Breaker"): closed while the origin answers, open after
/// [`THRESHOLD`] failures in a row, half open when it has cooled down: then one request at a time finds out whether the
/// origin is back, and everybody else is still refused, so that a recovering origin meets no herd.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breaker {
    state: State,
    /// Changes with each change of state: the outcome of a request that was admitted before says nothing of now.
    generation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: u64 },
    HalfOpen { since: u64 },
}

impl Default for State {
    fn default() -> Self {
        State::Closed { failures: 0 }
    }
}

/// Leave to ask the origin once. It is handed back with the outcome.
#[derive(Debug)]
#[must_use = "the outcome belongs to the breaker"]
pub struct Permit {
    generation: u64,
}

/// The origin is left alone for so many milliseconds more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Milliseconds, at least 1.
    pub retry_after: u64,
}

impl Breaker {
    /// Whether a request at `now` would be refused. Nothing changes.
    pub fn check(&self, now: u64) -> Result<(), Refused> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until } => left(until, now, COOL_DOWN.saturating_add(COOL_DOWN / 2)),
            State::HalfOpen { since } => left(since.saturating_add(PROBE), now, PROBE),
        }
    }

    /// Admits a request at `now`, or refuses it.
    pub fn admit(&mut self, now: u64) -> Result<Permit, Refused> {
        self.check(now)?;
        if !matches!(self.state, State::Closed { .. }) {
            self.enter(State::HalfOpen { since: now });
        }
        Ok(Permit {
            generation: self.generation,
        })
    }

    /// Takes the outcome of an admitted request: whether the origin showed itself alive. `jitter` is any random number.
    pub fn settle(&mut self, permit: Permit, alive: bool, now: u64, jitter: u16) {
        if permit.generation != self.generation {
            return;
        }
        match self.state {
            State::Closed { .. } if alive => self.state = State::default(),
            State::Closed { failures } if failures.saturating_add(1) < THRESHOLD => {
                self.state = State::Closed {
                    failures: failures.saturating_add(1),
                };
            }
            _ if alive => self.enter(State::default()),
            _ => {
                let extra = (COOL_DOWN / 2).saturating_mul(u64::from(jitter)) >> 16;
                let until = now.saturating_add(COOL_DOWN).saturating_add(extra);
                self.enter(State::Open { until });
            }
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation = self.generation.wrapping_add(1);
    }
}

/// Refuses until `end`. A clock that was set back shows by more than `longest` being left: then nothing holds any more.
fn left(end: u64, now: u64, longest: u64) -> Result<(), Refused> {
    match end.saturating_sub(now) {
        retry_after if (1..=longest).contains(&retry_after) => Err(Refused { retry_after }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &mut Breaker, now: u64) {
        let permit = breaker.admit(now).unwrap();
        breaker.settle(permit, false, now, 0);
    }

    fn open(now: u64) -> Breaker {
        let mut breaker = Breaker::default();
        (0..THRESHOLD).for_each(|_| fail(&mut breaker, now));
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_success_between_them_does_not() {
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            (1..THRESHOLD).for_each(|_| fail(&mut breaker, 0));
            let permit = breaker.admit(0).unwrap();
            breaker.settle(permit, true, 0, 0);
        }
        assert_eq!(breaker.check(0), Ok(()));
        assert_eq!(open(7).check(7), Err(Refused { retry_after: COOL_DOWN }));
    }

    #[test]
    fn half_open_lets_one_request_through_and_its_outcome_decides() {
        let mut breaker = open(0);
        assert_eq!(breaker.check(COOL_DOWN - 1), Err(Refused { retry_after: 1 }));
        let probe = breaker.admit(COOL_DOWN).unwrap();
        assert!(breaker.admit(COOL_DOWN).is_err(), "a second probe");
        breaker.settle(probe, false, COOL_DOWN + 10, 0);
        assert_eq!(breaker.check(COOL_DOWN + 10), Err(Refused { retry_after: COOL_DOWN }));

        let probe = breaker.admit(3 * COOL_DOWN).unwrap();
        breaker.settle(probe, true, 3 * COOL_DOWN, 0);
        let everybody: Vec<_> = (0..10).map(|_| breaker.admit(3 * COOL_DOWN).unwrap()).collect();
        assert_eq!(everybody.len(), 10);
    }

    #[test]
    fn jitter_spreads_the_instances() {
        let until = |jitter| {
            let mut breaker = Breaker::default();
            for _ in 0..THRESHOLD {
                let permit = breaker.admit(0).unwrap();
                breaker.settle(permit, false, 0, jitter);
            }
            breaker.check(0).unwrap_err().retry_after
        };
        assert_eq!(until(0), COOL_DOWN);
        assert_eq!(until(0x8000), COOL_DOWN + COOL_DOWN / 4);
        assert!((COOL_DOWN + COOL_DOWN / 2 - 1..=COOL_DOWN + COOL_DOWN / 2).contains(&until(u16::MAX)));
    }

    #[test]
    fn what_was_asked_before_says_nothing_of_now() {
        let mut breaker = Breaker::default();
        let (late, later) = (breaker.admit(0).unwrap(), breaker.admit(0).unwrap());
        (0..THRESHOLD).for_each(|_| fail(&mut breaker, 0));
        breaker.settle(late, true, 1, 0);
        assert!(breaker.check(1).is_err(), "a success from before the outage closed it");
        let probe = breaker.admit(COOL_DOWN).unwrap();
        breaker.settle(probe, true, COOL_DOWN, 0);
        let before = breaker.clone();
        breaker.settle(later, false, COOL_DOWN, 0);
        assert_eq!(breaker, before);
    }

    #[test]
    fn a_probe_that_was_given_up_and_a_clock_set_back_do_not_lock_it() {
        let mut breaker = open(1_000_000);
        assert_eq!(breaker.check(0), Ok(()), "the clock was set back");
        let _given_up = breaker.admit(1_000_000 + COOL_DOWN).unwrap();
        assert!(breaker.admit(1_000_000 + COOL_DOWN + PROBE - 1).is_err());
        let probe = breaker.admit(1_000_000 + COOL_DOWN + PROBE).unwrap();
        breaker.settle(probe, true, 0, 0);
        assert_eq!(breaker.check(0), Ok(()));
    }

    #[test]
    fn the_end_of_time_is_no_trap() {
        let mut breaker = open(u64::MAX);
        assert_eq!(breaker.check(u64::MAX), Ok(()));
        fail(&mut breaker, u64::MAX);
    }
}
