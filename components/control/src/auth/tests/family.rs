//! Refreshes side by side, over the real statements: every statement lets another request go first, in an order that a test
//! chooses.

use super::*;
use crate::fake::yield_now;
use futures::FutureExt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

type Running<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// Runs requests side by side; `seed` chooses whose turn it is.
fn side_by_side(fake: &Fake, requests: Vec<Request>, mut seed: u64) -> Vec<Answer> {
    fake.world.yields.set(true);
    let mut running: Vec<(usize, Running<'_>)> = requests
        .into_iter()
        .map(|request| Box::pin(fake.serve(request)) as Running<'_>)
        .enumerate()
        .collect();
    let mut answers: Vec<Option<Answer>> = running.iter().map(|_| None).collect();
    while !running.is_empty() {
        // xorshift64
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let turn = usize::try_from(seed % running.len() as u64).unwrap();
        let (number, future) = &mut running[turn];
        if let std::task::Poll::Ready(answer) = future.poll_unpin(&mut Context::from_waker(Waker::noop())) {
            answers[*number] = Some(answer);
            drop(running.swap_remove(turn));
        }
    }
    fake.world.yields.set(false);
    answers.into_iter().map(Option::unwrap).collect()
}

#[test]
fn r10_side_by_side_one_pair_is_minted_and_it_is_dead() {
    for (parallel, seeds) in [(2, 8), (3, 3), (32, 1)] {
        for seed in 1..=seeds {
            let (fake, known) = world();
            let first = pair(&fake.ask(log_in(&known)));
            let requests = (0..parallel).map(|_| refreshing(&first.refresh)).collect();
            let answers = side_by_side(&fake, requests, seed);
            let minted: Vec<Pair> = answers.iter().filter(|a| a.status == 200).map(pair).collect();
            assert!(minted.len() <= 1, "{parallel} {seed}: {}", minted.len());
            let reused = answers.iter().filter(|a| a.status == 401).map(Fake::error);
            let reused = reused.filter(|(_, code)| code == "refresh_token_reused").count();
            assert!(minted.len() + reused > 0 && reused > 0, "{parallel} {seed}");
            for dead in minted.iter().chain([&first]) {
                assert_eq!(
                    error(&fake, account(&dead.access)),
                    (401, "unauthenticated".into()),
                    "{parallel} {seed}"
                );
                assert_eq!(error(&fake, refreshing(&dead.refresh)).0, 401, "{parallel} {seed}");
            }
            assert_eq!(fake.sql("SELECT id FROM outbox", &[]).len(), 1, "{parallel} {seed}");
        }
    }
}

#[test]
fn a_rotation_beside_a_refresh_leaves_nothing_of_the_old_epoch() {
    for seed in (1..=24).step_by(3) {
        let (fake, known) = world();
        let first = pair(&fake.ask(log_in(&known)));
        fake.world.yields.set(true);
        let host = fake.another();
        let rotation = clients::rotate(&host, &known.id, seconds(&fake));
        let refresh = fake.serve(refreshing(&first.refresh));
        let delay = async {
            // Rotation begins after some of the refresh's statements.
            for _ in 0..seed {
                yield_now().await;
            }
            rotation.await
        };
        let (answer, rotated) = block_on(async { futures::join!(refresh, delay) });
        fake.world.yields.set(false);
        rotated.unwrap();
        let mut held = vec![first];
        if answer.status == 200 {
            held.push(pair(&answer));
        }
        for dead in held {
            assert_eq!(error(&fake, account(&dead.access)).0, 401, "{seed}");
            assert_eq!(error(&fake, refreshing(&dead.refresh)).0, 401, "{seed}");
        }
    }
}
