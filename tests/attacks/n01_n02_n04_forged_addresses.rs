//! N1: headers that only the host may set. N2, N4: forwarding headers where no proxy is trusted.

use crate::target::{FORGED, Target, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::request;
use netaddr::Cidr;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let bound = |address: &str| target.v2(&Options::until(now() + 900).bound_to(Cidr::parse(address)?));
    let (ours, theirs) = (bound("127.0.0.1")?, bound("203.0.113.9")?);
    for header in [
        "spin-client-addr",
        "spin-full-url",
        "spin-path-info",
        "spin-matched-route",
        "x-forwarded-for",
        "forwarded",
        "x-real-ip",
        "cf-connecting-ip",
        "true-client-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "fastly-client-ip",
        "x-original-url",
        "x-rewrite-url",
    ] {
        for value in [
            "203.0.113.9",
            "203.0.113.9:80",
            "203.0.113.9, 127.0.0.1",
            "for=203.0.113.9",
            "::ffff:203.0.113.9",
        ] {
            let reply = request("GET", &target.deckle.url(&theirs), &[(header, value)])?;
            refused(&reply, 403, FORGED).with_context(|| format!("{header}: {value}"))?;
        }
        let reply = request("GET", &target.deckle.url(&ours), &[(header, "203.0.113.9")])?;
        ensure!(reply.status == 200, "{header} moved our own address: {}", reply.status);
    }
    let twice = request(
        "GET",
        &target.deckle.url(&theirs),
        &[("spin-client-addr", "203.0.113.9"), ("Spin-Client-Addr", "203.0.113.9")],
    )?;
    refused(&twice, 403, FORGED)?;
    // No network but ours either.
    target.serves(&bound("127.0.0.0/8")?)?;
    target.refuses(&bound("10.0.0.0/8")?, 403, FORGED)?;
    target.refuses(&bound("::1")?, 403, FORGED).map(drop)
}
