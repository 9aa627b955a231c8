//! S9: a wrong signature says nothing about the rest of the URL. (That guessing ends is in `n06_networks.rs`.)

use crate::h06_enumeration::same_answer;
use crate::target::{FORGED, Target, now, with};
use anyhow::Result;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let wrong = |url: &str| with(url, "sig", &"A".repeat(43));
    let source = target.source("good/x.jpg");
    let base = target.refuses(&wrong(&target.plain_v2()?), 403, FORGED)?;
    let bound: netaddr::Cidr = netaddr::Cidr::parse("203.0.113.9")?;
    for url in [
        target.v2(&Options::until(now() - 1000))?,
        target.v2(&Options::until(now() + 9000).not_before(now() + 8000))?,
        target.v2(&Options::until(now() + 900).bound_to(bound))?,
        target.v2(&Options::until(now() + 900).once("attack-s09-0000001"))?,
        target.v2_of(&target.key, "w_99999", &source, &Options::until(now() + 900))?,
        target.v2_of(&target.key, "_", "10.0.0.1/x", &Options::until(now() + 900))?,
        target.key.sign("w_96", &source, Some(now() - 1000)),
        target.key.sign("w_96", &source, None),
    ] {
        same_answer(&base, &target.refuses(&wrong(&url), 403, FORGED)?)?;
    }
    // Rightly signed and expired reads the same.
    same_answer(
        &base,
        &target.refuses(&target.v2(&Options::until(now() - 1000))?, 403, FORGED)?,
    )
}
