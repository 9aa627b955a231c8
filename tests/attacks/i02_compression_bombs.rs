//! I2: little that unpacks to much.

use crate::pictures::{chunk, exif, file, ihdr, png, with_segments, zeros};
use crate::target::{FAILED, Target, refused};
use anyhow::{Context, Result, ensure};
use image::ImageFormat;
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let bomb = zeros(256 << 20)?;
    let start = Instant::now();
    let pixels = chunk(b"IDAT", &zeros(96 * (96 * 3 + 1))?);
    let header = ihdr(96, 96, 8, 2, 0);
    let named = [&b"x\0\0"[..], &bomb].concat();
    let international = [&b"x\0\x01\0\0\0"[..], &bomb].concat();
    // Text is not looked at; a profile that is too large is as if it were none, or damages the file.
    for (name, extra) in [(b"zTXt", &named), (b"iTXt", &international), (b"iCCP", &named)] {
        let bytes = png(&[header.clone(), chunk(name, extra), pixels.clone()]);
        let reply = target.render("w_96,f_png", "bomb.png", &bytes)?;
        if reply.status == 200 {
            ensure!(reply.body.len() < 100_000, "{} bytes", reply.body.len());
        } else {
            refused(&reply, 422, FAILED).with_context(|| String::from_utf8_lossy(name).into_owned())?;
        }
    }
    // 256 MiB of pixel data for a picture of 27 KiB: what is beyond the picture is not unpacked.
    let reply = target.render("w_96,f_png", "idat.png", &png(&[header, chunk(b"IDAT", &bomb)]))?;
    ensure!([200, 422].contains(&reply.status), "{}", reply.status);
    // 10,000 x 10,000 pixels of one bit each unpack from 15 KiB; as 8 bits they are beyond the budget.
    let wide = png(&[ihdr(10_000, 10_000, 1, 0, 0), chunk(b"IDAT", &zeros(10_000 * 1251)?)]);
    target.rejects("bits.png", &wide, 422)?;
    // Metadata of many segments.
    let jpeg = file(ImageFormat::Jpeg)?;
    let profile = [&b"ICC_PROFILE\0\x01\x01"[..], &vec![0; 65_000]].concat();
    for segments in [
        vec![(0xe1, exif(1, 0, &vec![b'x'; 60_000])); 100],
        vec![(0xe2, profile); 100],
        vec![(0xfe, vec![0; 65_000]); 100],
    ] {
        let reply = target.render("w_96,f_png", "segments.jpg", &with_segments(&jpeg, &segments))?;
        ensure!(reply.status == 200 && reply.body.len() < 100_000, "{}", reply.status);
    }
    ensure!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    Ok(())
}
