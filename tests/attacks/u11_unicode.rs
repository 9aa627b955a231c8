//! U11: encodings that are none, control characters, and letters that look alike.

use crate::target::{FAILED, FORGED, Target, with};
use anyhow::{Result, ensure};
use deckle_tests::exchange;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    for bad in [
        "%zz",
        "%",
        "%4",
        "%C0%AE%C0%AE/",
        "%FF",
        "%C3",
        "%ED%A0%80",
        "%F5%80%80%80",
        "%00",
        "%0D%0A",
        "%7F",
        "%C2%85",
        "%e9",
    ] {
        target.refuses(
            &good.replacen("x.jpg", &format!("{bad}x.jpg"), 1),
            400,
            "Invalid path format",
        )?;
        target.refuses(
            &target.plain_v2()?.replacen("x.jpg", &format!("{bad}x.jpg"), 1),
            403,
            FORGED,
        )?;
        target.refuses(
            &with(&good, "key", &format!("pk_{bad}")),
            400,
            "Invalid query parameters",
        )?;
    }
    // One letter in its two normal forms makes two names.
    let composed = target.v1("w_96", &target.source("good/caf\u{e9}.jpg"));
    target.serves(&composed)?;
    target.refuses(&composed.replacen("%C3%A9", "e%CC%81", 1), 403, FORGED)?;
    // Full-width dots are letters of a file's name, and stay it on the way to the origin.
    target.refuses(
        &target.v1("w_96", &target.source("\u{ff0e}\u{ff0e}\u{ff0f}good/x.jpg")),
        404,
        FAILED,
    )?;
    ensure!(
        target
            .origin
            .last_request()
            .starts_with("GET /%EF%BC%8E%EF%BC%8E%EF%BC%8Fgood/x.jpg "),
        "{}",
        target.origin.last_request()
    );
    for direction in ["\u{202e}gpj.x", "a\u{200f}b", "\u{2066}x"] {
        target.refuses(&target.v1("w_96", &target.source(direction)), 400, "Invalid image URL")?;
    }
    for host in [
        "\u{ff11}27.0.0.1",
        "ex\u{e4}mple.com",
        "127\u{3002}0.0.1",
        "\u{0261}oogle.com",
    ] {
        target.refuses(&target.v1("w_96", &format!("{host}/x.jpg")), 400, "Invalid image URL")?;
    }
    // Bytes that are not ASCII, as they are.
    let server = target.deckle.url("");
    for bytes in [&b"\xff\xfe"[..], b"\xc3\xa9", b"\xe2\x80\xae", b"\0", b"\x7f"] {
        let (before, after) = good.split_once("x.jpg").unwrap_or_default();
        let head = [
            b"GET ",
            before.as_bytes(),
            bytes,
            after.as_bytes(),
            b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        ]
        .concat();
        let answer = exchange(&server, &head)?;
        let answer = String::from_utf8_lossy(&answer);
        ensure!(
            ["HTTP/1.1 400 ", "HTTP/1.1 403 "]
                .iter()
                .any(|status| answer.starts_with(status)),
            "{bytes:?}: {answer}"
        );
    }
    Ok(())
}
