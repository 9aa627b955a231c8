//! Tests of the codec as a whole, against an independent decoder.

use crate::tokens::make_even;
use crate::{
    Addend, Error, Free, Limits, Pixels, Place, Plan, Reconstruction, SPARE, container, encode, read_levels, spare,
};
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

/// Encodes without loop filter and compares what the independent decoder and the reader of levels see with what the
/// encoder believes.
fn check(rgb: &[u8], width: u16, height: u16, quality: u8, places: usize) {
    let mut plan = Plan::empty(Pixels::Rgb(rgb), width, height, quality).unwrap();
    plan.filter_level = 0;
    plan.walk(Pixels::Rgb(rgb), places);
    let file = plan.splice(&[]).unwrap().file;
    let decoded = Vp8Decoder::decode_frame(container::frame(&file).unwrap()).unwrap();
    assert_eq!((decoded.width, decoded.height), (width, height));
    let columns = usize::from(width).div_ceil(16);
    for (i, pixels) in plan.observed.iter().enumerate() {
        for (row, expected) in pixels.chunks_exact(16).enumerate() {
            let start = ((i / columns * 16) + row) * columns * 16 + i % columns * 16;
            assert_eq!(
                &decoded.ybuf[start..start + 16],
                expected,
                "macroblock {i} row {row} of {width}x{height}"
            );
        }
    }
    let reconstruction = Reconstruction::of(&file, &LIMITS).unwrap();
    assert_eq!(reconstruction.macroblocks.len(), plan.observed.len());
    for (i, (macroblock, expected)) in reconstruction.macroblocks.iter().zip(&plan.observed).enumerate() {
        assert!(macroblock.pixels == *expected, "macroblock {i} of {width}x{height}");
    }
    let levels = read_levels(&file, &LIMITS).unwrap();
    assert_eq!((levels.luma.len(), levels.step), (plan.macroblocks.len(), plan.step()));
    for (i, macroblock) in plan.macroblocks.iter().enumerate() {
        let expected = macroblock.blocks.map(|block| block.levels);
        assert_eq!(levels.luma[i], expected, "macroblock {i}");
    }
}

/// The same of another encoder's file, with segments and without loop filter.
#[test]
fn other_encoders_files_are_reconstructed() {
    let file = include_bytes!("../fixtures/unfiltered.webp");
    let decoded = Vp8Decoder::decode_frame(container::frame(file).unwrap()).unwrap();
    let reconstruction = Reconstruction::of(file, &LIMITS).unwrap();
    assert_eq!((reconstruction.width, reconstruction.height), (144, 112));
    for (i, macroblock) in reconstruction.macroblocks.iter().enumerate() {
        for (row, pixels) in macroblock.pixels.chunks_exact(16).enumerate() {
            let start = (i / 9 * 16 + row) * 144 + i % 9 * 16;
            assert_eq!(&decoded.ybuf[start..start + 16], pixels, "macroblock {i} row {row}");
        }
    }
    let first = reconstruction.macroblocks[0].steps;
    assert!(
        reconstruction
            .macroblocks
            .iter()
            .any(|macroblock| macroblock.steps != first),
        "no segments"
    );
    let split = reconstruction
        .macroblocks
        .iter()
        .filter(|macroblock| macroblock.second_order.is_none());
    assert!((1..62).contains(&split.count()));
}

/// Every place of a plan that may hold a symbol.
fn all_places(plan: &Plan) -> Vec<Place> {
    let of_block = |free: Free<'_>| {
        let (macroblock, block, levels) = (free.macroblock, free.block, *free.levels);
        let fit = move |index: &usize| matches!(levels[*index].unsigned_abs(), 0 | 1 | 3 | 4);
        (1..16).filter(fit).map(move |index| Place {
            macroblock,
            block,
            index,
        })
    };
    plan.free().flat_map(of_block).collect()
}

/// Adds to two bytes, carrying.
fn add(file: &mut [u8], addend: &Addend) {
    let mut sum = u32::from(addend.value);
    for byte in file[..addend.offset + 2].iter_mut().rev() {
        sum += u32::from(*byte);
        *byte = sum as u8;
        sum >>= 8;
    }
    assert_eq!(sum, 0);
}

