//! I3: frames by the thousand. The first one is the picture: the others are neither decoded nor counted on, so that what a
//! file says of them costs nothing. Where all are asked for, they are added up before one of them is decoded.

use crate::pictures::{chunk, ihdr, png, zeros};
use crate::target::{FAILED, Target, refused};
use anyhow::{Result, ensure};
use deckle_tests::repository;

pub fn attack(target: &Target) -> Result<()> {
    let pixels = zeros(96 * (96 * 3 + 1))?;
    let still = |name: &str, file: &[u8]| -> Result<()> {
        let reply = target.render("w_96,f_png", name, file)?;
        ensure!(reply.status == 200, "{name}: {}", reply.status);
        ensure!(image::load_from_memory(&reply.body)?.width() == 96, "{name}");
        ensure!(!reply.body.windows(4).any(|name| name == b"acTL"), "{name} moves");
        Ok(())
    };
    for count in [0, 1, 1 << 31, (1u32 << 31) - 1, u32::MAX] {
        let promised = chunk(b"acTL", &[count.to_be_bytes(), [0; 4]].concat());
        let file = png(&[
            ihdr(96, 96, 8, 2, 0),
            promised,
            control(0, (96, 96), (0, 0)),
            chunk(b"IDAT", &pixels),
        ]);
        still(&format!("count-{count}.png"), &file)?;
    }
    // 60,000 frames of one pixel that are there, without a delay, beyond the canvas, and as large as a frame can be said
    // to be: all come after the picture.
    for (name, sides, place) in [
        ("many.png", (1, 1), (0, 0)),
        ("beyond.png", (96, 96), (50_000, 50_000)),
        ("huge.png", (0x7fff_ffff, 0x7fff_ffff), (0, 0)),
    ] {
        let mut chunks = vec![
            ihdr(96, 96, 8, 2, 0),
            chunk(b"acTL", &[60_000u32.to_be_bytes(), [0; 4]].concat()),
            control(0, (96, 96), (0, 0)),
            chunk(b"IDAT", &pixels),
        ];
        let pixel = zeros(4)?;
        for frame in 0..60_000u32 {
            chunks.push(control(frame * 2 + 1, sides, place));
            chunks.push(chunk(b"fdAT", &[&(frame * 2 + 2).to_be_bytes()[..], &pixel].concat()));
        }
        still(name, &png(&chunks))?;
    }
    // A first frame that is not the whole picture, or lies beyond it.
    for (name, sides, place) in [
        ("part.png", (8, 8), (0, 0)),
        ("first-beyond.png", (96, 96), (1, 0)),
        ("first-huge.png", (0x7fff_ffff, 0x7fff_ffff), (0, 0)),
    ] {
        let promised = chunk(b"acTL", &[2u32.to_be_bytes(), [0; 4]].concat());
        let file = png(&[
            ihdr(96, 96, 8, 2, 0),
            promised,
            control(0, sides, place),
            chunk(b"IDAT", &pixels),
        ]);
        target.rejects(name, &file, 422)?;
    }
    animated_webp(target, still)
}

fn animated_webp(target: &Target, still: impl Fn(&str, &[u8]) -> Result<()>) -> Result<()> {
    let file = std::fs::read(repository().join("tests/goldens/sources/animated.webp"))?;
    still("animated.webp", &file)?;
    // The header, the animation's chunk, and the first frame's.
    let mut at = 12;
    let mut frame = 0..0;
    while let Some(name) = file.get(at..at + 4) {
        let length = u32::from_le_bytes([file[at + 4], file[at + 5], file[at + 6], file[at + 7]]) as usize;
        let end = at + 8 + length + length % 2;
        if name == b"ANMF" {
            frame = at..end;
            break;
        }
        at = end;
    }
    ensure!(!frame.is_empty(), "no frame");
    let with = |first: &[u8], others: &[u8]| {
        let mut out = [&file[..frame.start], first, others].concat();
        let size = (out.len() as u32 - 8).to_le_bytes();
        out[4..8].copy_from_slice(&size);
        out
    };
    let first = &file[frame.clone()];
    // Frames whose bitstream is missing, as many as fit: 24 bytes and a header each; and the first one again and again.
    let empty = [&b"ANMF\x18\0\0\0"[..], &[0; 24]].concat();
    still("many.webp", &with(first, &empty.repeat(200_000)))?;
    moving(
        target,
        &file,
        &with(first, &empty.repeat(200_000)),
        &with(first, &empty),
    )?;
    still("again.webp", &with(first, &first.repeat((6 << 20) / first.len())))?;
    let changed = |offset: usize, bytes: &[u8]| {
        let mut first = first.to_vec();
        first[offset..offset + bytes.len()].copy_from_slice(bytes);
        with(&first, b"")
    };
    still("no-delay.webp", &changed(8 + 12, &[0, 0, 0]))?;
    target.rejects("beyond.webp", &changed(8, &[0xff, 0xff, 0x0f]), 422)?;
    target.rejects("larger.webp", &changed(8 + 6, &[0xff, 0x3f, 0, 0xff, 0x3f, 0]), 422)
}

/// All frames, if that is what they ask for.
fn moving(target: &Target, webp: &[u8], many: &[u8], missing: &[u8]) -> Result<()> {
    for operations in ["f_webp,a,w_96", "f_gif,w_96"] {
        let reply = target.render(operations, "moves.webp", webp)?;
        ensure!(reply.status == 200, "{operations}: {}", reply.status);
        for (name, file) in [("many-moving.webp", many), ("missing.webp", missing)] {
            refused(&target.render(operations, name, file)?, 422, FAILED)?;
        }
        // 30,000 pictures of one pixel; 40 of gigapixels that are nowhere seen; a canvas that is made again and again.
        for (name, file) in [
            ("many.gif", gif((96, 96), (1, 1), 30_000)),
            ("hidden.gif", gif((96, 96), (50_000, 50_000), 40)),
            ("canvases.gif", gif((3000, 3000), (1, 1), 900)),
        ] {
            refused(&target.render(operations, name, &file)?, 422, FAILED)?;
        }
    }
    Ok(())
}

/// A GIF of so many frames that are said to be of a size, with a pixel each.
fn gif(canvas: (u16, u16), frame: (u16, u16), count: usize) -> Vec<u8> {
    let sides = |(width, height): (u16, u16)| [width.to_le_bytes(), height.to_le_bytes()].concat();
    let picture = [
        &b"\x2C\0\0\0\0"[..],
        &sides(frame),
        // No table; codes of two bits and one; clear, a pixel, end.
        b"\0\x02\x02\x4C\x01\0",
    ]
    .concat();
    let head = [&b"GIF89a"[..], &sides(canvas), b"\x80\0\0\0\0\0\xFF\xFF\xFF"].concat();
    [&head, &picture.repeat(count), b";".as_slice()].concat()
}

/// The control chunk of a frame, without a delay.
fn control(number: u32, (width, height): (u32, u32), (left, top): (u32, u32)) -> Vec<u8> {
    let numbers = [number, width, height, left, top].map(u32::to_be_bytes).concat();
    chunk(b"fcTL", &[&numbers[..], &[0; 6]].concat())
}
