//! O6: users before the host, other schemes, other ports.

use crate::target::Target;
use anyhow::{Context, Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    let before = target.origin.requests();
    let own = target.authority();
    let (host, port) = own.split_once(':').context("a port")?;
    for source in [
        format!("good@{own}/x"),
        format!("{own}@evil.example/x"),
        format!("user:pass@{own}/x"),
        format!("{own}\\@evil.example/x"),
        format!("{own}#@evil.example/x"),
        format!("{own}?@evil.example/x"),
        format!("ftp://{own}/x"),
        format!("gopher://{own}/x"),
        "file:///etc/passwd".to_owned(),
        "data://text/x".to_owned(),
        "javascript://x/x".to_owned(),
        format!("https://{own}/x"),
        format!("HTTP://{own}/x"),
        format!("http:///{own}/x"),
        format!("//{own}/x"),
        format!("http://http://{own}/x"),
        "http://evil.example/x".to_owned(),
        format!("{host}:22/x"),
        format!("{host}:6379/x"),
        format!("{host}:0{port}/x"),
        format!("{host}:/x"),
        format!("{host}:0/x"),
        format!("{host}:65536/x"),
        format!("{host}:+{port}/x"),
        "evil.example:0/x".to_owned(),
        "evil.example:99999/x".to_owned(),
        "evil.example".to_owned(),
        format!(" {own}/x"),
    ] {
        target.refuses(&target.v1("w_96", &source), 400, "Invalid image URL")?;
    }
    for source in ["evil.example:22/x", "evil.example:6379/x"] {
        target.refuses(&target.v1("w_96", source), 403, "Forbidden: Source domain not allowed")?;
    }
    ensure!(target.origin.requests() == before, "the origin was asked");
    Ok(())
}
