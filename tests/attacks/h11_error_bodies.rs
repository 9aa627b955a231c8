//! H11: an error says what the caller can do about it, and nothing of what is inside.

use crate::target::{Target, with};
use anyhow::{Context, Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    target.origin.put("junk.jpg", b"\xff\xd8\xff\xe0 junk".to_vec());
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    for (url, status) in [
        (target.v1("w_96", &target.source("file/junk.jpg")), 422),
        (target.v1("w_96", &target.source("close/x")), 502),
        (target.v1("w_96", &target.source("status/500")), 502),
        (target.v1("w_96", &target.source("absent")), 404),
        (target.v1("crop_0_0_9999_9999", &target.source("good/x.jpg")), 422),
        (target.v1("nonsense", &target.source("good/x.jpg")), 400),
        (with(&good, "sig", "x"), 403),
        ("/nothing".to_owned(), 404),
    ] {
        let reply = target.get(&url)?;
        ensure!(reply.status == status, "{url}: {}", reply.status);
        reply.error()?;
        let body: serde_json::Value = serde_json::from_slice(&reply.body)?;
        let mut members: Vec<&str> = body
            .as_object()
            .context("an object")?
            .keys()
            .map(String::as_str)
            .collect();
        members.sort_unstable();
        ensure!(
            members == ["error", "message", "request_id", "status", "title", "type"],
            "{members:?}"
        );
        let text = body.to_string().to_ascii_lowercase();
        for inside in [
            "panick",
            ".rs",
            "wasm",
            "backtrace",
            "127.0.0.1",
            "errorcode",
            "sqlite",
            "key-value",
        ] {
            ensure!(!text.contains(inside), "{url} speaks of {inside}: {text}");
        }
    }
    Ok(())
}
