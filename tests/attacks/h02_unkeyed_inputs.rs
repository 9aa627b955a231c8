//! H2: what is not signed changes nothing.

use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::request;

pub fn attack(target: &Target) -> Result<()> {
    let url = target
        .deckle
        .url(&target.v1("w_96,f_jpeg", &target.source("good/x.jpg")));
    let expected = request("GET", &url, &[])?;
    for (name, value) in [
        ("accept", "image/webp,image/avif"),
        ("accept", "text/html"),
        ("accept-encoding", "gzip, br"),
        ("accept-language", "fr"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "1"),
        ("x-host", "evil.example"),
        ("dpr", "3"),
        ("width", "4000"),
        ("viewport-width", "10"),
        ("save-data", "on"),
        ("range", "bytes=0-9"),
        ("if-range", "x"),
        ("cookie", "session=1"),
        ("authorization", "Bearer x"),
        ("origin", "null"),
        ("user-agent", "\"><script>"),
        ("x-original-url", "/"),
        ("cache-control", "no-cache"),
        ("pragma", "x"),
        ("if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"),
        ("expect", "nothing"),
        ("te", "trailers"),
    ] {
        let reply = request("GET", &url, &[(name, value)])?;
        ensure!(
            reply.status == 200 && reply.body == expected.body,
            "{name}: {value} gives {}",
            reply.status
        );
        for header in [
            "content-type",
            "cache-control",
            "etag",
            "vary",
            "content-encoding",
            "access-control-allow-origin",
            "content-range",
        ] {
            ensure!(
                reply.header(header) == expected.header(header) || header == "cache-control",
                "{name}: {value} changes {header}"
            );
        }
    }
    let last = target.origin.last_request().to_ascii_lowercase();
    for ours in [
        "evil",
        "cookie",
        "authorization",
        "referer",
        "x-forwarded",
        "127.0.0.1, ",
    ] {
        ensure!(!last.contains(ours), "the origin was sent {ours}: {last}");
    }
    Ok(())
}
