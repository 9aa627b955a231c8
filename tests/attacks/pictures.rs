//! Hostile files from a few bytes.

use anyhow::Result;
use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::{Cursor, Write};

/// A picture of 96 x 64 pixels that is nowhere flat.
pub fn photo() -> DynamicImage {
    RgbImage::from_fn(96, 64, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 3) as u8, (x * y % 251) as u8])
    })
    .into()
}

/// It as a file.
pub fn file(format: ImageFormat) -> Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    photo().write_to(&mut out, format)?;
    Ok(out.into_inner())
}

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk of a PNG file.
pub fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(body);
    let mut out = (body.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(name);
    out.extend_from_slice(body);
    out.extend(crc.sum().to_be_bytes());
    out
}

/// The header of a PNG file.
pub fn ihdr(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let mut body = width.to_be_bytes().to_vec();
    body.extend(height.to_be_bytes());
    body.extend([depth, colour, 0, 0, interlaced]);
    chunk(b"IHDR", &body)
}

/// A PNG file of chunks.
pub fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut out = PNG.to_vec();
    out.extend(chunks.concat());
    out.extend(chunk(b"IEND", b""));
    out
}

/// `length` zeros, compressed.
pub fn zeros(length: usize) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 20];
    let mut left = length;
    while left > 0 {
        let n = left.min(block.len());
        encoder.write_all(&block[..n])?;
        left -= n;
    }
    Ok(encoder.finish()?)
}

/// A black picture as a small PNG, which a decoder makes three bytes a pixel of.
pub fn black(width: u32, height: u32) -> Result<Vec<u8>> {
    let rows = zeros(height as usize * (width as usize * 3 + 1))?;
    Ok(png(&[ihdr(width, height, 8, 2, 0), chunk(b"IDAT", &rows)]))
}

/// A JPEG file with segments put in after its start.
pub fn with_segments(jpeg: &[u8], segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    for (marker, body) in segments {
        out.extend([0xff, *marker]);
        out.extend((body.len() as u16 + 2).to_be_bytes());
        out.extend(body);
    }
    out.extend(&jpeg[2..]);
    out
}

/// A JPEG file whose frame header claims other sides.
pub fn with_sides(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut out = jpeg.to_vec();
    let frame = out.windows(2).position(|marker| matches!(marker, [0xff, 0xc0..=0xc2]));
    if let Some(at) = frame {
        out[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
        out[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    }
    out
}

/// An EXIF block with one directory: orientation, and a text of ours as the maker.
pub fn exif(orientation: u16, next: u32, text: &[u8]) -> Vec<u8> {
    let mut out = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    out.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1]);
    out.extend(orientation.to_be_bytes());
    out.extend([0, 0]);
    out.extend([0x01, 0x0f, 0, 2]);
    out.extend((text.len() as u32).to_be_bytes());
    out.extend(38u32.to_be_bytes());
    out.extend(next.to_be_bytes());
    out.extend(text);
    out
}

/// Whether bytes stand somewhere in other bytes.
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
