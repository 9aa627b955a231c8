//! T1: numbers that are none. T2: milliseconds.

use crate::target::{FORGED, Target, with};
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    for good in [target.v1("w_96", &target.source("good/x.jpg")), target.plain_v2()?] {
        for form in [
            "-1",
            "+5",
            "05",
            "00",
            "1e9",
            "1.0",
            "0x5",
            "5%20",
            "%205",
            "%D9%A3",
            "1_000",
            "1,000",
            "NaN",
            "Infinity",
            "null",
            "true",
            "99999999999",
            "9007199254740992",
            "9223372036854775808",
            "18446744073709551616",
            "123456789012345678901234567890",
        ] {
            target.refuses(&with(&good, "exp", form), 400, "Invalid expiration")?;
        }
        let reply = target.refuses(&with(&good, "exp", "1798761600000"), 400, "Invalid expiration")?;
        ensure!(String::from_utf8_lossy(&reply.body).contains("milliseconds"), "no hint");
        // Ten digits are a time, and one that was not signed.
        for form in ["0", "1", "2147483648", "9999999999"] {
            target.refuses(&with(&good, "exp", form), 403, FORGED)?;
        }
    }
    let zero = target.key.sign("w_96", &target.source("good/x.jpg"), Some(0));
    target.refuses(&zero, 403, FORGED)?;
    // Beyond 32 bits of seconds, rightly signed.
    target
        .serves(
            &target
                .key
                .sign("w_96", &target.source("good/x.jpg"), Some(9_999_999_999)),
        )
        .map(drop)
}
