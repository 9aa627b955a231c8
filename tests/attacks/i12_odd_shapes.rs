//! I12: sides of nothing, lines, and every kind of pixel. (What they look like: the pictures under `tests/goldens`.)

use crate::pictures::{chunk, file, ihdr, png, zeros};
use crate::target::Target;
use anyhow::{Result, ensure};
use image::ImageFormat;

pub fn attack(target: &Target) -> Result<()> {
    let shape = |width: u32, height: u32| -> Result<Vec<u8>> {
        let row = width as usize * 3 + 1;
        Ok(png(&[
            ihdr(width, height, 8, 2, 0),
            chunk(b"IDAT", &zeros(row * height as usize)?),
        ]))
    };
    for (width, height) in [(0, 0), (0, 64), (64, 0), (1, 1), (1, 65_535), (65_535, 1), (7, 7)] {
        let reply = target.render("f_png", "shape.png", &shape(width, height)?)?;
        ensure!(reply.status == 422, "{width}x{height}: {}", reply.status);
        reply.error()?;
    }
    let jpeg = file(ImageFormat::Jpeg)?;
    // A JPEG frame of no lines says that their number comes later, which is a kind that is not read.
    for (width, height, status) in [(0, 64, 422), (64, 0, 415), (0, 0, 415)] {
        let bytes = crate::pictures::with_sides(&jpeg, width, height);
        target.rejects(&format!("none-{width}x{height}.jpg"), &bytes, status)?;
    }
    // Depths and colour types of PNG, plain and interlaced; the last four are none.
    for (depth, colour, good) in [
        (1, 0, true),
        (2, 0, true),
        (4, 0, true),
        (8, 0, true),
        (16, 0, true),
        (8, 2, true),
        (16, 2, true),
        (8, 4, true),
        (16, 4, true),
        (8, 6, true),
        (16, 6, true),
        (1, 3, true),
        (8, 3, true),
        (16, 3, false),
        (8, 1, false),
        (3, 0, false),
        (8, 7, false),
    ] {
        let palette = chunk(b"PLTE", &[10, 20, 30, 40, 50, 60]);
        let clear = chunk(b"tRNS", &[0, 255]);
        let mut chunks = vec![ihdr(96, 96, depth, colour, 0)];
        if colour == 3 {
            chunks.extend([palette, clear]);
        }
        chunks.push(chunk(b"IDAT", &zeros(96 * (96 * 8 + 1))?));
        let reply = target.render("w_96,f_png", "kind.png", &png(&chunks))?;
        let expected: &[u16] = if good { &[200] } else { &[415, 422] };
        ensure!(
            expected.contains(&reply.status),
            "depth {depth}, colour {colour}: {}",
            reply.status
        );
    }
    Ok(())
}
