//! U6: parameters that stand twice, or are unknown. U8: empty ones, and other separators.

use crate::target::{FORGED, Target, now, parameter, with};
use anyhow::Result;
use signed_url::v2::Options;

/// A version 2 URL that works for an hour.
pub fn hour() -> Options<'static> {
    Options::until(now() + 3600)
}

pub fn attack(target: &Target) -> Result<()> {
    let one = target.v1("w_96", &target.source("good/x.jpg"));
    let two = target.plain_v2()?;
    for (good, key) in [(&one, "key"), (&two, "kid")] {
        let sig = parameter(good, "sig").to_owned();
        for more in [
            format!("sig={sig}"),
            "sig=b".to_owned(),
            "exp=1".to_owned(),
            "exp=9999999999".to_owned(),
            format!("{key}=pk_other"),
            "Exp=1".to_owned(),
            "EXP=1".to_owned(),
            "sig[]=x".to_owned(),
            "w=800".to_owned(),
            "access_token=x".to_owned(),
            "%65xp=1".to_owned(),
            String::new(),
            "x".to_owned(),
            "=".to_owned(),
            "=x".to_owned(),
            "utm_source=x".to_owned(),
        ] {
            target.refuses(&format!("{good}&{more}"), 400, "Invalid query parameters")?;
        }
        for bad in [
            with(good, "exp", ""),
            with(good, "sig", ""),
            with(good, key, ""),
            good.replacen(&format!("{key}="), key, 1),
            good.replacen('&', ";", 1),
            good.replacen('&', "&&", 1),
            good.replacen("sig=", "sig%3D", 1),
        ] {
            target.refuses(&bad, 400, "Invalid query parameters")?;
        }
        target.refuses(&with(good, "exp", "+5"), 400, "Invalid expiration")?;
        // A plus sign belongs to the other base64 alphabet: a signature, and a wrong one.
        target.refuses(&with(good, "sig", &format!("+{}", &sig[1..])), 403, FORGED)?;
        let fragment = good.replacen('&', "#&", 1);
        let reply = target.get(&fragment)?;
        anyhow::ensure!((400..404).contains(&reply.status), "{fragment}: {}", reply.status);
    }
    // Parameters of version 2 mean nothing in version 1.
    target
        .refuses(&format!("{one}&once=AAAAAAAAAAAAAAAA"), 400, "Invalid query parameters")
        .map(drop)
}
