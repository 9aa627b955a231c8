//! H12: headers that keep a browser from taking an answer for anything else.

use crate::target::{Target, with};
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    for url in [
        good.clone(),
        target.plain_v2()?,
        with(&good, "sig", "x"),
        target.v1("w_96", &target.source("absent")),
        "/i/x".to_owned(),
    ] {
        let reply = target.get(&url)?;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            ensure!(
                reply.header(name) == Some(value),
                "{url}: {name} is {:?}",
                reply.header(name)
            );
        }
        for name in [
            "server",
            "x-powered-by",
            "set-cookie",
            "access-control-allow-origin",
            "access-control-allow-credentials",
        ] {
            ensure!(reply.header(name).is_none(), "{url}: {name}");
        }
    }
    ensure!(target.get("/nothing")?.header("x-content-type-options") == Some("nosniff"));
    Ok(())
}
