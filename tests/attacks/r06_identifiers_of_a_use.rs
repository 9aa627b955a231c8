//! R6: identifiers of a use that are none, or that are another spelling of one.

use crate::target::{FORGED, Target, now, with};
use crate::tokens::{claims, forge, header, jti_text};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v2(&Options::until(now() + 600).once("attack-r06-0000001"))?;
    for spelling in [
        "",
        "short",
        "attack/r06-0000001",
        "attack-r06-000000%00",
        "..%2Fattack-r06-00001",
        &"a".repeat(10_240),
    ] {
        let reply = target.get(&with(&good, "once", spelling))?;
        ensure!([400, 414].contains(&reply.status), "{:.40}: {}", spelling, reply.status);
    }
    // Another case is another use, which nobody signed; and a used one does not come back by it.
    target.serves(&good)?;
    target.refuses(&with(&good, "once", "ATTACK-r06-0000001"), 403, FORGED)?;
    let mut other = claims(target, 60);
    for jti in [
        "",
        "a/b",
        "\0",
        &format!("{}=", jti_text(60)),
        &"B".repeat(10_240)[..2000],
    ] {
        other["jti"] = json!(jti);
        let url = forge(target, &header(), &other)?;
        target.refuses(&url, 403, FORGED).with_context(|| format!("{jti:?}"))?;
    }
    Ok(())
}
