//! H3: a name at the end that makes a cache keep what it should not.

use crate::target::{FORGED, Target};
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    for good in [target.v1("w_96", &target.source("good/x.jpg")), target.plain_v2()?] {
        for ending in [
            "/x.css",
            ";.css",
            ";x=.js",
            ".css",
            "%3B.css",
            "%2Fx.css",
            "%23.css",
            "%3F.css",
            "~",
            "/..%2Fx.js",
        ] {
            target.refuses(&target.edit(&good, "x.jpg?", &format!("x.jpg{ending}?"))?, 403, FORGED)?;
        }
    }
    let one = target.v1("w_96", &target.source("good/x.jpg"));
    for control in ["%0A.js", "%00.css", "%0D%0A.js"] {
        target.refuses(
            &target.edit(&one, "x.jpg?", &format!("x.jpg{control}?"))?,
            400,
            "Invalid path format",
        )?;
        target.refuses(
            &target.edit(&target.plain_v2()?, "x.jpg?", &format!("x.jpg{control}?"))?,
            403,
            FORGED,
        )?;
    }
    target
        .refuses(&format!("{one}/x.css"), 400, "Invalid expiration")
        .map(drop)
}
