//! H1: nothing that is for one use, one viewer or one address may be kept by others.

use crate::target::{Target, now};
use anyhow::{Context, Result, ensure};
use deckle_tests::Reply;
use netaddr::Cidr;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let until = Options::until(now() + 600);
    let kept = |reply: &Reply| reply.header("cache-control").unwrap_or("absent").to_owned();
    let once = target.v2(&until.once("attack-h01-0000001"))?;
    let head = deckle_tests::request("HEAD", &target.deckle.url(&once), &[])?;
    ensure!(kept(&head) == "private, no-store", "HEAD: {}", kept(&head));
    for (what, url) in [
        ("one use", once.as_str()),
        ("one address", &target.v2(&until.bound_to(Cidr::parse("127.0.0.1")?))?),
        (
            "one viewer at one address",
            &target.v2(&until.subject("viewer-7").bound_to(Cidr::parse("127.0.0.0/8")?))?,
        ),
    ] {
        let reply = target.serves(url)?;
        ensure!(
            kept(&reply) == "private, no-store" && reply.header("etag").is_none(),
            "{what}: {}",
            kept(&reply)
        );
    }
    target.refuses(&once, 410, "gone")?;
    let viewer = target.serves(&target.v2(&until.subject("viewer-7"))?)?;
    ensure!(kept(&viewer).starts_with("private, max-age="), "{}", kept(&viewer));
    for url in [
        target.v1("w_96,f_png", &target.source("good/x.jpg")),
        target.v2(&until)?,
    ] {
        let reply = target.serves(&url)?;
        let age: u64 = kept(&reply)
            .strip_prefix("public, max-age=")
            .with_context(|| kept(&reply))?
            .parse()?;
        ensure!(age <= 3600 && reply.header("vary").is_none(), "{age}");
    }
    let negotiated = target.serves(&target.v1("w_96,f_auto", &target.source("good/x.jpg")))?;
    ensure!(negotiated.header("vary") == Some("Accept"));
    Ok(())
}
