//! I6: files cut short, and files with wrong bits. (Every byte and every bit: the tests of the codecs; here a sample.)

use crate::pictures::file;
use crate::target::Target;
use anyhow::{Result, ensure};
use image::ImageFormat;

pub fn attack(target: &Target) -> Result<()> {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let good = file(format)?;
        ensure!(target.render("w_96,f_png", "good", &good)?.status == 200);
        for part in 0..40 {
            let cut = &good[..part * good.len() / 40];
            answered(target, cut)?;
        }
        for flip in 0..60 {
            let mut flipped = good.clone();
            let at = flip * 7919 % flipped.len().min(900);
            flipped[at] ^= 1 << (flip % 8);
            answered(target, &flipped)?;
        }
    }
    Ok(())
}

/// Either a picture of the right size, or a clean refusal.
fn answered(target: &Target, bytes: &[u8]) -> Result<()> {
    let reply = target.render("s_96x64,fit_fill,f_png", "damaged", bytes)?;
    match reply.status {
        200 => {
            let picture = image::load_from_memory(&reply.body)?;
            ensure!((picture.width(), picture.height()) == (96, 64));
        }
        status => {
            ensure!([415, 422].contains(&status), "{status} for {} bytes", bytes.len());
            reply.error()?;
        }
    }
    Ok(())
}
