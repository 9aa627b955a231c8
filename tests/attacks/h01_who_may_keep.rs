//! H1: nothing that is for one use, one viewer or one address may be kept by others.

use crate::target::{Target, now, with};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Reply, request};
use netaddr::Cidr;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let until = Options::until(now() + 600);
    let once = target.v2(&until.once(&crate::target::new_use("h01")))?;
    let head = deckle_tests::request("HEAD", &target.url(&once), &[])?;
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
    conditions(target)
}

/// Who has a picture is told so without the origin, and only after everything that a picture needs.
fn conditions(target: &Target) -> Result<()> {
    let good = target.v1("w_96,f_auto", &target.source("good/x.jpg"));
    let tag = target
        .serves(&good)?
        .header("etag")
        .context("no entity tag")?
        .to_owned();
    let asked = target.origin.requests();
    let ask = |url: &str, condition: &str| request("GET", &target.deckle.url(url), &[("if-none-match", condition)]);
    for condition in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let reply = ask(&good, &condition)?;
        ensure!(
            reply.status == 304 && reply.body.is_empty(),
            "{condition}: {}",
            reply.status
        );
        ensure!(reply.header("etag") == Some(&tag) && reply.header("vary") == Some("Accept"));
        ensure!(kept(&reply).starts_with("public, max-age="), "{}", kept(&reply));
    }
    let forged = with(&good, "sig", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    ensure!(ask(&forged, &tag)?.status == 403 && ask(&forged, "*")?.status == 403);
    let revoked = target.create_key("shop", &[])?;
    let url = revoked.sign("w_96,f_auto", &target.source("good/x.jpg"), None);
    let tag = target.serves(&url)?.header("etag").context("no entity tag")?.to_owned();
    ensure!(ask(&url, &tag)?.status == 304);
    target.deckle.run(&["key", "revoke", &revoked.public])?;
    ensure!(ask(&url, &tag)?.status == 401);
    ensure!(target.origin.requests() == asked + 1, "the origin was asked");
    Ok(())
}

fn kept(reply: &Reply) -> String {
    reply.header("cache-control").unwrap_or("absent").to_owned()
}
