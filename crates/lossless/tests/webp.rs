//! Every lossless WebP is one that others read, holds what it should, and is as long as any other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use lossless::{Carriers, Container, Error, Picture, prepare_webp};
use proptest::prelude::*;
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

fn payload(client: &str) -> Payload {
    Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of(client),
        key: KeyTag::of("pk_test"),
        reference: [5; 8],
        time: 1_700_000_000,
    }
}

fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut samples = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut samples).unwrap();
    (width, height, samples)
}

/// Noise of some height around gradients, flat in places; every colour to its ends, some of it grey, some transparent.
fn samples(width: u32, height: u32, channels: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut noise = move |range: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % range
    };
    let mut samples = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let grey = (x / 4 + y / 8) % 200 + noise(24) + 20;
        for channel in 0..3 {
            let colour = match (x / 40 + y / 48) % 8 {
                0 => 250,
                1 => noise(256),
                2 => (x + 2 * y) % 256,
                3 | 4 => grey,
                5 => [grey, 255, 0][channel],
                _ => grey + noise(8),
            };
            samples.push(colour as u8);
        }
        if channels == 4 {
            samples.push(if x < width / 8 { noise(256) as u8 } else { 255 });
        }
    }
    samples
}

fn check(width: u32, height: u32, channels: usize, seed: u32) -> Result<Container, TestCaseError> {
    let before = samples(width, height, channels, seed);
    let picture = Picture::new(width, height, channels, before.clone()).unwrap();
    let container = prepare_webp(&picture).unwrap().unwrap();
    prop_assert_eq!(
        &Container::from_bytes(container.as_bytes().to_vec()).unwrap(),
        &container
    );
    let carriers = Carriers::of(width, height, channels).unwrap();
    let [zeros, ones] = container.inspect().unwrap();
    for client in ["one", "another", "a third"] {
        let symbols: Vec<bool> = (0..container.chips())
            .map(|chip| (chip * chip + client.len() * chip) % 7 < 3)
            .collect();
        let copy = container.mark(&symbols, &key().seal(&payload(client))).unwrap();
        prop_assert_eq!(copy.len(), container.length());
        let (w, h, after) = decoded(&copy);
        prop_assert_eq!((w, h, after.len()), (width, height, before.len()));
        let bit = |carrier: usize| after.get(carriers.sample(carrier)?).map(|sample| sample & 1 == 1);
        prop_assert_eq!(key().open(carriers.count(), bit), Some(payload(client)));

        let mut carried = vec![false; after.len()];
        (0..carriers.count()).for_each(|carrier| carried[carriers.sample(carrier).unwrap()] = true);
        let mut chips = Vec::new();
        for at in 0..zeros.len() {
            let (x, y) = (at / channels % width as usize, at / channels / width as usize);
            let block = y / 8 * (width as usize / 8) + x / 8;
            // Blue gives way around carriers, too.
            let most = if at % channels == 2 { 4 } else { 1 };
            prop_assert!(before[at].abs_diff(after[at]) <= most);
            if zeros[at] == ones[at] {
                prop_assert!(carried[at] || after[at] == zeros[at]);
            } else {
                prop_assert!(zeros[at] + 1 == ones[at] && y % 8 < 7 && x % 8 < 7 && at % channels < 3);
                if !chips.contains(&block) {
                    chips.push(block);
                }
                let symbol = symbols[chips.iter().position(|chip| *chip == block).unwrap()];
                prop_assert_eq!(after[at], if symbol { ones[at] } else { zeros[at] });
            }
        }
        chips.dedup();
        prop_assert_eq!(chips.len(), container.chips());
    }
    Ok(container)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn copies_hold_what_they_should(width in 480..560_u32, height in 480..500_u32, channels in 3..=4_usize, seed: u32) {
        check(width, height, channels, seed)?;
    }
}

#[test]
fn what_cannot_be_traced_is_left_to_others() {
    let flat = Picture::new(500, 500, 3, vec![90; 750_000]).unwrap();
    assert_eq!(prepare_webp(&flat), Ok(None));
    let small = Picture::new(60, 60, 4, samples(60, 60, 4, 1)).unwrap();
    assert_eq!(prepare_webp(&small), Ok(None));
    let grey = Picture::new(60, 60, 1, vec![7; 3600]).unwrap();
    assert_eq!(prepare_webp(&grey), Err(Error::Picture));
    let wide = Picture::new(20_000, 1, 3, vec![7; 60_000]).unwrap();
    assert_eq!(prepare_webp(&wide), Err(Error::Picture));
}
