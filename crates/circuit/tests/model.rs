//! Whatever happens in whatever order: the promises that the breaker and the budget make.

use circuit::{Breaker, COOL_DOWN, RetryBudget, THRESHOLD};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Ask,
    /// Settles one of the requests under way.
    Answer(usize, bool, u16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..2 * COOL_DOWN).prop_map(Step::Wait),
        (0..50u64).prop_map(Step::Wait),
        Just(Step::Ask),
        Just(Step::Ask),
        (any::<usize>(), any::<bool>(), any::<u16>())
            .prop_map(|(which, alive, jitter)| Step::Answer(which, alive, jitter)),
        (any::<usize>(), Just(false), any::<u16>())
            .prop_map(|(which, alive, jitter)| Step::Answer(which, alive, jitter)),
    ]
}

/// What is known from outside: who is under way, and when the circuit was last seen to open.
#[derive(Default)]
struct Seen {
    now: u64,
    /// Requests under way, with the number of changes that had been seen when they were admitted.
    under_way: Vec<(circuit::Permit, u32)>,
    changes: u32,
    failures: u32,
    opened: Option<u64>,
    probing: Option<u64>,
}

proptest! {
    #[test]
    fn an_open_circuit_is_silent_and_a_half_open_one_asks_once(steps in prop::collection::vec(step(), 0..200)) {
        let (mut breaker, mut seen) = (Breaker::default(), Seen::default());
        for step in steps {
            match step {
                Step::Wait(time) => seen.now += time,
                Step::Ask => {
                    let check = breaker.check(seen.now);
                    let admitted = breaker.admit(seen.now);
                    prop_assert_eq!(check.is_ok(), admitted.is_ok());
                    match (admitted, seen.opened) {
                        (Ok(permit), None) => seen.under_way.push((permit, seen.changes)),
                        (Err(_), None) => prop_assert!(false, "a closed circuit refused"),
                        (Ok(permit), Some(at)) => {
                            prop_assert!(seen.now >= at + COOL_DOWN, "asked while it cools down");
                            prop_assert!(seen.probing.is_none_or(|since| seen.now >= since + 30_000), "two probes");
                            seen.probing = Some(seen.now);
                            seen.changes += 1;
                            seen.under_way.push((permit, seen.changes));
                        }
                        (Err(refused), Some(at)) => {
                            prop_assert!(refused.retry_after > 0);
                            prop_assert!(
                                seen.probing.is_some() || seen.now < at + COOL_DOWN * 3 / 2,
                                "a circuit that does not try again"
                            );
                        }
                    }
                }
                Step::Answer(which, alive, jitter) => {
                    if seen.under_way.is_empty() {
                        continue;
                    }
                    let (permit, change) = seen.under_way.swap_remove(which % seen.under_way.len());
                    breaker.settle(permit, alive, seen.now, jitter);
                    if change != seen.changes {
                        continue;
                    }
                    seen.failures = if alive { 0 } else { seen.failures + 1 };
                    if alive && seen.opened.is_some() {
                        (seen.opened, seen.probing) = (None, None);
                        seen.changes += 1;
                    } else if !alive && (seen.opened.is_some() || seen.failures >= THRESHOLD) {
                        (seen.opened, seen.probing) = (Some(seen.now), None);
                        seen.changes += 1;
                    }
                }
            }
        }
    }

    /// An origin that stays down is asked a few times, and then once for each time that the circuit has cooled down.
    #[test]
    fn a_dead_origin_is_left_alone(gaps in prop::collection::vec(0..200u64, 1..500), jitter in any::<u16>()) {
        let (mut breaker, mut now, mut asked) = (Breaker::default(), 0, 0);
        for gap in gaps {
            now += gap;
            if let Ok(permit) = breaker.admit(now) {
                asked += 1;
                breaker.settle(permit, false, now, jitter);
            }
        }
        prop_assert!(asked <= u64::from(THRESHOLD) + now / COOL_DOWN, "{asked} in {now} ms");
    }

    #[test]
    fn attempts_stay_below_eleven_tenths_of_the_requests(fails in prop::collection::vec(any::<bool>(), 0..400)) {
        let (mut budget, mut attempts) = (RetryBudget::default(), 0);
        for (requests, fails) in (1..).zip(fails) {
            budget.pay();
            attempts += 1;
            if fails && budget.take() {
                attempts += 1;
            }
            prop_assert!(attempts * 10 <= requests * 11, "{attempts} for {requests}");
        }
    }
}
