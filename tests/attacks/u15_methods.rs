//! U15: other methods, and headers that ask for them. HEAD uses nothing up.

use crate::target::{Target, new_use, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{raw, request};
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let server = target.url("");
    let once = target.v2(&Options::until(now() + 600).once(&new_use("u15")))?;
    let plain = target.v1("w_96", &target.source("good/x.jpg"));
    for good in [&plain, &once] {
        for method in [
            "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "GETX",
        ] {
            let reply = raw(&server, &[&format!("{method} {good} HTTP/1.1"), "Host: a"])?;
            refused(&reply, 405, "Method not allowed").context(method)?;
            ensure!(reply.header("allow") == Some("GET, HEAD"), "{method}");
            ensure!(!reply.body.windows(4).any(|part| part == b"Host"), "{method} echoes");
        }
        for (name, value) in [
            ("if-none-match", "*"),
            ("x-http-method-override", "DELETE"),
            ("x-method-override", "POST"),
        ] {
            let reply = request("HEAD", &target.url(good), &[(name, value)])?;
            ensure!(
                [200, 304].contains(&reply.status) && reply.body.is_empty(),
                "{name}: {}",
                reply.status
            );
        }
    }
    let overridden = raw(
        &server,
        &[
            &format!("GET {plain} HTTP/1.1"),
            "Host: a",
            "X-HTTP-Method-Override: DELETE",
        ],
    )?;
    ensure!(overridden.status == 200);
    let conditional = request("GET", &target.url(&once), &[("if-none-match", "*")])?;
    ensure!(
        conditional.status == 304 && conditional.body.is_empty(),
        "{}",
        conditional.status
    );
    // After all of that the URL is as good as new; after one picture it is not.
    target.serves(&once)?;
    target.refuses(&once, 410, "gone").map(drop)
}
