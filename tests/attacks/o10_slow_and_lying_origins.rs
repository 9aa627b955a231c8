//! O10: origins that take their time, never end, or lie about their length.

use crate::target::{FAILED, Target};
use anyhow::{Result, bail, ensure};
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    for (path, status) in [
        ("truncated/x", 502),
        ("unfinished/x", 502),
        ("both-lengths/x", 502),
        ("huge/x", 422),
        ("endless/x", 422),
    ] {
        target.refuses(&target.v1("w_96", &target.source(path)), status, FAILED)?;
    }
    // Half a picture is none, whatever the announced length.
    let overlong = target.get(&target.v1("w_96", &target.source("overlong/x")))?;
    ensure!([422, 502].contains(&overlong.status), "{}", overlong.status);
    overlong.error()?;
    // Two that stall hold up neither each other nor anybody else.
    let start = Instant::now();
    std::thread::scope(|scope| {
        let stalled = ["silent/x", "drip/x"].map(|path| {
            let url = target.deckle.url(&target.v1("w_96", &target.source(path)));
            scope.spawn(move || deckle_tests::get(&url))
        });
        target.serves(&target.v1("w_96", &target.source("good/x.jpg")))?;
        ensure!(start.elapsed() < Duration::from_secs(5), "others wait");
        for stalled in stalled {
            let Ok(reply) = stalled.join() else { bail!("a thread") };
            crate::target::refused(&reply?, 504, FAILED)?;
        }
        Ok(())
    })?;
    ensure!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    Ok(())
}
