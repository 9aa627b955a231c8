//! H6: what exists cannot be told from what does not.

use crate::target::{FORGED, Target, now, with};
use anyhow::{Result, ensure};
use deckle_tests::Reply;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.plain_v2()?;
    let base = target.refuses(&with(&good, "sig", &"A".repeat(43)), 403, FORGED)?;
    let revoked = target.create_key("shop", &[])?;
    let revoked_url = target.v2_of(
        &revoked,
        "w_96",
        &target.source("good/x.jpg"),
        &Options::until(now() + 60),
    )?;
    target.deckle.run(&["key", "revoke", &revoked.public])?;
    for url in [
        with(&good, "kid", "pk_unknown"),
        with(&good, "kid", &format!("pk_{}", "A".repeat(64))),
        with(&good, "kid", &revoked.public),
        revoked_url,
        good.replacen("/shop/", "/nowhere/", 1),
        good.replacen("good/x.jpg", "status/404", 1),
        "/i/eyJhbGciOiJIUzI1NiJ9.e30.AAAA".to_owned(),
    ] {
        same_answer(&base, &target.refuses(&url, 403, FORGED)?)?;
    }
    Ok(())
}

/// Fails unless two answers are one, up to the number of the request and the clock.
pub fn same_answer(one: &Reply, other: &Reply) -> Result<()> {
    let masked = |reply: &Reply| -> Result<_> {
        let mut body: serde_json::Value = serde_json::from_slice(&reply.body)?;
        body["request_id"] = "".into();
        let mut headers: Vec<_> = reply.headers.clone().into_iter().collect();
        headers.retain(|(name, _)| !["x-request-id", "date", "x-ratelimit-reset"].contains(&name.as_str()));
        headers.sort();
        Ok((reply.status, body, headers))
    };
    let (one, other) = (masked(one)?, masked(other)?);
    ensure!(one == other, "{one:?} and {other:?}");
    Ok(())
}
