//! O7: names of originals that lead out of their folder. (The parameters of S3 belong to its origin, which is not built yet.)

use crate::target::Target;
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    let before = target.origin.requests();
    for name in [
        "..",
        ".",
        "/x",
        "a//b",
        "a/../../b",
        "%2e%2e/x",
        "a/%2E./b",
        "a%2Fb",
        "a%5Cb",
        "a\\b",
        "a#b",
        &"k".repeat(2100),
    ] {
        target.refuses(&target.v1("w_96", &target.source(name)), 400, "Invalid image URL")?;
    }
    for name in ["a\0b", "a\rb", "a\nb", "a\u{1b}[31mb", "a\u{9f}b"] {
        target.refuses(&target.v1("w_96", &target.source(name)), 400, "Invalid path format")?;
    }
    ensure!(target.origin.requests() == before, "the origin was asked");
    // What is left reaches the origin as one encoded request line.
    target.serves(&target.v1("w_96", &target.source("good/a b\"<>|^`{}é HTTP/1.1.jpg")))?;
    let line = target.origin.last_request();
    ensure!(
        line.lines().next().is_some_and(|line| line.split(' ').count() == 3),
        "{line}"
    );
    Ok(())
}
