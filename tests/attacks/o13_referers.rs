//! O13: pages that would like to pass for one on a project's list.

use crate::target::{Target, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::request;

pub fn attack(target: &Target) -> Result<()> {
    let key = target.create_key("listed", &[])?;
    let set = |options: &[&str]| {
        target
            .deckle
            .run(&[&["project", "set", "listed"][..], options].concat())
    };
    // An entry without a scheme or a port leaves them open; one with them does not.
    set(&[
        "--referer",
        "shop.example.com",
        "--referer",
        "https://strict.example:8443",
    ])?;
    let url = target.url(&key.sign("w_96", &target.source("good/x.jpg"), Some(now() + 600)));
    for good in [
        "https://shop.example.com/",
        "https://shop.example.com",
        "https://SHOP.example.com/a?b=c",
        "https://www.shop.example.com/page",
        "https://strict.example:8443/",
    ] {
        let reply = request("GET", &url, &[("referer", good)])?;
        ensure!(reply.status == 200, "{good}: {}", reply.status);
    }
    for bad in [
        "null",
        "",
        "about:blank",
        "https://shop.example.com.evil.example/",
        "https://evilshop.example.com/",
        "https://evil.example/shop.example.com",
        "https://evil.example/?https://shop.example.com/",
        "https://evil.example/#https://shop.example.com/",
        "https://shop.example.com@evil.example/",
        "https://evil.example\\@shop.example.com/",
        "https://example.com/",
        "https://com/",
        "https://strict.example/",
        "http://strict.example:8443/",
        "https://strict.example:8444/",
        "file:///shop.example.com",
        "data:text/html,https://shop.example.com/",
        "javascript://shop.example.com/",
        "shop.example.com",
        "//shop.example.com/",
        "https://shop.example.com%2eevil.example/",
        "https:// shop.example.com/",
    ] {
        let reply = request("GET", &url, &[("referer", bad)])?;
        refused(&reply, 403, "Forbidden: Invalid referer").with_context(|| bad.to_owned())?;
    }
    // Two are none that can be relied on.
    let twice = [
        ("referer", "https://shop.example.com/"),
        ("referer", "https://evil.example/"),
    ];
    refused(&request("GET", &url, &twice)?, 403, "Forbidden: Invalid referer")?;
    // None at all is let through unless the project says otherwise: many browsers and all programs send none.
    ensure!(request("GET", &url, &[])?.status == 200);
    set(&["--allow-empty-referer", "false"])?;
    refused(&request("GET", &url, &[])?, 403, "Forbidden: Invalid referer")
}
