use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const NOW: u64 = 1_700_000_020;

/// One request, alone with the store; whether it was admitted, and how many writes it took.
fn request(lease: &mut Lease, counters: &mut BTreeMap<String, i64>, now: u64) -> (Decision, u64) {
    match lease.spend(now) {
        Spend::Decided(decision) => (decision, 0),
        Spend::Increment(block) => {
            let counter = counters.entry(block.counter("pk_a")).or_default();
            *counter += block.size();
            (lease.take(block, *counter), 1)
        }
    }
}

fn is_admitted(decision: Decision) -> bool {
    matches!(decision, Decision::Admit { .. })
}

#[test]
fn r8_one_instance_admits_the_limit_with_fewer_writes() {
    for (limit, most_writes) in [(0, 0), (1, 1), (60, 60), (127, 127), (600, 242), (10_000, 460)] {
        let (mut lease, mut counters) = (Lease::new(Window::Minute, limit), BTreeMap::new());
        let results: Vec<_> = (0..10 * limit + 1)
            .map(|_| request(&mut lease, &mut counters, NOW))
            .collect();
        let (admitted, refused) = results.split_at(limit as usize);
        for (index, (decision, _)) in admitted.iter().enumerate() {
            let remaining = limit - 1 - index as u64;
            assert_eq!(*decision, Decision::Admit { remaining }, "limit {limit}");
        }
        assert!(
            refused
                .iter()
                .all(|result| *result == (Decision::Refuse { retry_after: 20 }, 0))
        );
        let writes: u64 = results.iter().map(|(_, writes)| writes).sum();
        assert!(writes <= most_writes, "limit {limit}: {writes} writes");
        assert_eq!(lease.full(NOW), Some(20));
        assert_eq!(lease.full(NOW + 20), (limit == 0).then_some(60));
    }
}

#[test]
fn r8_instances_that_serve_one_request_strand_nothing() {
    let mut counters = BTreeMap::new();
    let mut admit = || is_admitted(request(&mut Lease::new(Window::Day, 1000), &mut counters, NOW).0);
    assert_eq!((0..2000).filter(|_| admit()).count(), 1000);
}

#[test]
fn every_window_begins_anew() {
    let (mut lease, mut counters) = (Lease::new(Window::Minute, 2), BTreeMap::new());
    for (now, expected) in [
        (NOW, true),
        (NOW, true),
        (NOW + 19, false),
        (NOW + 20, true),
        (NOW + 20, true),
        (NOW + 20, false),
        // The clock goes back: that window is as full as it was.
        (NOW, false),
    ] {
        let (decision, _) = request(&mut lease, &mut counters, now);
        assert_eq!(is_admitted(decision), expected, "{now}");
    }
    assert_eq!(
        request(&mut lease, &mut counters, NOW + 19).0,
        Decision::Refuse { retry_after: 1 }
    );
}

#[test]
fn a_unit_given_back_is_spent_without_a_write() {
    let (mut lease, mut counters) = (Lease::new(Window::Day, 1), BTreeMap::new());
    assert!(is_admitted(request(&mut lease, &mut counters, NOW).0));
    lease.give_back(NOW);
    assert_eq!(lease.full(NOW), None);
    assert_eq!(
        request(&mut lease, &mut counters, NOW),
        (Decision::Admit { remaining: 0 }, 0)
    );
    lease.give_back(NOW + 86_400);
    assert!(!is_admitted(request(&mut lease, &mut counters, NOW).0));
}

#[test]
fn a_broken_counter_admits_nothing() {
    for count in [-1, i64::MIN, i64::MAX, 11] {
        let mut lease = Lease::new(Window::Minute, 10);
        let block = ask(&mut lease, NOW);
        assert_eq!(
            lease.take(block, count),
            Decision::Refuse { retry_after: 20 },
            "{count}"
        );
        assert_eq!(lease.full(NOW), Some(20), "{count}");
    }
}

fn ask(lease: &mut Lease, now: u64) -> Block {
    match lease.spend(now) {
        Spend::Increment(block) => block,
        Spend::Decided(decision) => panic!("{decision:?}"),
    }
}

#[test]
fn answers_may_come_in_any_order() {
    let mut lease = Lease::new(Window::Minute, 2);
    let (first, second) = (ask(&mut lease, NOW), ask(&mut lease, NOW));
    assert_eq!(lease.take(second, 2), Decision::Admit { remaining: 0 });
    assert_eq!(lease.take(first, 1), Decision::Admit { remaining: 1 });
    assert_eq!(lease.full(NOW), Some(20));
}

#[test]
fn units_stay_in_the_window_they_were_taken_from() {
    let mut lease = Lease::new(Window::Minute, 640);
    lease.spent = 1000;
    let late = ask(&mut lease, NOW);
    assert_eq!(late.size(), 10);
    let next = ask(&mut lease, NOW + 20);
    assert_eq!(lease.take(late, 10), Decision::Admit { remaining: 639 });
    assert_eq!((lease.units, lease.rest), (0, 640));
    assert_eq!(lease.take(next, 640), Decision::Admit { remaining: 9 });
    assert_eq!((lease.units, lease.rest), (9, 0));
}

