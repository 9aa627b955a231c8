//! K11: an instance that dies takes nobody with it. Nothing is known that makes one die, so this one gets too little memory.

use crate::pictures::black;
use crate::target::{FAILED, Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get};
use std::sync::atomic::{AtomicBool, Ordering};

pub fn attack(target: &Target) -> Result<()> {
    let deckle = Deckle::with_origin_and_arguments(&target.origin.url, &["--memory", "24"])?;
    let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
    target.keep_secret(key.secret.expose());
    target.origin.put("too-large.png", black(4000, 3000)?);
    let sign = |path: &str| deckle.url(&key.sign("w_96,f_jpeg", &target.source(path), None));
    let (deadly, good) = (sign("file/too-large.png"), sign("good/x.jpg"));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| -> Result<()> {
        let neighbours: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| -> Result<usize> {
                    let mut served = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let reply = get(&good)?;
                        ensure!(reply.status == 200, "a neighbour got {}", reply.status);
                        served += 1;
                    }
                    Ok(served)
                })
            })
            .collect();
        let outcome = (0..8).try_for_each(|_| {
            let reply = get(&deadly)?;
            refused(&reply, 500, FAILED)?;
            ensure!(
                !String::from_utf8_lossy(&reply.body).contains("wasm"),
                "the trap is told"
            );
            Ok(())
        });
        stop.store(true, Ordering::Relaxed);
        for neighbour in neighbours {
            let served = neighbour.join().ok().context("a neighbour failed")??;
            ensure!(served > 0, "a neighbour was not served");
        }
        outcome
    })?;
    ensure!(deckle.log()?.contains("failed:"), "no instance died: this was no test");
    Ok(())
}
