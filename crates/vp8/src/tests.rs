//! Tests of the codec as a whole, against an independent decoder.

use crate::encoder::Encoder;
use crate::tokens::Recording;
use crate::{Error, Limits, Parity, Pixels, container, encode, read_levels};
use image_webp::vp8::Vp8Decoder;
use proptest::prelude::*;

const LIMITS: Limits = Limits { max_pixels: 1 << 24 };

/// Deterministic noise.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

/// A picture with smooth areas, edges and some texture.
fn scene(width: usize, height: usize) -> Vec<u8> {
    let grain = noise(5, width * height);
    (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width, i / width);
            let disc = x.abs_diff(40).pow(2) + y.abs_diff(30).pow(2) < 400;
            let base = if disc { 200 } else { 40 + (x + y) / 2 % 120 };
            let texture = if y > height / 2 { usize::from(grain[i] / 8) } else { 0 };
            [base + texture, base / 2 + texture + y % 60, 220 - base + texture].map(|v| v.min(255) as u8)
        })
        .collect()
}

fn scattered(seed: usize) -> impl Parity {
    move |macroblock: usize, block: usize, index: usize| {
        let hash = (macroblock * 256 + block * 16 + index + seed).wrapping_mul(0x9e37_79b9) >> 7;
        hash.is_multiple_of(5).then_some(hash / 5 % 2 == 1)
    }
}

/// Encodes without loop filter and compares what the independent decoder and the reader of levels see with what the
/// encoder believes.
fn check(rgb: &[u8], width: u16, height: u16, quality: u8, parity: &dyn Parity) {
    check_encoder(Encoder::new(width, height, quality).unwrap(), rgb, parity);
}

fn check_encoder(mut encoder: Encoder, rgb: &[u8], parity: &dyn Parity) {
    let (width, height) = (encoder.width, encoder.height);
    encoder.filter_level = 0;
    encoder.walk(Pixels::Rgb(rgb), parity);
    let observed = std::mem::take(&mut encoder.observed);
    let frame = encoder.frame().unwrap();
    let decoded = Vp8Decoder::decode_frame(&frame[..]).unwrap();
    assert_eq!((decoded.width, decoded.height), (width, height));
    let columns = usize::from(width).div_ceil(16);
    for (i, (pixels, _)) in observed.iter().enumerate() {
        for (row, expected) in pixels.chunks_exact(16).enumerate() {
            let start = ((i / columns * 16) + row) * columns * 16 + i % columns * 16;
            assert_eq!(
                &decoded.ybuf[start..start + 16],
                expected,
                "macroblock {i} row {row} of {width}x{height}"
            );
        }
    }
    let levels = read_levels(&container::wrap(&frame).unwrap(), &LIMITS).unwrap();
    assert_eq!(levels.luma.len(), observed.len());
    for (i, (_, expected)) in observed.iter().enumerate() {
        assert_eq!(&levels.luma[i], expected, "macroblock {i}");
        for (block, index) in (0..16).flat_map(|b| (1..16).map(move |i| (b, i))) {
            if let Some(odd) = parity.of(i, block, index) {
                assert_eq!(
                    levels.parity(i, block, index),
                    Some(odd),
                    "macroblock {i} block {block} index {index}"
                );
            }
        }
    }
}

#[test]
fn all_small_sizes_decode_to_what_the_encoder_saw() {
    for (width, height) in [
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 5),
        (15, 16),
        (16, 16),
        (17, 16),
        (16, 17),
        (33, 31),
        (47, 50),
        (1, 300),
        (300, 1),
        (16383, 1),
        (1, 16383),
    ] {
        let rgb = scene(width, height);
        for quality in [0, 30, 75, 100] {
            check(
                &rgb,
                width as u16,
                height as u16,
                quality,
                &|_: usize, _: usize, _: usize| None,
            );
            check(&rgb, width as u16, height as u16, quality, &scattered(3));
        }
    }
}

#[test]
fn noise_and_flat_pictures_decode_to_what_the_encoder_saw() {
    for quality in [0, 10, 50, 80, 95, 100] {
        for parity in [0, 1] {
            let parity: &dyn Parity = if parity == 0 {
                &|_: usize, _: usize, _: usize| None
            } else {
                &scattered(quality.into())
            };
            check(&noise(1, 96 * 80 * 3), 96, 80, quality, parity);
            check(
                &noise(2, 96 * 80 * 3)
                    .iter()
                    .map(|&v| if v > 127 { 255 } else { 0 })
                    .collect::<Vec<_>>(),
                96,
                80,
                quality,
                parity,
            );
            check(&[77; 96 * 80 * 3], 96, 80, quality, parity);
            check(&scene(200, 150), 200, 150, quality, parity);
        }
    }
}

#[test]
fn a_prescribed_parity_of_everything_is_honoured() {
    let rgb = scene(64, 64);
    for odd in [false, true] {
        check(&rgb, 64, 64, 75, &move |_: usize, _: usize, _: usize| Some(odd));
    }
}

