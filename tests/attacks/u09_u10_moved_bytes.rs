//! U9: the expiry moved into the path. U10: bytes moved from one field to the next.

use crate::target::{FORGED, Target, now, parameter, without};
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    let expired = target.key.sign("w_96", &source, Some(now() - 10));
    let exp = parameter(&expired, "exp").to_owned();
    let bare = without(&expired, "exp");
    for moved in [
        bare.replacen('?', &format!("%3Fexp%3D{exp}?"), 1),
        bare.replacen('?', &format!("%3Fexp={exp}?"), 1),
    ] {
        target.refuses(&moved, 403, FORGED)?;
    }
    // The key's holder cannot sign one by mistake either.
    for hidden in ["?exp=9999999999", "?v=1&exp=9999999999", "?v=1?exp=1"] {
        target.refuses(&target.v1_forever("w_96", &format!("{source}{hidden}")), 403, FORGED)?;
    }
    let two = target.plain_v2()?;
    let exp = parameter(&two, "exp").to_owned();
    let bare = without(&two, "exp");
    target.refuses(
        &bare.replacen('?', &format!("%3Fexp%3D{exp}?"), 1),
        401,
        "Missing signature parameters",
    )?;
    target.refuses(
        &bare.replacen('?', &format!("?exp={exp}?"), 1),
        401,
        "Missing signature parameters",
    )?;
    target.refuses(&target.v1("w_96", &format!("{source}#x")), 400, "Invalid image URL")?;

    let one = target.v1("w_96", &source);
    for (from, to, status, error) in [
        ("/w_96/", "/w_96%2F", 400, "Invalid path format"),
        ("/w_96/", "/w_9/6", 403, FORGED),
        ("/w_96/", "/w_961/", 403, FORGED),
        (
            "/shop/w_96/",
            "/shop%2Fw_96/",
            401,
            "API key does not belong to this project",
        ),
        ("/shop/w", "/shopw/", 401, "API key does not belong to this project"),
        ("x.jpg?", "x.jpg%3F?", 403, FORGED),
        ("x.jpg?", "x.jp?g&", 400, "Invalid query parameters"),
    ] {
        target.refuses(&target.edit(&one, from, to)?, status, error)?;
    }
    for (from, to, status, error) in [
        ("/w_96,f_png/", "/w_96,f_png%2F", 403, FORGED),
        ("/w_96,f_png/", "/w_96,f/_png", 403, FORGED),
        ("/shop/w", "/sho/pw", 403, FORGED),
        ("/shop/", "/shop%0Aoperations:w_96,f_png/", 403, FORGED),
        ("x.jpg?", "x.jpg%0Akid:pk_x?", 403, FORGED),
        ("&exp=", "1&exp=", 403, FORGED),
    ] {
        target.refuses(&target.edit(&two, from, to)?, status, error)?;
    }
    Ok(())
}
