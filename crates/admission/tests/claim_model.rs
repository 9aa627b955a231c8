//! Every interleaving of several requests that use one URL at once, over a store that loses answers, applies late what it was
//! asked, and reads stale values: R1, R2, R3, R5 and K9 of the threat table, without a clock and without luck.
//!
//! A state is what the store holds, what it was asked and has not done yet, and where each request stands. The search visits
//! every state that can be reached. A request may stop for good at any point, as a trap would stop it.

use admission::{Attempt, Claim, Outcome, Release, Won};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a request asks of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Ask {
    Get(String),
    Set(String, Vec<u8>),
    Increment(String),
}

/// What a request does next.
enum Action {
    Ask(Ask),
    /// Either sends the picture or fails before the first byte.
    Render,
    Stop,
}

/// What a request hears from the store; `Lost` after anything.
enum Answer<'a> {
    Value(Option<&'a [u8]>),
    Count(i64),
    Done,
    Lost,
}

/// A way to use a URL once.
trait Protocol: Clone + std::fmt::Debug + Eq + std::hash::Hash {
    fn start() -> Self;
    fn next(&self) -> Action;
    fn hear(self, answer: Answer) -> Self;
    /// After a render that failed.
    fn fail(self) -> Self;
}

/// Ours, as an adapter drives it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ours {
    Read(Claim),
    Take(Attempt),
    Render(Won),
    Release(Release),
    Stop,
}

impl Protocol for Ours {
    fn start() -> Self {
        Self::Read(Claim::new([7; 16], 1_700_000_000))
    }

    fn next(&self) -> Action {
        match self {
            Self::Read(claim) => Action::Ask(Ask::Get(claim.generation_name())),
            Self::Take(attempt) => Action::Ask(Ask::Increment(attempt.counter())),
            Self::Render(_) => Action::Render,
            Self::Release(release) => Action::Ask(Ask::Set(release.name.clone(), release.value.clone())),
            Self::Stop => Action::Stop,
        }
    }

    fn hear(self, answer: Answer) -> Self {
        match (self, answer) {
            (Self::Read(claim), Answer::Value(stored)) => claim.attempt(stored).map_or(Self::Stop, Self::Take),
            (Self::Take(attempt), answer) => {
                let count = match answer {
                    Answer::Count(count) => Some(count),
                    _ => None,
                };
                match attempt.decide(count) {
                    Outcome::Won(won) => Self::Render(won),
                    Outcome::Gone | Outcome::Unknown => Self::Stop,
                }
            }
            _ => Self::Stop,
        }
    }

    fn fail(self) -> Self {
        match self {
            Self::Render(won) => won.release().map_or(Self::Stop, Self::Release),
            _ => Self::Stop,
        }
    }
}

/// Looks whether the URL was used, notes that it was, and renders: what a list of used ids comes to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum GetThenSet {
    Look,
    Note,
    Render,
    Stop,
}

impl Protocol for GetThenSet {
    fn start() -> Self {
        Self::Look
    }

    fn next(&self) -> Action {
        match self {
            Self::Look => Action::Ask(Ask::Get("used".into())),
            Self::Note => Action::Ask(Ask::Set("used".into(), b"1".to_vec())),
            Self::Render => Action::Render,
            Self::Stop => Action::Stop,
        }
    }

    fn hear(self, answer: Answer) -> Self {
        match (self, answer) {
            (Self::Look, Answer::Value(None)) => Self::Note,
            (Self::Note, Answer::Done) => Self::Render,
            _ => Self::Stop,
        }
    }

    fn fail(self) -> Self {
        Self::Stop
    }
}

/// Ours, but a lost answer to an increment is taken for a failed render: the URL is given back by a request that may not have
/// had it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ReleaseUnknown(Ours);

impl Protocol for ReleaseUnknown {
    fn start() -> Self {
        Self(Ours::start())
    }

    fn next(&self) -> Action {
        self.0.next()
    }

    fn hear(self, answer: Answer) -> Self {
        Self(match (self.0, answer) {
            (Ours::Take(attempt), Answer::Lost) => match attempt.decide(Some(1)) {
                Outcome::Won(won) => Ours::Render(won).fail(),
                _ => Ours::Stop,
            },
            (ours, answer) => ours.hear(answer),
        })
    }

