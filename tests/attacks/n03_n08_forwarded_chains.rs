//! N3: chains of a trusted proxy. N8: where no address can be known, nothing that is bound to one is served.

use crate::target::{FORGED, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, repository, request};
use netaddr::Cidr;
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};

#[test]
fn behind_a_trusted_proxy() -> Result<()> {
    let photos = repository().join("static/photos");
    let trusted = "trusted_proxies=127.0.0.0/8, 198.51.100.0/24";
    let deckle = Deckle::start(&["--originals", &photos.to_string_lossy(), "--variable", trusted])?;
    let key = deckle.key()?;
    let public = PublicKey::parse(&key.public).context("a public key")?;
    let options = Options::until(now() + 900).bound_to(Cidr::parse("203.0.113.9")?);
    let path = signed_path(
        &key.project,
        "w_64",
        &deckle.source("tea-gardens.jpg"),
        &public,
        &key.secret,
        &options,
    )?;
    let chain = |values: &[&str]| {
        let headers: Vec<(&str, &str)> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
        request("GET", &deckle.url(&path), &headers)
    };
    for values in [
        &["203.0.113.9"][..],
        &["evil, 203.0.113.9"],
        &["192.0.2.1, 203.0.113.9, 198.51.100.7"],
        &["192.0.2.1", "203.0.113.9"],
        &["203.0.113.9", "198.51.100.7"],
        &["203.0.113.9:4711"],
        &["::ffff:203.0.113.9"],
        &["[::ffff:203.0.113.9]:80"],
    ] {
        ensure!(chain(values)?.status == 200, "{values:?}");
    }
    let hundred = format!("203.0.113.9{}", ", 198.51.100.7".repeat(100));
    for values in [
        &[][..],
        &["203.0.113.9, 192.0.2.1"],
        &["203.0.113.9", "192.0.2.1"],
        &["203.0.113.9, unknown"],
        &["203.0.113.9, "],
        &["203.0.113.9,,198.51.100.7"],
        &["203.0.113.9, 198.51.100.7x"],
        &["203.0.113.9%eth0"],
        &["203.0.113.09"],
        &["3405803785"],
        &["\"203.0.113.9\""],
        &["for=203.0.113.9"],
        &["0.0.0.0"],
        &["_hidden"],
        &[hundred.as_str()],
    ] {
        refused(&chain(values)?, 403, FORGED).with_context(|| format!("{values:?}"))?;
    }
    let forwarded = request(
        "GET",
        &deckle.url(&path),
        &[("forwarded", "for=203.0.113.9"), ("x-real-ip", "203.0.113.9")],
    )?;
    refused(&forwarded, 403, FORGED)?;
    ensure!(!deckle.log()?.contains("failed:"), "{}", deckle.log()?);
    Ok(())
}
