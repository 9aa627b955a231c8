//! Sources made in code, and the pieces that every test needs.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use watermark::{KeyTag, Kind, MarkKey, Marks, Overlay, Payload, Subject};

use crate::{Budget, Error, OutputFormat, Rendition, negotiate, probe, render};

/// A picture with smooth and busy parts, hard edges and every hue; the same for every test.
pub fn pixel(x: u32, y: u32, width: u32, height: u32) -> [u8; 3] {
    let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
    let disc = (u - 0.3).hypot(v - 0.4) < 0.2;
    let ripple = ((u * 40.0).sin() * (v * 30.0).cos() * 24.0) * u;
    let grain = f64::from((x * 7 + y * 13 + x * y % 11) % 9) - 4.0;
    let channel = |base: f64| (base + ripple + grain).clamp(0.0, 255.0) as u8;
    if disc {
        [channel(220.0), channel(60.0 + 80.0 * v), channel(40.0)]
    } else if u + v > 1.5 {
        [channel(30.0), channel(50.0), channel(120.0 + 60.0 * u)]
    } else {
        [channel(240.0 * u), channel(200.0 * (1.0 - v)), channel(230.0 * v)]
    }
}

pub fn rgb(width: u32, height: u32) -> Vec<u8> {
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y, width, height)))
        .collect()
}

/// The same with a transparent surround.
pub fn rgba(width: u32, height: u32) -> Vec<u8> {
    let alpha = |x: u32, y: u32| {
        let (u, v) = (
            f64::from(x) / f64::from(width) - 0.5,
            f64::from(y) / f64::from(height) - 0.5,
        );
        ((0.5 - u.hypot(v)) * 1000.0).clamp(0.0, 255.0) as u8
    };
    let at = move |x, y| {
        let [red, green, blue] = pixel(x, y, width, height);
        [red, green, blue, alpha(x, y)]
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| at(x, y)))
        .collect()
}

pub fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let samples = rgb(width.into(), height.into());
    let pixels = jpeg::Pixels::Rgb(&samples);
    jpeg::encode(&jpeg::transform(pixels, width, height, 92, jpeg::Sampling::Yuv420).unwrap()).unwrap()
}

/// A JPEG with an EXIF orientation.
pub fn oriented_jpeg(width: u16, height: u16, orientation: u16) -> Vec<u8> {
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(exif(orientation, true));
    with_segment(&jpeg(width, height), 0xE1, &segment)
}

/// Puts a segment behind a JPEG's SOI.
pub fn with_segment(jpeg: &[u8], marker: u8, segment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, segment, &jpeg[2..]].concat()
}

/// A TIFF block with a byte-order mark and one directory: a width and the orientation.
pub fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let entry = |tag: u16, value: u16| [&short(tag)[..], &short(3), &long(1), &short(value), &[0, 0]].concat();
    let head: &[u8; 4] = if big { b"MM\0*" } else { b"II*\0" };
    [
        &head[..],
        &long(8),
        &short(2),
        &entry(0x0100, 7),
        &entry(0x0112, orientation),
        &long(0),
    ]
    .concat()
}

