//! N6: addresses that change within a network, for a binding and for the throttle; and a network that many share. S9, too: guesses
//! end, for all instances of a host together.

use crate::target::{FORGED, now, refused, with};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, Reply, repository, request};
use netaddr::Cidr;
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};
use std::time::Duration;

const LIMIT: usize = 12;

/// A host behind a proxy that it trusts: every client has the address that the test says.
fn host() -> Result<(Deckle, Key)> {
    let photos = repository().join("static/photos");
    let limit = format!("address_limit={LIMIT}");
    let variables = ["--variable", "trusted_proxies=127.0.0.0/8", "--variable", &limit];
    let deckle = Deckle::start(&[&["--originals", &photos.to_string_lossy()], &variables[..]].concat())?;
    let key = deckle.key()?;
    Ok((deckle, key))
}

fn signed(deckle: &Deckle, key: &Key, options: &Options<'_>) -> Result<String> {
    let public = PublicKey::parse(&key.public).context("a public key")?;
    let source = deckle.source("tea-gardens-small.webp");
    let path = signed_path(&key.project, "w_64", &source, &public, &key.secret, options)?;
    Ok(deckle.url(&path))
}

fn from(client: &str, url: &str) -> Result<Reply> {
    request("GET", url, &[("x-forwarded-for", client)])
}

#[test]
fn a_binding_is_to_the_network_of_an_address() -> Result<()> {
    let (deckle, key) = host()?;
    let bound = Options::until(now() + 900).bound_to(Cidr::parse("2001:db8:1:2::a")?);
    let url = signed(&deckle, &key, &bound)?;
    for client in ["2001:db8:1:2::a", "2001:db8:1:2:ffff::b", "[2001:DB8:1:2::c]:443"] {
        ensure!(from(client, &url)?.status == 200, "{client}");
    }
    for client in ["2001:db8:1:3::a", "2001:db8:1::a", "203.0.113.7"] {
        refused(&from(client, &url)?, 403, FORGED).context(client)?;
    }
    Ok(())
}

#[test]
fn guesses_end_for_a_network_and_for_no_other() -> Result<()> {
    let (deckle, key) = host()?;
    let good = signed(&deckle, &key, &Options::until(now() + 900))?;
    let forged = with(&good, "sig", &"A".repeat(43));
    let left = 60 - now() % 60;
    if left < 25 {
        std::thread::sleep(Duration::from_secs(left));
    }
    for number in 0..LIMIT {
        let client = format!("2001:db8:7:7::{number:x}");
        refused(&from(&client, &forged)?, 403, FORGED).with_context(|| format!("guess {number}"))?;
    }
    let refusals = [&forged, &good].map(|url| from("2001:db8:7:7:abcd::1", url));
    let mut bodies = Vec::new();
    for refusal in refusals {
        let refusal = refusal?;
        refused(&refusal, 429, "ip_rate_limit")?;
        let wait: u64 = refusal.header("retry-after").context("no Retry-After")?.parse()?;
        ensure!((1..=60).contains(&wait), "{wait}");
        let mut body: serde_json::Value = serde_json::from_slice(&refusal.body)?;
        body["request_id"].take();
        bodies.push(body);
    }
    ensure!(
        bodies[0] == bodies[1],
        "a right signature reads as a wrong one: {bodies:?}"
    );
    for client in ["2001:db8:7:8::1", "203.0.113.7"] {
        ensure!(from(client, &good)?.status == 200, "{client}");
    }
    // Who asks rightly, however often, and is refused for something else, has guessed nothing.
    let source = deckle.source("tea-gardens-small.webp");
    let enlarged = deckle.url(&key.sign("w_99999", &source, Some(now() + 900)));
    for _ in 0..2 * LIMIT {
        ensure!(from("203.0.113.7", &enlarged)?.status == 400);
    }
    ensure!(from("203.0.113.7", &good)?.status == 200);
    // Side by side, over many instances: those that are under way may pass, and no more.
    let passed = std::thread::scope(|scope| {
        let guess = || {
            (0..20)
                .filter(|_| from("203.0.113.9", &forged).is_ok_and(|reply| reply.status == 403))
                .count()
        };
        let guesses: Vec<_> = (0..8).map(|_| scope.spawn(guess)).collect();
        guesses
            .into_iter()
            .map(|guess| guess.join().unwrap_or_default())
            .sum::<usize>()
    });
    ensure!(
        (LIMIT..LIMIT + 8).contains(&passed),
        "{passed} of 160 guesses were heard"
    );
    Ok(())
}
