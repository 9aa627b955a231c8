//! K6: many refused requests beside good ones.

use crate::target::{Target, with};
use anyhow::{Result, ensure};
use deckle_tests::raw_get;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const ATTACKERS: usize = 32;
const GOOD: usize = 60;

pub fn attack(target: &Target) -> Result<()> {
    let (good, server) = (target.plain_v2()?, target.deckle.url(""));
    target.serves(&good)?;
    let forged = [
        with(&good, "sig", &"A".repeat(43)),
        with(&good, "kid", "pk_unknown_unknown_unkno"),
        format!("{good}&x=1"),
        "/i/a.b.c".to_owned(),
        "/nothing".to_owned(),
    ];
    let (asked, stop, refused) = (target.origin.requests(), AtomicBool::new(false), AtomicUsize::new(0));
    let served = std::thread::scope(|scope| {
        for attacker in 0..ATTACKERS {
            let (forged, stop, refused, server) = (&forged, &stop, &refused, &server);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let status = raw_get(server, &forged[attacker % forged.len()]).map_or(0, |reply| reply.status);
                    refused.fetch_add(usize::from((400..500).contains(&status)), Ordering::Relaxed);
                }
            });
        }
        let served = (0..GOOD)
            .filter(|_| target.get(&good).is_ok_and(|reply| reply.status == 200))
            .count();
        stop.store(true, Ordering::Relaxed);
        served
    });
    let refused = refused.into_inner();
    ensure!(
        served == GOOD,
        "{served} of {GOOD} good requests were served beside {refused} others"
    );
    ensure!(refused > GOOD, "only {refused} were refused: this was no test");
    ensure!(
        target.origin.requests() == asked + GOOD,
        "the origin was asked by others"
    );
    Ok(())
}