/// A file to which some addends were added is the file that coding the symbols from the start gives, and its pixels differ
/// from others only within the blocks whose symbols differ.
#[test]
fn sums_are_full_encodings_and_nothing_drifts() {
    let mut fours_of_all = 0;
    for (quality, sides, filtered) in [
        (75, (160, 120), false),
        (90, (97, 50), false),
        (30, (64, 200), false),
        (80, (160, 120), true),
    ] {
        let (width, height) = sides;
        let grain = noise(quality.into(), usize::from(width) * usize::from(height) * 3);
        let mut rgb = scene(width.into(), height.into());
        rgb.iter_mut()
            .zip(grain)
            .for_each(|(sample, grain)| *sample = sample.saturating_add(grain / 4));
        let mut plan = Plan::empty(Pixels::Rgb(&rgb), width, height, quality).unwrap();
        if !filtered {
            plan.filter_level = 0;
        }
        plan.walk(Pixels::Rgb(&rgb), 100_000);
        let chosen: Vec<Place> = (0..)
            .zip(all_places(&plan))
            .filter(|(at, _)| at % 3 == 0)
            .map(|(_, place)| place)
            .collect();
        let base = plan.splice(&chosen).unwrap();
        assert_eq!(base.addends.len(), chosen.len());
        let kept: Vec<(Place, Addend)> = chosen
            .iter()
            .zip(&base.addends)
            .filter_map(|(place, addend)| Some((*place, (*addend)?)))
            .collect();
        let fours = kept
            .iter()
            .filter(|(place, _)| plan.macroblocks[place.macroblock].blocks[place.block].levels[place.index].abs() > 1)
            .count();
        assert!(kept.len() > 100, "{}", kept.len());
        fours_of_all += fours;

        let mut probabilities = plan.statistics.probabilities();
        let large =
            |place: &&Place| plan.macroblocks[place.macroblock].blocks[place.block].levels[place.index].abs() > 1;
        make_even(
            &mut probabilities,
            chosen.iter().filter(large).fold(0, |set, place| set | 1 << place.index),
        );
        for seed in 0..4 {
            let symbols: Vec<bool> = noise(seed, kept.len()).iter().map(|byte| byte % 2 == 1).collect();
            let (mut sum, mut other) = (base.file.clone(), plan.clone());
            for ((place, addend), symbol) in kept.iter().zip(&symbols) {
                let level = &mut other.macroblocks[place.macroblock].blocks[place.block];
                let zero = level.with_symbols(1 << place.index);
                *level = zero;
                if *symbol {
                    add(&mut sum, addend);
                    let value = &mut level.levels[place.index];
                    *value = if value.abs() == 1 { -*value } else { 4 * value.signum() };
                }
            }
            assert!(
                other.write(&[], probabilities).unwrap().file == sum,
                "q{quality} {sides:?}"
            );

            let decode = |file: &[u8]| Vp8Decoder::decode_frame(container::frame(file).unwrap()).unwrap();
            let (one, two) = (decode(&base.file), decode(&sum));
            assert!(one.ubuf == two.ubuf && one.vbuf == two.vbuf);
            let columns = plan.columns();
            let mut differing = 0;
            for (at, (a, b)) in one.ybuf.iter().zip(&two.ybuf).enumerate() {
                let (x, y) = (at % (columns * 16), at / (columns * 16));
                let (macroblock, block) = (y / 16 * columns + x / 16, y % 16 / 4 * 4 + x % 16 / 4);
                let changed = kept
                    .iter()
                    .zip(&symbols)
                    .any(|((place, _), symbol)| *symbol && (place.macroblock, place.block) == (macroblock, block));
                differing += usize::from(a != b);
                // The loop filter looks across the borders of blocks, but leads nowhere from there.
                assert!(a == b || changed || filtered, "{x} {y}");
            }
            assert!(differing > kept.len());
        }
    }
    assert!(fours_of_all > 0, "no magnitude was a chip");
}

