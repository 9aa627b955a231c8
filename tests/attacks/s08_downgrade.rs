//! S8: asking for a weaker algorithm or an older version.

use crate::target::Target;
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    for good in [target.v1("w_96", &target.source("good/x.jpg")), target.plain_v2()?] {
        for more in [
            "alg=sha1",
            "alg=none",
            "v=0",
            "v=1",
            "version=1",
            "sig_alg=md5",
            "hash=sha256",
        ] {
            target.refuses(&format!("{good}&{more}"), 400, "Invalid query parameters")?;
        }
    }
    // The same parameters under the other version's path.
    target.refuses(
        &target.plain_v2()?.replacen("/v2/", "/api/v1/", 1),
        400,
        "Invalid query parameters",
    )?;
    let one = target
        .v1("w_96", &target.source("good/x.jpg"))
        .replacen("/api/v1/", "/v2/", 1);
    target.refuses(&one, 400, "Invalid query parameters")?;
    target
        .refuses(&one.replacen("key=", "kid=", 1), 403, "Invalid or expired signature")
        .map(drop)
}