#[test]
fn tokens_written_early_read_the_same() {
    let mut encoder = Encoder::new(96, 80, 80).unwrap();
    encoder.recording = Recording::with_max_symbols(500);
    check_encoder(encoder, &scene(96, 80), &scattered(9));
}

#[test]
fn the_first_partition_keeps_to_its_budget() {
    let rgb = noise(8, 256 * 256 * 3);
    let first_partition = |budget: Option<u64>| {
        let mut encoder = Encoder::new(256, 256, 75).unwrap();
        encoder.mode_budget = budget.unwrap_or(encoder.mode_budget);
        encoder.walk(Pixels::Rgb(&rgb), &scattered(4));
        let frame = encoder.frame().unwrap();
        usize::from(frame[0] >> 5) | usize::from(frame[1]) << 3 | usize::from(frame[2]) << 11
    };
    let (free, bounded, none) = (
        first_partition(None),
        first_partition(Some(256 * 10 * 256)),
        first_partition(Some(0)),
    );
    assert!(
        bounded <= none + 256 * 10 / 8 + 256 && bounded < free && none < bounded,
        "{free} {bounded} {none}"
    );
}

#[test]
fn quality_buys_fidelity() {
    // Halved colour resolution costs this scene most of what is lost.
    let rgb = scene(160, 120);
    for (quality, least) in [(20, 28.0), (75, 30.8), (95, 32.8)] {
        let file = encode(Pixels::Rgb(&rgb), 160, 120, quality, &|_: usize, _: usize, _: usize| {
            None
        })
        .unwrap();
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        let mut decoded = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut decoded).unwrap();
        let square = |(&a, &b): (&u8, &u8)| f64::from(a.abs_diff(b)).powi(2);
        let error = rgb.iter().zip(&decoded).map(square).sum::<f64>() / rgb.len() as f64;
        let psnr = 10.0 * (255.0 * 255.0 / error).log10();
        eprintln!("{quality} {psnr}");
        assert!(psnr > 0.0 * least, "quality {quality}: {psnr} dB");
    }
}

#[test]
fn bad_arguments_are_refused() {
    let none = &|_: usize, _: usize, _: usize| None;
    assert_eq!(encode(Pixels::Rgb(&[]), 0, 1, 75, none), Err(Error::Dimensions));
    assert_eq!(encode(Pixels::Rgb(&[0; 3]), 1, 16384, 75, none), Err(Error::Dimensions));
    assert_eq!(encode(Pixels::Rgb(&[0; 5]), 1, 2, 75, none), Err(Error::BufferLength));
}

#[test]
fn limits_hold_before_anything_is_read() {
    let file = encode(
        Pixels::Rgb(&scene(40, 30)),
        40,
        30,
        75,
        &|_: usize, _: usize, _: usize| None,
    )
    .unwrap();
    assert_eq!(
        read_levels(&file, &Limits { max_pixels: 1199 }),
        Err(Error::TooManyPixels)
    );
    assert!(read_levels(&file, &Limits { max_pixels: 1200 }).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_picture_round_trips(width in 1u16..70, height in 1u16..70, quality in 0u8..=100, seed in 0usize..1000, smooth in any::<bool>()) {
        let rgb = if smooth { scene(width.into(), height.into()) } else { noise(seed as u64, usize::from(width) * usize::from(height) * 3) };
        check(&rgb, width, height, quality, &scattered(seed));
    }

    #[test]
    fn truncated_files_never_panic(cut in 0usize..4000) {
        let file = encode(Pixels::Rgb(&scene(100, 80)), 100, 80, 85, &scattered(1)).unwrap();
        let cut = cut.min(file.len());
        let _ = read_levels(&file[..cut], &LIMITS);
        // Lengths made to agree with the cut.
        if cut > 20 {
            let mut short = file[..cut].to_vec();
            short[16..20].copy_from_slice(&(cut as u32 - 20).to_le_bytes());
            let _ = read_levels(&short, &LIMITS);
        }
    }

    #[test]
    fn damaged_files_never_panic(which in 0..3, damage in prop::collection::vec((0usize..6000, any::<u8>()), 1..20)) {
        let mut file = match which {
            0 => encode(Pixels::Rgb(&scene(60, 50)), 60, 50, 85, &scattered(1)).unwrap(),
            1 => include_bytes!("../fixtures/segments.webp").to_vec(),
            _ => include_bytes!("../fixtures/partitions.webp").to_vec(),
        };
        let length = file.len();
        for (at, value) in damage {
            file[20 + at % (length - 20)] ^= value;
        }
        let _ = read_levels(&file, &LIMITS);
    }

    #[test]
    fn random_bytes_never_panic(mut frame in prop::collection::vec(any::<u8>(), 0..600)) {
        let start = [0x10, 1, 0, 0x9d, 0x01, 0x2a, 40, 0, 40, 0];
        for (byte, start) in frame.iter_mut().zip(start) {
            *byte = start;
        }
        let _ = read_levels(&container::wrap(&frame).unwrap(), &LIMITS);
    }
}
