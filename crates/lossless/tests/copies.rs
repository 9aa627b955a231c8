//! Every copy is a PNG that others read, holds what it should, and is as long as any other.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use lossless::{Carriers, Container, Error, Picture, prepare};
use proptest::prelude::*;
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

fn payload() -> Payload {
    Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of("client"),
        key: KeyTag::of("pk_test"),
        reference: [5; 8],
        time: 1_700_000_000,
    }
}

/// The samples of a file, by a reader that verifies every checksum.
fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.ignore_checksums(false);
    let mut reader = decoder.read_info().unwrap();
    let mut samples = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut samples).unwrap();
    reader.finish().unwrap();
    (info.width, info.height, samples)
}

/// Noise around a gradient, flat in the middle.
fn samples(width: u32, height: u32, channels: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) % 24
    };
    let mut samples = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        for channel in 0..channels {
            let flat = (width / 3..width / 2).contains(&x);
            let colour = if flat {
                250
            } else {
                (x / 4 + y / 8) % 200 + noise() + 20
            };
            let alpha = if channels.is_multiple_of(2) && channel + 1 == channels {
                Some(if x < width / 8 { 90 } else { 255 })
            } else {
                None
            };
            samples.push(alpha.unwrap_or(colour) as u8);
        }
    }
    samples
}

fn check(width: u32, height: u32, channels: usize, seed: u32) -> Result<Container, TestCaseError> {
    let before = samples(width, height, channels, seed);
    let container = prepare(Picture::new(width, height, channels, before.clone()).unwrap()).unwrap();
    prop_assert_eq!(
        &Container::from_bytes(container.as_bytes().to_vec()).unwrap(),
        &container
    );
    let symbols: Vec<bool> = (0..container.chips() as u32)
        .map(|chip| chip.wrapping_mul(seed | 1) & 4 == 0)
        .collect();
    let copy = container.mark(&symbols, &key().seal(&payload())).unwrap();
    prop_assert_eq!(copy.len(), container.length());
    let (w, h, after) = decoded(&copy);
    prop_assert_eq!((w, h), (width, height));
    prop_assert!(before.iter().zip(&after).all(|(a, b)| a.abs_diff(*b) <= 1));
    let carriers = Carriers::of(width, height, channels).unwrap();
    let bit = |carrier: usize| after.get(carriers.sample(carrier)?).map(|sample| sample & 1 == 1);
    prop_assert_eq!(key().open(carriers.count(), bit), Some(payload()));

    let [zeros, ones] = container.inspect().unwrap();
    let mut chips = Vec::new();
    for at in 0..zeros.len() {
        let (x, y) = (at / channels % width as usize, at / channels / width as usize);
        let block = y / 8 * (width as usize / 8) + x / 8;
        if zeros[at] != ones[at] {
            prop_assert_eq!(zeros[at] + 1, ones[at]);
            if chips.last() != Some(&block) && !chips.contains(&block) {
                chips.push(block);
            }
            let symbol = symbols[chips.iter().position(|chip| *chip == block).unwrap()];
            prop_assert_eq!(after[at], if symbol { ones[at] } else { zeros[at] });
        }
    }
    prop_assert_eq!(chips.len(), container.chips());
    prop_assert!(chips.is_sorted());
    Ok(container)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn copies_hold_what_they_should(width in 1..260_u32, height in 1..140_u32, channels in 1..=4_usize, seed: u32) {
        prop_assume!((width * height) as usize * if channels < 3 { 1 } else { 3 } >= 448);
        check(width, height, channels, seed)?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Container::from_bytes(bytes).is_err());
    }
}

#[test]
fn large_pictures_have_chips() {
    for channels in 1..=4 {
        let container = check(400, 320, channels, 77).unwrap();
        assert!(container.chips() > 1200, "{channels} channels: {}", container.chips());
    }
}

#[test]
fn what_cannot_be_is_refused() {
    assert_eq!(Picture::new(0, 5, 3, Vec::new()), Err(Error::Picture));
    assert_eq!(Picture::new(5, 5, 5, vec![0; 125]), Err(Error::Picture));
    assert_eq!(Picture::new(5, 5, 3, vec![0; 74]), Err(Error::Picture));
    let small = Picture::new(149, 1, 3, vec![9; 447]).unwrap();
    assert_eq!(prepare(small), Err(Error::Container(chips::Error::TooSmall)));
    let container = check(120, 90, 3, 3).unwrap();
    let fragile = key().seal(&payload());
    let symbols = vec![false; container.chips() + 1];
    assert!(matches!(
        container.mark(&symbols, &fragile),
        Err(Error::Container(chips::Error::Symbols { .. }))
    ));
    let bytes = container.as_bytes();
    for damaged in [bytes.len() / 2, 20, 70] {
        let mut other = bytes.to_vec();
        other[damaged] ^= 1;
        assert_eq!(
            Container::from_bytes(other),
            Err(Error::Container(chips::Error::Damaged))
        );
    }
    assert_eq!(
        Container::from_bytes(bytes[..bytes.len() - 1].to_vec()),
        Err(Error::Container(chips::Error::Damaged))
    );
    let mut version = bytes.to_vec();
    version[3] += 1;
    assert_eq!(
        Container::from_bytes(version),
        Err(Error::Container(chips::Error::Version))
    );
    assert_eq!(
        Container::from_bytes(Vec::new()),
        Err(Error::Container(chips::Error::Foreign))
    );
}
