//! O11: headers and types of the origin stay there.

use crate::pictures::{contains, file};
use crate::target::{FAILED, Target};
use anyhow::{Result, ensure};
use image::ImageFormat;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.serves(&target.v1("w_96,f_png", &target.source("good/x.jpg")))?;
    for header in ["set-cookie", "x-leak", "location", "server"] {
        ensure!(good.header(header).is_none(), "{header}");
    }
    // The origin calls it a page; the first bytes say otherwise, and ours says what we send.
    let named = target.render("w_96,f_png", "page.html", &file(ImageFormat::Png)?)?;
    ensure!(
        named.status == 200 && named.header("content-type") == Some("image/png"),
        "{named:?}"
    );
    let page = target.refuses(&target.v1("w_96", &target.source("html/x")), 415, FAILED)?;
    ensure!(!contains(&page.body, b"<html>") && page.header("set-cookie").is_none());
    target
        .refuses(&target.v1("w_96", &target.source("large-head/x")), 502, FAILED)
        .map(drop)
}
