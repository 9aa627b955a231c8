//! S5: what the time of a refusal tells. Requests of two kinds are sent in turn and their medians compared, so that whatever
//! else the machine does falls on both alike; where they differ the measurement is made again, because a difference that is
//! ours stays. Over HTTP this sees tens of microseconds: a look-up, a hash of a password, an origin that is asked. What is
//! smaller is kept out by construction: signatures are compared in constant time, and an unknown key's request does the work
//! of a known one's.

use crate::target::{FORGED, Target, now, refused, with};
use anyhow::{Result, ensure};
use signed_url::v2::Options;
use std::time::{Duration, Instant};

const SAMPLES: usize = 150;
const ATTEMPTS: usize = 6;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v2(&Options::until(now() + 3600))?;
    let sig = crate::target::parameter(&good, "sig").to_owned();
    let wrong_at = |at: usize| {
        let mut sig = sig.clone();
        let other = if sig.as_bytes().get(at) == Some(&b'A') {
            "B"
        } else {
            "A"
        };
        sig.replace_range(at..=at, other);
        with(&good, "sig", &sig)
    };
    let (first, last) = (wrong_at(0), wrong_at(sig.len() - 2));
    let unknown = with(&first, "kid", &format!("pk_{}", "A".repeat(22)));
    same_time(target, "the first and the last letter wrong", &first, &last)?;
    same_time(target, "a known and an unknown key", &first, &unknown)?;
    // The measurement can tell times apart: a picture takes longer than a refusal.
    let get = |url| target.get(url).map(drop);
    let (refusal, picture) = medians(20, || get(&first), || get(&good))?;
    ensure!(
        differ(refusal, picture),
        "the clock tells nothing: {refusal:?} and {picture:?}"
    );
    Ok(())
}

fn same_time(target: &Target, what: &str, one: &str, other: &str) -> Result<()> {
    for url in [one, other] {
        refused(&target.get(url)?, 403, FORGED)?;
    }
    let mut seen = Vec::new();
    for _ in 0..ATTEMPTS {
        let get = |url| target.get(url).map(drop);
        let (one, other) = medians(SAMPLES, || get(one), || get(other))?;
        if !differ(one, other) {
            return Ok(());
        }
        seen.push((one, other));
    }
    anyhow::bail!("{what} take different times: {seen:?}")
}

/// Whether two medians are further apart than a quarter of the smaller one.
pub fn differ(one: Duration, other: Duration) -> bool {
    one.abs_diff(other) > one.min(other) / 4
}

/// The medians of the times that two kinds of requests take, which are sent in turn.
pub fn medians(
    samples: usize,
    mut one: impl FnMut() -> Result<()>,
    mut other: impl FnMut() -> Result<()>,
) -> Result<(Duration, Duration)> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..samples * 2 {
        // Which comes first changes from pair to pair.
        let which = (round ^ (round >> 1)) & 1;
        let started = Instant::now();
        match which {
            0 => one()?,
            _ => other()?,
        }
        times[which].push(started.elapsed());
    }
    let [one, other] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    Ok((one, other))
}
