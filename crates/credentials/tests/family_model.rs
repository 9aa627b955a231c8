//! Every interleaving of requests that present refresh tokens of one family, over a store whose statements are atomic: what
//! [`credentials::judge`] and the two conditional statements around it promise.

use credentials::{Family, Token, Verdict, judge};
use std::collections::HashSet;

const NOW: u64 = 1;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Store {
    client_epoch: u64,
    family: Family,
    /// How many pairs were handed out for each token that was presented.
    minted: Vec<(String, String)>,
    notices: u32,
    /// Whether anybody has been told that a token was reused.
    reuse_seen: bool,
}

/// A request, by what it does next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Read,
    /// It has read this, and found its token current: the statement that decides is next.
    Advance,
    /// It has read this, and found its token used: the statement that ends the client is next.
    End {
        epoch: u64,
    },
    Done,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Caller {
    token: &'static str,
    successor: &'static str,
    step: Step,
    /// Whether it asks again as soon as it has an answer that it does not like.
    again: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    store: Store,
    callers: Vec<Caller>,
    /// Whether the owner may still rotate the API key.
    rotation: bool,
}

/// How the statement that makes a successor current is written.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    AsBuilt,
    /// It takes the client's epoch instead of asking for it: what the model has to catch.
    FreshEpoch,
    /// It has no condition: likewise.
    Unconditional,
}

fn step(world: &World, at: usize, rule: Rule) -> Option<World> {
    let mut next = world.clone();
    let World { store, callers, .. } = &mut next;
    let caller = callers.get_mut(at)?;
    match caller.step.clone() {
        Step::Done => return None,
        Step::Read => {
            let token = Token {
                selector: caller.token,
                expires_at: NOW + 1,
            };
            caller.step = match judge(token, &store.family, store.client_epoch, NOW) {
                Verdict::Current => Step::Advance,
                Verdict::Reused => Step::End {
                    epoch: store.family.epoch,
                },
                Verdict::Expired | Verdict::Dead => Step::Done,
            };
        }
        Step::Advance => {
            let current = store.family.current == caller.token;
            let alive = store.family.epoch == store.client_epoch;
            let advances = match rule {
                Rule::AsBuilt => current && alive,
                Rule::FreshEpoch => current,
                Rule::Unconditional => true,
            };
            if advances {
                store.family.current = caller.successor.into();
                if rule == Rule::FreshEpoch {
                    store.family.epoch = store.client_epoch;
                }
                store.minted.push((caller.token.into(), caller.successor.into()));
                caller.step = Step::Done;
            } else {
                caller.step = Step::Read;
            }
        }
        Step::End { epoch } => {
            if store.client_epoch == epoch {
                store.client_epoch += 1;
                store.notices += 1;
            }
            store.reuse_seen = true;
            caller.step = match std::mem::take(&mut caller.again) {
                true => Step::Read,
                false => Step::Done,
            };
        }
    }
    Some(next)
}

fn rotate(world: &World) -> Option<World> {
    let mut next = world.clone();
    next.rotation = std::mem::take(&mut next.rotation).then_some(false)?;
    next.store.client_epoch += 1;
    Some(next)
}

/// What must hold in every state.
fn check(world: &World) -> Result<(), String> {
    let store = &world.store;
    let used: HashSet<&String> = store.minted.iter().map(|(token, _)| token).collect();
    if used.len() != store.minted.len() {
        return Err(format!("two pairs for one token: {:?}", store.minted));
    }
    if store.notices > 1 {
        return Err("the owner is told twice".into());
    }
    if store.reuse_seen && store.family.epoch == store.client_epoch {
        return Err("the family lives after a reuse was seen".into());
    }
    Ok(())
}

/// Walks every state that can be reached. Gives how many there are, or what is wrong with one.
fn walk(start: World, rule: Rule) -> Result<usize, String> {
    let (mut seen, mut open) = (HashSet::from([start.clone()]), vec![start]);
    while let Some(world) = open.pop() {
        check(&world)?;
        // A caller that never goes on is one that was killed.
        let steps = (0..world.callers.len()).filter_map(|at| step(&world, at, rule));
        for next in steps.chain(rotate(&world)) {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(seen.len())
}

fn world(tokens: &[(&'static str, &'static str)], again: bool) -> World {
    let family = Family {
        current: "a".into(),
        epoch: 1,
        revoked: false,
    };
    let callers = tokens.iter().map(|(token, successor)| Caller {
        token,
        successor,
        step: Step::Read,
        again,
    });
    World {
        store: Store {
            client_epoch: 1,
            family,
            minted: Vec::new(),
            notices: 0,
            reuse_seen: false,
        },
        callers: callers.collect(),
        rotation: true,
    }
}

const SAME: [(&str, &str); 5] = [("a", "b"), ("a", "c"), ("a", "d"), ("a", "e"), ("a", "f")];
const CHAIN: [(&str, &str); 5] = [("a", "b"), ("b", "c"), ("a", "x"), ("b", "y"), ("c", "z")];

#[test]
fn r10_one_token_presented_side_by_side() {
    for callers in 1..=SAME.len() {
        let states = walk(world(&SAME[..callers], true), Rule::AsBuilt).unwrap();
        assert!(states > callers, "{states}");
    }
}

#[test]
fn r10_a_thief_and_an_owner_along_the_chain() {
    for callers in 1..=CHAIN.len() {
        walk(world(&CHAIN[..callers], true), Rule::AsBuilt).unwrap();
    }
}

#[test]
fn the_same_model_catches_what_would_be_wrong() {
    assert!(walk(world(&SAME[..2], false), Rule::Unconditional).is_err());
    assert!(walk(world(&CHAIN[..3], false), Rule::FreshEpoch).is_err());
}
