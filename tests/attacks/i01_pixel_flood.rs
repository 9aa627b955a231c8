//! I1: headers that promise more pixels than there is memory.

use crate::pictures::{chunk, file, ihdr, png, with_sides};
use crate::target::Target;
use anyhow::{Result, ensure};
use image::ImageFormat;
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let start = Instant::now();
    let jpeg = file(ImageFormat::Jpeg)?;
    for (width, height) in [
        (65_535, 65_535),
        (0x7fff_ffff, 0x7fff_ffff),
        (0x7fff_ffff, 1),
        (60_000, 60_000),
        (0xffff_ffff, 0xffff_ffff),
    ] {
        let flood = png(&[ihdr(width, height, 8, 6, 0), chunk(b"IDAT", b"")]);
        target.rejects("flood.png", &flood, 422)?;
        target.rejects(
            "flood16.png",
            &png(&[ihdr(width, height, 16, 6, 1), chunk(b"IDAT", b"")]),
            422,
        )?;
    }
    for (width, height) in [(65_535, 65_535), (65_535, 20_000), (20_000, 65_535)] {
        target.rejects("flood.jpg", &with_sides(&jpeg, width, height), 422)?;
    }
    // WebP of 16,384 x 16,384: an extended canvas, and a lossless bitstream.
    let canvas = [&b"VP8X\x0a\0\0\0\x10\0\0\0"[..], &[0xff, 0x3f, 0, 0xff, 0x3f, 0]].concat();
    let bits = 16_383u32 | 16_383 << 14;
    let lossless = [&b"VP8L\x06\0\0\0\x2f"[..], &bits.to_le_bytes(), &[0]].concat();
    for body in [[canvas.clone(), lossless.clone()].concat(), lossless, canvas] {
        let webp = [&b"RIFF"[..], &(body.len() as u32 + 4).to_le_bytes(), b"WEBP", &body].concat();
        target.rejects("flood.webp", &webp, 422)?;
    }
    target.rejects(
        "flood.gif",
        b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01\0\0;",
        422,
    )?;
    // 20,000 x 20,000 pixels of 24 bits.
    let bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x20\x4e\0\0\x20\x4e\0\0\x01\0\x18\0";
    target.rejects("flood.bmp", &[bmp.as_slice(), &[0; 24]].concat(), 422)?;
    target.rejects(
        "flood.tiff",
        b"II*\0\x08\0\0\0\x01\0\0\x01\x04\0\x01\0\0\0\xff\xff\xff\x7f\0\0\0\0",
        422,
    )?;
    // A format that is not read is not measured either.
    target.rejects("flood.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", 415)?;
    ensure!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    Ok(())
}
