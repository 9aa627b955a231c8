//! T4: around the last second. T6: around the first. (To the millisecond: the tests of `signed-url`.)

use crate::target::{FORGED, Target, now, with};
use anyhow::Result;
use signed_url::v2::Options;
use std::time::Duration;

pub fn attack(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    let exp = now() + 4;
    let (one, two) = (
        target.key.sign("w_96", &source, Some(exp)),
        target.v2(&Options::until(exp))?,
    );
    target.serves(&one)?;
    target.serves(&two)?;
    std::thread::sleep(Duration::from_millis(5100));
    target.refuses(&one, 403, FORGED)?;
    target.refuses(&two, 403, FORGED)?;
    target.refuses(&target.key.sign("w_96", &source, Some(now() - 1)), 403, FORGED)?;
    // A signer's clock may be a minute ahead of ours, not more.
    target.serves(&target.v2(&Options::until(now() + 900).not_before(now() + 50))?)?;
    let early = target.v2(&Options::until(now() + 900).not_before(now() + 120))?;
    target.refuses(&early, 403, FORGED)?;
    // A beginning after the end.
    target
        .refuses(&with(&early, "nbf", "9999999999"), 400, "Invalid query parameters")
        .map(drop)
}