    fn fail(self) -> Self {
        Self(self.0.fail())
    }
}

/// A request, and whether the store owes it the effect of something that it was asked.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State<P> {
    counters: BTreeMap<String, i64>,
    /// Everything that was ever set: a stale read may see any of it, or nothing.
    values: BTreeMap<String, BTreeSet<Vec<u8>>>,
    /// Asked, answer lost, and not done yet: it may be done at any time from now on, or never.
    late: Vec<Ask>,
    requests: Vec<P>,
    pictures: u8,
}

impl<P: Protocol> State<P> {
    fn new(requests: usize) -> Self {
        Self {
            counters: BTreeMap::new(),
            values: BTreeMap::new(),
            late: Vec::new(),
            requests: vec![P::start(); requests],
            pictures: 0,
        }
    }

    fn apply(&mut self, ask: &Ask) -> Option<i64> {
        match ask {
            Ask::Get(_) => None,
            Ask::Set(name, value) => {
                self.values.entry(name.clone()).or_default().insert(value.clone());
                None
            }
            Ask::Increment(name) => {
                let counter = self.counters.entry(name.clone()).or_default();
                *counter += 1;
                Some(*counter)
            }
        }
    }

    fn with(&self, request: usize, next: P) -> Self {
        let mut state = self.clone();
        state.requests[request] = next;
        state
    }

    /// Every state that one step leads to.
    fn successors(&self) -> Vec<Self> {
        let mut successors = Vec::new();
        for (index, request) in self.requests.iter().enumerate() {
            match request.next() {
                // A trap and the end of a request are one: no successor.
                Action::Stop => {}
                Action::Render => {
                    successors.push(self.with(index, request.clone().fail()));
                    let mut sent = self.with(index, request.clone().hear(Answer::Lost));
                    sent.pictures += 1;
                    successors.push(sent);
                }
                Action::Ask(ask) => {
                    let heard = |answer| request.clone().hear(answer);
                    match &ask {
                        Ask::Get(name) => {
                            successors.push(self.with(index, heard(Answer::Value(None))));
                            for value in self.values.get(name).into_iter().flatten() {
                                successors.push(self.with(index, heard(Answer::Value(Some(value)))));
                            }
                            successors.push(self.with(index, heard(Answer::Lost)));
                        }
                        Ask::Set(..) | Ask::Increment(_) => {
                            let mut done = self.clone();
                            let answer = done.apply(&ask).map_or(Answer::Done, Answer::Count);
                            done.requests[index] = heard(answer);
                            let mut lost = self.with(index, heard(Answer::Lost));
                            lost.apply(&ask);
                            let mut late = self.with(index, heard(Answer::Lost));
                            late.late.push(ask);
                            late.late.sort();
                            successors.extend([done, lost, late]);
                        }
                    }
                }
            }
        }
        for index in 0..self.late.len() {
            let mut state = self.clone();
            let ask = state.late.remove(index);
            state.apply(&ask);
            successors.push(state);
        }
        successors
    }
}

/// The most pictures that any order of events sends, and the number of states that were looked at.
fn search<P: Protocol>(requests: usize) -> (u8, usize) {
    let start = State::<P>::new(requests);
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    let mut pictures = 0;
    while let Some(state) = open.pop() {
        pictures = pictures.max(state.pictures);
        for next in state.successors() {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    (pictures, seen.len())
}

#[test]
fn r1_no_order_of_events_sends_two_pictures() {
    let mut states = 0;
    for requests in 1..=5 {
        let (pictures, found) = search::<Ours>(requests);
        assert_eq!(pictures, 1, "{requests} requests");
        assert!(found > states, "{requests} requests have only {found} states");
        states = found;
    }
    println!("{states} states");
}

#[test]
fn the_same_model_catches_get_then_set() {
    assert_eq!(search::<GetThenSet>(2).0, 2);
    assert_eq!(search::<GetThenSet>(3).0, 3);
}

#[test]
fn the_same_model_catches_a_release_without_a_claim() {
    assert_eq!(search::<ReleaseUnknown>(2).0, 1);
    assert!(search::<ReleaseUnknown>(3).0 >= 2);
}