/// Spare bytes are what was added, whatever it is, and no decoder sees them.
#[test]
fn spare_bytes_are_read_back_and_not_seen() {
    let rgb = scene(70, 50);
    let base = Plan::new(Pixels::Rgb(&rgb), 70, 50, 75, 0)
        .unwrap()
        .splice(&[])
        .unwrap();
    assert_eq!(spare(&base.file), Ok([0; SPARE]));
    let decode = |file: &[u8]| Vp8Decoder::decode_frame(container::frame(file).unwrap()).unwrap();
    for seed in 0..20 {
        let bytes: [u8; SPARE] = if seed == 0 {
            [255; SPARE]
        } else {
            noise(seed, SPARE).try_into().unwrap()
        };
        let mut file = base.file.clone();
        for ((offset, unit), byte) in base.spare.iter().zip(bytes) {
            let product = u32::from(*unit) * u32::from(byte);
            add(
                &mut file,
                &Addend {
                    offset: offset + 1,
                    value: product as u16,
                },
            );
            add(
                &mut file,
                &Addend {
                    offset: *offset,
                    value: (product >> 8 & 0xFF00) as u16,
                },
            );
        }
        assert_eq!(spare(&file), Ok(bytes));
        let (one, two) = (decode(&base.file), decode(&file));
        assert!(one.ybuf == two.ybuf && one.ubuf == two.ubuf && one.vbuf == two.vbuf);
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
            check(&rgb, width as u16, height as u16, quality, 0);
            check(&rgb, width as u16, height as u16, quality, 100_000);
        }
    }
}

#[test]
fn noise_and_flat_pictures_decode_to_what_the_encoder_saw() {
    for quality in [0, 10, 50, 80, 95, 100] {
        for places in [0, 100_000] {
            check(&noise(1, 96 * 80 * 3), 96, 80, quality, places);
            let extreme: Vec<u8> = noise(2, 96 * 80 * 3)
                .iter()
                .map(|&v| if v > 127 { 255 } else { 0 })
                .collect();
            check(&extreme, 96, 80, quality, places);
            check(&[77; 96 * 80 * 3], 96, 80, quality, places);
            check(&scene(200, 150), 200, 150, quality, places);
        }
    }
}

#[test]
fn the_first_partition_keeps_to_its_budget() {
    let rgb = noise(8, 256 * 256 * 3);
    let first_partition = |budget: Option<u64>| {
        let mut plan = Plan::empty(Pixels::Rgb(&rgb), 256, 256, 75).unwrap();
        plan.mode_budget = budget.unwrap_or(plan.mode_budget);
        plan.walk(Pixels::Rgb(&rgb), 0);
        let file = plan.splice(&[]).unwrap().file;
        let frame = container::frame(&file).unwrap();
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
        let file = encode(Pixels::Rgb(&rgb), 160, 120, quality).unwrap();
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        let mut decoded = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut decoded).unwrap();
        let square = |(&a, &b): (&u8, &u8)| f64::from(a.abs_diff(b)).powi(2);
        let error = rgb.iter().zip(&decoded).map(square).sum::<f64>() / rgb.len() as f64;
        let psnr = 10.0 * (255.0 * 255.0 / error).log10();
        assert!(psnr > least, "quality {quality}: {psnr} dB");
    }
}

#[test]
fn bad_arguments_are_refused() {
    assert_eq!(encode(Pixels::Rgb(&[]), 0, 1, 75), Err(Error::Dimensions));
    assert_eq!(encode(Pixels::Rgb(&[0; 3]), 1, 16384, 75), Err(Error::Dimensions));
    assert_eq!(encode(Pixels::Rgb(&[0; 5]), 1, 2, 75), Err(Error::BufferLength));
}

#[test]
fn limits_hold_before_anything_is_read() {
    let file = encode(Pixels::Rgb(&scene(40, 30)), 40, 30, 75).unwrap();
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
        check(&rgb, width, height, quality, seed);
    }

    #[test]
    fn truncated_files_never_panic(cut in 0usize..4000) {
        let file = encode(Pixels::Rgb(&scene(100, 80)), 100, 80, 85).unwrap();
        let cut = cut.min(file.len());
        let _ = (read_levels(&file[..cut], &LIMITS), spare(&file[..cut]));
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
            0 => encode(Pixels::Rgb(&scene(60, 50)), 60, 50, 85).unwrap(),
            1 => include_bytes!("../fixtures/segments.webp").to_vec(),
            _ => include_bytes!("../fixtures/partitions.webp").to_vec(),
        };
        let length = file.len();
        for (at, value) in damage {
            file[20 + at % (length - 20)] ^= value;
        }
        let _ = (Reconstruction::of(&file, &LIMITS), spare(&file));
    }

    #[test]
    fn random_bytes_never_panic(mut frame in prop::collection::vec(any::<u8>(), 0..600)) {
        let start = [0x10, 1, 0, 0x9d, 0x01, 0x2a, 40, 0, 40, 0];
        for (byte, start) in frame.iter_mut().zip(start) {
            *byte = start;
        }
        let _ = Reconstruction::of(&container::wrap(&frame).unwrap().0, &LIMITS);
    }
}
