//! U1: any byte of a valid URL is changed.

use crate::target::{FORGED, Target, refused, short};
use anyhow::{Context, Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    version_1(target)?;
    version_2(target)
}

/// Version 1 says what is wrong with slug and key, as its specification asks; everything else is one 403.
fn version_1(target: &Target) -> Result<()> {
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    target.serves(&good)?;
    let (slug, key) = (
        good.find(&format!("/{}/", target.key.project)).context("slug")? + 1,
        good.find("pk_").context("key")?,
    );
    let (sig, exp) = (
        good.find("&sig=").context("sig")? + 5,
        good.find("&exp=").context("exp")? + 5,
    );
    for at in slug..good.len() {
        let changed = change(&good, at);
        let reply = target.get(&changed)?;
        if good.as_bytes()[at..].first().is_some_and(|b| b"/?&=".contains(b))
            || (sig - 5..sig).contains(&at)
            || (exp - 5..exp).contains(&at)
            || (key - 4..key).contains(&at)
        {
            ensure!(
                (400..404).contains(&reply.status),
                "{}: {}",
                short(&changed),
                reply.status
            );
            reply.error()?;
            continue;
        }
        let (status, error) = if at < slug + target.key.project.len() {
            (401, "API key does not belong to this project")
        } else if (key..sig - 5).contains(&at) {
            (401, "Invalid API key")
        } else {
            (403, FORGED)
        };
        refused(&reply, status, error).with_context(|| short(&changed))?;
    }
    Ok(())
}

/// Version 2 refuses all of it alike; what is no URL of its form any more is a 400.
fn version_2(target: &Target) -> Result<()> {
    let good = target.plain_v2()?;
    target.serves(&good)?;
    let (kid, query) = (good.find("pk_").context("kid")?, good.find('?').context("query")?);
    for at in "/v2/".len()..good.len() {
        let changed = change(&good, at);
        let reply = target.get(&changed)?;
        let separator = b"/?&=".contains(&good.as_bytes()[at]);
        let name = at > query && good[..at].rfind(['?', '&']) > good[..at].rfind('=');
        if separator || name || (kid..kid + 3).contains(&at) {
            ensure!(
                (400..404).contains(&reply.status),
                "{}: {}",
                short(&changed),
                reply.status
            );
            reply.error()?;
        } else {
            refused(&reply, 403, FORGED).with_context(|| short(&changed))?;
        }
    }
    Ok(())
}

/// Another character of the same kind.
fn change(good: &str, at: usize) -> String {
    let mut bytes = good.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte = match *byte {
            b'2'..=b'9' => *byte - 1,
            b'0' | b'1' => b'7',
            b'a' => b'b',
            b'A' => b'B',
            b if b.is_ascii_lowercase() => b - 1,
            b if b.is_ascii_uppercase() => b - 1,
            b'-' => b'_',
            b'_' => b'-',
            _ => b'x',
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
