//! H4: nothing of a request comes back in an answer.

use crate::pictures::contains;
use crate::target::{Target, now, with};
use anyhow::{Result, ensure};
use deckle_tests::request;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let canary = "Zeitgeist7";
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let mut targets = vec![
        good.replacen("/shop/", &format!("/{canary}/"), 1),
        good.replacen("w_96", canary, 1),
        good.replacen("x.jpg", &format!("{canary}%0D%0AX-Injected:1"), 1),
        good.replacen("x.jpg", &format!("%3Cscript%3E{canary}"), 1),
        with(&good, "key", &format!("pk_{canary}")),
        with(&good, "sig", canary),
        with(&good, "exp", canary),
        format!("{good}&{canary}=1"),
        format!("/{canary}"),
        format!("/i/{canary}"),
        target.v1(canary, &target.source("good/x.jpg")),
        target.v1("w_96", &format!("{canary}@evil.example/x")),
        target.v1("w_96", &target.source(canary)),
        target.v1("w_96", &target.source(&format!("good/{canary}.jpg"))),
    ];
    targets.push(target.v2(&Options::until(now() + 60).subject(canary))?);
    for asked in targets {
        let headers = [
            ("user-agent", canary),
            ("referer", canary),
            ("accept", canary),
            ("x-request-id", canary),
            ("origin", canary),
        ];
        let reply = request("GET", &target.url(&asked), &headers)?;
        ensure!(!contains(&reply.body, canary.as_bytes()), "{asked} comes back");
        ensure!(
            reply.headers.values().all(|value| !value.contains(canary)),
            "{asked} comes back in a header"
        );
        ensure!(reply.header("x-injected").is_none() && reply.header("content-disposition").is_none());
    }
    Ok(())
}
