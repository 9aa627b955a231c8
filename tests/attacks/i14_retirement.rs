//! I14: a large picture, so that an instance keeps its memory while small ones come. It gets none of them.

use crate::pictures::black;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get};
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    // One at a time, so that the small picture would find the instance of the large one idle.
    let arguments = ["--concurrency", "1", "--memory", "128", "--verbose"];
    let deckle = Deckle::with_origin_and_arguments(&target.origin.url, &arguments)?;
    let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
    target.keep_secret(key.secret.expose());
    target.origin.put("retired.png", black(5000, 4600)?);
    for path in ["file/retired.png", "good/x.jpg", "good/y.jpg"] {
        let reply = get(&deckle.url(&key.sign("w_96,f_jpeg", &target.source(path), None)))?;
        ensure!(reply.status == 200, "{path}: {}", reply.status);
    }
    // Idle instances end after a second or so.
    let start = Instant::now();
    let peaks = loop {
        let peaks = peaks(&deckle.log()?)?;
        if peaks.len() >= 2 {
            break peaks;
        }
        ensure!(
            start.elapsed() < Duration::from_secs(60),
            "instances do not end: {peaks:?}"
        );
        std::thread::sleep(Duration::from_millis(100));
    };
    ensure!(
        peaks.iter().filter(|peak| **peak > 64 << 10).count() == 1,
        "one was large: {peaks:?}"
    );
    // The small pictures had another one, which never knew the large one's memory.
    ensure!(peaks.iter().any(|peak| *peak < 32 << 10), "none was small: {peaks:?}");
    Ok(())
}

/// The most memory that each instance of the edge had, in KiB, in the order in which they ended.
fn peaks(log: &str) -> Result<Vec<u64>> {
    let ended = log.lines().filter(|line| line.contains("an instance of `edge` ended"));
    ended
        .map(|line| {
            let (_, peak) = line.rsplit_once("peak memory ").context("no peak")?;
            Ok(peak.trim_end_matches(" KiB").parse()?)
        })
        .collect()
}
