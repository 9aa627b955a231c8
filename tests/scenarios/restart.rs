//! kill -9 under load, and a restart over the same folder: what was acknowledged is still there, and the store is whole.

use anyhow::Result;
use deckle_tests::{Deckle, Key, get};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn the_stores_are_intact_after_kill_9_under_load() -> Result<()> {
    let mut deckle = Deckle::demo()?;
    // Every admitted request writes a counter, so the kill comes between writes.
    let limited = |limit: &str| {
        deckle.run(&[
            "key",
            "create",
            "--project",
            "demo",
            "--client",
            "client_load",
            "--per-day",
            limit,
        ])
    };
    let key = Key::of(&limited("1000000")?)?;
    let mut answered = Vec::new();
    for _ in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let served = Arc::new(AtomicU64::new(0));
        let url = deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (url, stop, served) = (url.clone(), stop.clone(), served.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        if get(&url).is_ok_and(|reply| reply.status == 200) {
                            served.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(700));
        deckle.kill()?;
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| drop(client.join()));
        answered.push(served.load(Ordering::Relaxed));
        // The loopback origin gets a new port: URLs are signed anew below.
        deckle = deckle.kill_and_restart()?;
        let keys = deckle.run(&["key", "list"])?;
        assert!(keys.to_string().contains(&key.public), "the key is gone: {keys}");
        let again = get(&deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None)))?;
        assert_eq!(again.status, 200);
        let left: u64 = again.header("x-ratelimit-remaining-day").unwrap_or_default().parse()?;
        let counted = 1_000_000 - left;
        assert!(
            counted > answered.iter().sum::<u64>(),
            "{counted} counted, {answered:?} answered"
        );
    }
    assert!(answered.iter().all(|served| *served > 0), "no load: {answered:?}");
    let check: String = deckle
        .store()?
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(check, "ok");
    Ok(())
}
