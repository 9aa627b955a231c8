//! K1: a store that is down, hangs, or loses its answers. K2: the same for what is only counted. Both fail closed.

use crate::target::{Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::Fault;
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let plain = target.plain_v2()?;
    let limited = target.create_key("shop", &["--per-day", "1000000"])?;
    let source = target.source("good/x.jpg");
    let counted = limited.sign("w_96,f_png", &source, None);
    target.serves(&plain)?;
    target.serves(&counted)?;
    let proxy = target.proxy()?;
    let asked = target.origin.requests();
    for (number, fault) in [Fault::Refuse, Fault::Silent, Fault::Unanswered("GET")]
        .into_iter()
        .enumerate()
    {
        let once = target.once(&format!("k01-{number}"))?;
        proxy.set(fault);
        for url in [&plain, &counted, &once] {
            let start = Instant::now();
            unavailable(target, url).with_context(|| format!("{fault:?}"))?;
            ensure!(
                start.elapsed() < Duration::from_secs(5),
                "{fault:?}: {:?}",
                start.elapsed()
            );
        }
        proxy.set(Fault::None);
        target.recovers(&plain)?;
        // Nothing had come as far as the claim.
        target.recovers(&once)?;
        target.refuses(&once, 410, "gone")?;
    }
    let served = 3 * 2;
    ensure!(
        target.origin.requests() == asked + served,
        "the origin was asked without a claim"
    );

    // Counted, perhaps; nobody knows. What may have been taken is not given.
    let once = target.once("k01-lost")?;
    let fresh = target.create_key("shop", &["--per-minute", "100"])?;
    let counted = fresh.sign("w_96,f_png", &source, None);
    let asked = target.origin.requests();
    proxy.set(Fault::Unanswered("INCRBY"));
    unavailable(target, &once)?;
    unavailable(target, &counted)?;
    proxy.set(Fault::None);
    target.recovers(&plain)?;
    target.refuses(&once, 410, "gone")?;
    target.recovers(&counted)?;
    ensure!(
        target.origin.requests() == asked + 2,
        "the origin was asked without a claim"
    );
    Ok(())
}

fn unavailable(target: &Target, url: &str) -> Result<()> {
    let reply = target.get(url)?;
    refused(&reply, 503, "Service unavailable")?;
    ensure!(reply.header("retry-after") == Some("1"), "no Retry-After");
    Ok(())
}
