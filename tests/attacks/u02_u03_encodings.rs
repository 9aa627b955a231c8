//! U2: other spellings of the same bytes. U3: encoded twice.

use crate::target::{FORGED, Target};
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    // Version 2 signs the bytes of the request: every other spelling is another URL.
    let good = target.plain_v2()?;
    for (from, to) in [
        ("good", "g%6Fod"),
        ("good", "%67ood"),
        ("/x.jpg", "%2Fx.jpg"),
        ("/x.jpg", "%2fx.jpg"),
        ("w_96", "%77_96"),
        ("x.jpg", "x%2Ejpg"),
    ] {
        target.refuses(&good.replacen(from, to, 1), 403, FORGED)?;
    }
    // Version 1 signs the path decoded once, as its specification has it: an encoded letter is that letter and gets the
    // same bytes, in upper-case hexadecimal only.
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let plain = target.serves(&good)?;
    let encoded = target.serves(&good.replacen("good", "g%6Fod", 1))?;
    ensure!(plain.body == encoded.body, "two pictures for one URL");
    target.refuses(&good.replacen("good", "g%6fod", 1), 400, "Invalid path format")?;

    let before = target.asked_of_origin();
    for hidden in [
        "%2e%2e%2fgood/x.jpg",
        "%2E%2E/good/x.jpg",
        "a/%2e%2e/good",
        "a%2fb",
        "a%5cb",
        "a%00b",
        "%252e%252e/x",
        "%25%32%66",
    ] {
        target.refuses(&target.v1("w_96", &target.source(hidden)), 400, "Invalid image URL")?;
        target.refuses(
            &target.v2_of(
                &target.key,
                "w_96",
                &target.source(hidden),
                &crate::u06_u08_parameters::hour(),
            )?,
            400,
            "Invalid image URL",
        )?;
    }
    for unsigned in ["%252e%252e%252fx.jpg", "%25%32%66x.jpg"] {
        target.refuses(&good.replacen("x.jpg", unsigned, 1), 403, FORGED)?;
    }
    ensure!(target.asked_of_origin() == before, "the origin was asked");
    Ok(())
}
