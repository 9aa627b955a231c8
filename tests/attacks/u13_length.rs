//! U13: targets beyond any sense.

use crate::target::{Target, now, with};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let before = (target.asked_of_origin(), Instant::now());
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    target.refuses(&with(&good, "sig", &"A".repeat(8192)), 414, "URI too long")?;
    target.refuses(&format!("/api/v1/shop/_/{}", "a/".repeat(5000)), 414, "URI too long")?;
    target.refuses(&format!("/v2/shop/_/{}", "a".repeat(30_000)), 414, "URI too long")?;
    target.refuses(&format!("/i/{}", "a".repeat(30_000)), 414, "URI too long")?;
    let parameters: Vec<String> = (0..4000).map(|n| format!("p{n}=1")).collect();
    target.refuses(&format!("{good}&{}", parameters.join("&")), 414, "URI too long")?;
    // What does not even fit the server's buffer is refused before anything reads it.
    for target_of in [65_536, 1 << 20] {
        let reply = target.get(&format!("/api/v1/shop/_/{}", "a".repeat(target_of)))?;
        ensure!([414, 431].contains(&reply.status), "{target_of}: {}", reply.status);
    }
    // The longest that is read at all has a source beyond its own limit.
    target.refuses(
        &target
            .key
            .sign("w_96", &target.source(&"a".repeat(2048)), Some(now() + 60)),
        400,
        "Invalid image URL",
    )?;
    target.refuses(
        &target.v1(&format!("w_{}", "1".repeat(600)), &target.source("x")),
        400,
        "Invalid operations",
    )?;
    ensure!(
        target.asked_of_origin() == before.0 && before.1.elapsed() < Duration::from_secs(5),
        "{:?}",
        before.1.elapsed()
    );
    Ok(())
}
