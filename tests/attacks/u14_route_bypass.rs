//! U14: ways around the routes.

use crate::target::Target;
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    for (from, to) in [
        ("/api/v1/", "/API/v1/"),
        ("/api/v1/", "/api/V1/"),
        ("/api/v1/", "/api//v1/"),
        ("/api/v1/", "/api/./v1/"),
        ("/api/v1/", "/%61pi/v1/"),
        ("/api/v1/", "/api%2Fv1/"),
        ("/api/v1/", "/x/../api/v1/"),
        ("/api/v1/", "/api/v3/"),
    ] {
        target.refuses(&good.replacen(from, to, 1), 404, "Not found")?;
    }
    for slug in ["%2e", ".", "..", "%2e%2e", "../v1/shop"] {
        target.refuses(
            &target.edit(&good, "/shop/", &format!("/{slug}/"))?,
            401,
            "API key does not belong to this project",
        )?;
    }
    for path in [
        "/.well-known/spin/info",
        "/",
        "/i",
        "/v2",
        "/brand/overlay.png",
        "/spin.toml",
        "/../spin.toml",
        "/demo.json",
        "/logs/edge.jsonl",
    ] {
        target.refuses(path, 404, "Not found")?;
    }
    target.refuses("/i/", 403, "Invalid or expired signature")?;
    target
        .refuses("/api/v1/", 401, "Missing signature parameters")
        .map(drop)
}
