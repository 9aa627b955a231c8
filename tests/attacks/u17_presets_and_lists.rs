//! U17: ask for more than the key allows, by another spelling, beside a preset, or by the name of one that does not exist.

use crate::target::{Target, now};
use anyhow::{Result, ensure};
use signed_url::v2::Options;

const FORBIDDEN: &str = "Forbidden: Operations not allowed";

pub fn attack(target: &Target) -> Result<()> {
    let presets = ["--preset", "thumb=w_120,h_90,f_png", "--preset", "plain=_"];
    target
        .deckle
        .run(&[&["project", "set", "shop"], &presets[..]].concat())?;
    let source = target.source("good/x.jpg");
    let fetched = target.origin.requests();
    let only_presets = target.create_key("shop", &["--only-presets"])?;
    let listed = target.create_key("shop", &["--operations", "w_120,s_120x90,f"])?;
    let v1 = |key: &deckle_tests::Key, operations: &str| key.sign(operations, &source, Some(now() + 900));
    for operations in [
        "_",
        "w_320",
        "preset_thumb,q_100",
        "preset_plain,w_320",
        "preset_plain&width=320",
        "preset_plain,resize:320",
        "preset_plain,enlarge_",
        "preset_plain,flip_false",
    ] {
        target.refuses(&v1(&only_presets, operations), 403, FORBIDDEN)?;
        let v2 = target.v2_of(&only_presets, operations, &source, &Options::until(now() + 900))?;
        target.refuses(&v2, 403, FORBIDDEN)?;
    }
    for operations in [
        "_",
        "width=121",
        "w_120,height_120",
        "resize_120",
        "f_png,q_100",
        "preset_thumb",
        "preset_other",
    ] {
        target.refuses(&v1(&listed, operations), 403, FORBIDDEN)?;
    }
    for operations in [
        "preset_other",
        "preset_Thumb",
        "preset_",
        "preset_thumb,preset_plain",
        "preset_thumb,w_320",
        "preset_..%2Fthumb",
    ] {
        target.refuses(&v1(&target.key, operations), 400, "Invalid operations")?;
    }
    ensure!(target.origin.requests() == fetched, "the origin was asked");
    let size = |operations: &str, key| -> Result<(u32, u32)> {
        let picture = image::load_from_memory(&target.serves(&v1(key, operations))?.body)?;
        Ok((picture.width(), picture.height()))
    };
    ensure!(size("preset_thumb", &only_presets)? == (120, 90));
    ensure!(size("h_90,w_120", &listed)? == (120, 90));
    Ok(())
}