/// A PNG of any colour type and depth, with what `change` adds to its header.
pub fn png_with(
    (width, height): (u32, u32),
    colour: png::ColorType,
    depth: png::BitDepth,
    samples: &[u8],
    change: impl FnOnce(&mut png::Info<'_>),
) -> Vec<u8> {
    let mut info = png::Info::with_size(width, height);
    info.color_type = colour;
    info.bit_depth = depth;
    change(&mut info);
    let mut file = Vec::new();
    let mut writer = png::Encoder::with_info(&mut file, info)
        .unwrap()
        .write_header()
        .unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    png_of(width, height, png::ColorType::Rgb, &rgb(width, height))
}

pub fn png_of(width: u32, height: u32, colour: png::ColorType, samples: &[u8]) -> Vec<u8> {
    png_with((width, height), colour, png::BitDepth::Eight, samples, |_| {})
}

pub fn transparent_png(width: u32, height: u32) -> Vec<u8> {
    png_of(width, height, png::ColorType::Rgba, &rgba(width, height))
}

pub fn lossless_webp(width: u32, height: u32, alpha: bool) -> Vec<u8> {
    let (samples, colour) = match alpha {
        true => (rgba(width, height), image_webp::ColorType::Rgba8),
        false => (rgb(width, height), image_webp::ColorType::Rgb8),
    };
    let mut file = Vec::new();
    image_webp::WebPEncoder::new(&mut file)
        .encode(&samples, width, height, colour)
        .unwrap();
    file
}

pub fn lossy_webp(width: u16, height: u16) -> Vec<u8> {
    vp8::encode(vp8::Pixels::Rgb(&rgb(width.into(), height.into())), width, height, 85).unwrap()
}

/// A file of `tests/goldens`.
pub fn golden_path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens")).join(name)
}

/// A source that none of our encoders can write; its making is in the README beside it.
pub fn stored(name: &str) -> Vec<u8> {
    std::fs::read(golden_path("sources").join(name)).unwrap()
}

pub fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

pub fn payload() -> Payload {
    Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of("client_1"),
        key: KeyTag::of("pk_test"),
        reference: *b"request1",
        time: 1_700_000_000,
    }
}

/// A white bar with a dark rim, half transparent.
pub fn marks() -> Marks {
    let (width, height) = (60u32, 20u32);
    let rim = |x, y| x < 2 || y < 2 || x >= width - 2 || y >= height - 2;
    let samples = (0..height)
        .flat_map(|y| {
            (0..width).flat_map(move |x| {
                if rim(x, y) {
                    [20, 20, 20, 160]
                } else {
                    [255, 255, 255, 110]
                }
            })
        })
        .collect();
    Marks {
        overlay: Arc::new(Overlay::from_rgba(width, height, samples).unwrap()),
        key: key(),
        payload: payload(),
    }
}

pub fn try_rendered(source: &[u8], segment: &str) -> Result<Rendition, Error> {
    let operations = operations::parse(segment).unwrap();
    let format = negotiate(&operations, None, &probe(source)?).format;
    render(source, &operations, format, &marks(), &Budget::default())
}

pub fn rendered(source: &[u8], segment: &str) -> Rendition {
    try_rendered(source, segment).unwrap()
}

/// Decodes a file with decoders that this crate did not configure, to RGBA.
pub fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    if file.starts_with(b"\x89PNG") {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut samples = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut samples).unwrap();
        let samples = match frame.color_type {
            png::ColorType::Grayscale => samples.iter().flat_map(|grey| [*grey, *grey, *grey, 255]).collect(),
            png::ColorType::GrayscaleAlpha => {
                let pixels = samples.as_chunks().0.iter();
                pixels.flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]).collect()
            }
            png::ColorType::Rgb => opaque(&samples),
            _ => samples,
        };
        return (frame.width, frame.height, samples);
    }
    if file.starts_with(b"RIFF") {
        let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
        let (width, height) = decoder.dimensions();
        let mut samples = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut samples).unwrap();
        return (
            width,
            height,
            if decoder.has_alpha() { samples } else { opaque(&samples) },
        );
    }
    if file.starts_with(b"GIF") {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(file).unwrap();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        return (frame.width.into(), frame.height.into(), frame.buffer.to_vec());
    }
    let mut decoder = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(file));
    let samples = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    (width as u32, height as u32, opaque(&samples))
}

fn opaque(samples: &[u8]) -> Vec<u8> {
    samples.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
}

pub const ALL_FORMATS: [OutputFormat; 5] = [
    OutputFormat::Jpeg,
    OutputFormat::Png,
    OutputFormat::WebPLossy,
    OutputFormat::WebPLossless,
    OutputFormat::Gif,
];
