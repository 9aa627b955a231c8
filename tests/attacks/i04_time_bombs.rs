//! I4: files that keep a decoder busy. Work is bounded by what the picture itself accounts for; what is refused here is refused
//! before the first pixel is decoded. (How much work is how much: the tests of `imaging`.)

use crate::pictures::{chunk, ihdr, png};
use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::repository;

pub fn attack(target: &Target) -> Result<()> {
    // A thousand scans behind a good picture.
    let file = std::fs::read(repository().join("tests/goldens/sources/progressive.jpg"))?;
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0, 0];
    let scans = [&file[..file.len() - 2], &scan.repeat(1000), &[0xff, 0xd9]].concat();
    target.rejects("scans.jpg", &scans, 422)?;
    // 36 scans, which may be, over as many coefficients as fit the memory, which may be; together they may not.
    target.rejects("area.jpg", &refinements(4000, 2400, 12), 422)?;
    // Such a picture with as many scans as encoders write, and a small one with 36.
    for (name, file) in [
        ("nine.jpg", refinements(4000, 2400, 3)),
        ("small.jpg", refinements(400, 240, 12)),
    ] {
        let reply = target.render("w_96,f_png", name, &file)?;
        ensure!(reply.status == 200, "{name}: {}", reply.status);
    }
    // 9 MB of deflate blocks that hold nothing: stored ones, and ones of codes of one length.
    for (name, block) in [
        ("stored.png", &[0u8, 0, 0, 0xff, 0xff][..]),
        ("fixed.png", &[2, 8, 32, 128, 0]),
    ] {
        let nothing = [&[0x78, 1], &block.repeat(9_000_000 / block.len())[..]].concat();
        let file = png(&[ihdr(96, 96, 8, 2, 0), chunk(b"IDAT", &nothing)]);
        target.rejects(name, &file, 422)?;
    }
    // The same as a profile, which nobody will miss.
    let profile = [&b"x\0\0\x78\x01"[..], &[0, 0, 0, 0xff, 0xff].repeat(700_000)].concat();
    let pixels = crate::pictures::zeros(96 * (96 * 3 + 1))?;
    let file = png(&[ihdr(96, 96, 8, 2, 0), chunk(b"iCCP", &profile), chunk(b"IDAT", &pixels)]);
    let reply = target.render("w_96,f_png", "profile.png", &file)?;
    ensure!(reply.status == 200, "a profile of nothing: {}", reply.status);
    // Two hundred thousand Huffman tables before the frame.
    let table = [&[0xff, 0xc4, 0, 20, 0, 1][..], &[0; 16]].concat();
    let tables = [&file_start(), &table.repeat(200_000), &refinements(40, 30, 1)[2..]].concat();
    let reply = target.render("w_40,f_png", "tables.jpg", &tables)?;
    ensure!([200, 422].contains(&reply.status), "tables: {}", reply.status);
    Ok(())
}

fn file_start() -> Vec<u8> {
    vec![0xff, 0xd8]
}

/// A progressive JPEG of three components: grey, and then for each so many scans, each of which refines the one before by a bit and
/// says nothing, in a few bytes.
fn refinements(width: u16, height: u16, each: u8) -> Vec<u8> {
    let ([h1, h0], [w1, w0]) = (height.to_be_bytes(), width.to_be_bytes());
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    file.extend([1; 64]);
    file.extend([
        0xff, 0xc2, 0, 17, 8, h1, h0, w1, w0, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0,
    ]);
    // One code of one bit: for DC no difference, for AC the end of the band for 2^14 blocks and more.
    for (class, symbol) in [(0x00, 0), (0x10, 0xe0)] {
        file.extend([0xff, 0xc4, 0, 20, class, 1]);
        file.extend([0; 15]);
        file.push(symbol);
    }
    file.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 1]);
    file.extend(vec![0; (blocks * 3).div_ceil(8)]);
    for low in (0..each).rev() {
        let high = if low + 1 == each { 0 } else { low + 1 };
        for component in 1..=3 {
            file.extend([0xff, 0xda, 0, 8, 1, component, 0, 1, 63, high << 4 | low]);
            file.extend(vec![0; (blocks.div_ceil(1 << 14) * 15).div_ceil(8)]);
        }
    }
    file.extend([0xff, 0xd9]);
    file
}
