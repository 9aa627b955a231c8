//! U4: dot segments. U5: empty segments. Also where they are signed.

use crate::target::{FORGED, Target};
use crate::u06_u08_parameters::hour;
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    let before = target.asked_of_origin();
    for path in [
        "good/../x.jpg",
        "./good/x.jpg",
        "good/.",
        "..",
        "../../etc/passwd",
        "..;/x.jpg",
        ".;a/x.jpg",
        "good\\..\\x.jpg",
        "\\..\\x",
        "%2e%2e/x.jpg",
        "good//x.jpg",
        "/good/x.jpg",
        "good/",
        "",
        ";/x.jpg",
    ] {
        let source = target.source(path);
        target.refuses(&target.v1("w_96", &source), 400, "Invalid image URL")?;
        target.refuses(
            &target.v2_of(&target.key, "w_96", &source, &hour())?,
            400,
            "Invalid image URL",
        )?;
    }
    target.refuses(
        &target.v1("..", &target.source("good/x.jpg")),
        400,
        "Invalid operations",
    )?;
    // Nothing is collapsed before verification.
    for good in [target.v1("w_96", &target.source("good/x.jpg")), target.plain_v2()?] {
        for (from, to) in [
            ("/good/", "//good/"),
            ("/good/", "/./good/"),
            ("/good/", "/a/../good/"),
            ("x.jpg?", "x.jpg/?"),
        ] {
            target.refuses(&good.replacen(from, to, 1), 403, FORGED)?;
        }
    }
    // An empty slug is no project.
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    target.refuses(
        &good.replacen("/shop/", "//shop/", 1),
        401,
        "API key does not belong to this project",
    )?;
    target.refuses(
        &target.plain_v2()?.replacen("/shop/", "//shop/", 1),
        400,
        "Invalid path format",
    )?;
    target.refuses(&format!("/{good}"), 404, "Not found")?;
    target.refuses("//evil.example/x", 404, "Not found")?;
    ensure!(target.asked_of_origin() == before, "the origin was asked");
    Ok(())
}