#[test]
fn a_block_stays_below_its_share_and_what_was_spent() {
    let mut lease = Lease::new(Window::Minute, u64::MAX);
    for (spent, size) in [(0, 1), (1, 1), (2, 2), (u64::MAX, u32::MAX)] {
        lease.spent = spent;
        let block = ask(&mut lease, NOW);
        assert_eq!(block.size(), i64::from(size));
    }
    for (limit, size) in [(127, 1), (128, 2), (640, 10)] {
        let mut lease = Lease::new(Window::Minute, limit);
        lease.spent = 1000;
        let block = ask(&mut lease, NOW);
        assert_eq!(block.size(), size);
    }
}

/// What may happen next, anywhere.
#[derive(Debug, Clone)]
enum Event {
    /// A request comes to an instance whose clock says so.
    Ask(prop::sample::Index, u64),
    /// The store does one of the increments that it was asked for, and the answer arrives.
    Answer(prop::sample::Index),
    /// The store does it, and the answer is lost.
    Lose(prop::sample::Index),
    /// An admitted request turns out to be refused elsewhere.
    GiveBack(prop::sample::Index),
    /// An instance stops, and another one takes its place.
    Restart(prop::sample::Index),
}

fn event() -> impl Strategy<Value = Event> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        12 => (index(), NOW - 30..NOW + 60).prop_map(|(instance, now)| Event::Ask(instance, now)),
        8 => index().prop_map(Event::Answer),
        1 => index().prop_map(Event::Lose),
        2 => index().prop_map(Event::GiveBack),
        1 => index().prop_map(Event::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn r8_never_more_than_the_limit_in_any_order(
        limit in prop_oneof![0u64..6, 100u64..400],
        experience in 0u64..50,
        events in prop::collection::vec(event(), 0..600),
    ) {
        let fresh = Lease { spent: experience, ..Lease::new(Window::Minute, limit) };
        let mut instances = [fresh.clone(), fresh.clone(), fresh.clone()];
        let mut counters: BTreeMap<String, i64> = BTreeMap::new();
        let mut asked: Vec<(usize, Block)> = Vec::new();
        // Instance and time of every request that is admitted and was not refused elsewhere.
        let mut admitted: Vec<(usize, u64)> = Vec::new();
        for event in events {
            match event {
                Event::Ask(instance, now) => {
                    let instance = instance.index(instances.len());
                    let full = instances[instance].full(now);
                    match instances[instance].spend(now) {
                        Spend::Decided(Decision::Admit { .. }) => {
                            prop_assert!(full.is_none());
                            admitted.push((instance, now));
                        }
                        Spend::Decided(Decision::Refuse { retry_after }) => {
                            prop_assert_eq!(Some(retry_after), full);
                            prop_assert_eq!((now + retry_after) % 60, 0);
                            prop_assert!((1..=60).contains(&retry_after));
                        }
                        Spend::Increment(block) => {
                            prop_assert!(block.size() >= 1 && full.is_none());
                            asked.push((instance, block));
                        }
                    }
                }
                Event::Answer(index) | Event::Lose(index) if !asked.is_empty() => {
                    let (instance, block) = asked.swap_remove(index.index(asked.len()));
                    let counter = counters.entry(block.counter("pk_a")).or_default();
                    *counter += block.size();
                    let now = block.asked;
                    if matches!(event, Event::Answer(_)) && is_admitted(instances[instance].take(block, *counter)) {
                        admitted.push((instance, now));
                    }
                }
                Event::GiveBack(index) if !admitted.is_empty() => {
                    let (instance, now) = admitted.swap_remove(index.index(admitted.len()));
                    if let Some(lease) = instances.get_mut(instance) {
                        lease.give_back(now);
                    }
                }
                Event::Restart(instance) => {
                    let instance = instance.index(instances.len());
                    instances[instance] = fresh.clone();
                    // Its requests end with it: nothing that it holds can be heard of or given back any more.
                    asked.retain(|(holder, _)| *holder != instance);
                    for (holder, _) in admitted.iter_mut().filter(|(holder, _)| *holder == instance) {
                        *holder = usize::MAX;
                    }
                }
                _ => {}
            }
            let mut by_window: BTreeMap<u64, u64> = BTreeMap::new();
            for (_, now) in &admitted {
                *by_window.entry(Window::Minute.number(*now)).or_default() += 1;
            }
            for (window, count) in by_window {
                prop_assert!(count <= limit, "window {window}: {count} admitted of {limit}");
            }
        }
    }
}

/// Over the first request of a lease, whose increment made the counter `count`.
fn decide(window: Window, limit: u64, count: i64, now: u64) -> Decision {
    let mut lease = Lease::new(window, limit);
    match lease.spend(now) {
        Spend::Decided(decision) => decision,
        Spend::Increment(block) => lease.take(block, count),
    }
}

#[test]
fn the_limit_itself_is_admitted_and_the_next_is_not() {
    assert_eq!(decide(Window::Minute, 60, 1, 0), Decision::Admit { remaining: 59 });
    assert_eq!(decide(Window::Minute, 60, 60, 0), Decision::Admit { remaining: 0 });
    assert_eq!(decide(Window::Minute, 60, 61, 59), Decision::Refuse { retry_after: 1 });
    assert_eq!(
        decide(Window::Day, 1, 2, 86_400),
        Decision::Refuse { retry_after: 86_400 }
    );
}

#[test]
fn a_limit_of_zero_and_a_broken_counter_admit_nothing() {
    assert!(matches!(decide(Window::Day, 0, 1, 5), Decision::Refuse { .. }));
    assert!(matches!(decide(Window::Day, 10, -1, 5), Decision::Refuse { .. }));
}
