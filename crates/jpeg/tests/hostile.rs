//! Files that are damaged, cut short or of another kind are refused, and nothing panics.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pictures;
mod writer;

use jpeg::{Decoder, Error, Limits, Pixels, Sampling, Scale, decode, encode, read, transform};
use pictures::picture;
use proptest::prelude::*;
use writer::{band, whole, write};

const LIMITS: Limits = Limits {
    max_pixels: 1 << 16,
    max_scans: 30,
    max_visits: u64::MAX,
};

const SCALES: [Scale; 4] = [Scale::Full, Scale::Half, Scale::Quarter, Scale::Eighth];

/// Reads and decodes. What can be read can be decoded, unless it has two components, and comes out the same in pieces.
fn survive(file: &[u8]) {
    let full = decode(file, Scale::Full, &LIMITS);
    match read(file, &LIMITS) {
        Ok(c) if c.components.len() == 2 => {}
        Ok(_) => assert!(full.is_ok(), "{full:?}"),
        Err(_) => assert!(full.is_err()),
    }
    // One of the other scales each time, or it takes too long.
    let scale = SCALES[file.iter().fold(0usize, |sum, &byte| sum + usize::from(byte)) % 4];
    let whole = decode(file, scale, &LIMITS);
    let mut decoder = Decoder::new(scale, &LIMITS);
    let pushed = file.chunks(100).try_for_each(|piece| decoder.push(piece));
    assert_eq!(pushed.and_then(|()| decoder.finish()).is_ok(), whole.is_ok());
}

/// A baseline, a restarting and a progressive file of 40 x 24.
fn files() -> [Vec<u8>; 3] {
    let c = transform(Pixels::Rgb(&picture(40, 24)), 40, 24, 80, Sampling::Yuv420).unwrap();
    let mut progressive = vec![band(&[0, 1, 2], [0, 0], 0, 1, 2), band(&[0, 1, 2], [0, 0], 1, 0, 0)];
    for n in 0..3 {
        progressive.push(band(&[n], [1, 63], 0, 1, 0));
        progressive.push(band(&[n], [1, 63], 1, 0, 3));
    }
    [
        encode(&c).unwrap(),
        write(&c, 0xC1, &[whole(&[0, 1, 2], 2)]),
        write(&c, 0xC2, &progressive),
    ]
}

#[test]
fn every_truncation_is_an_error() {
    for file in files() {
        assert!(read(&file, &LIMITS).is_ok());
        for length in 0..file.len() {
            assert!(read(&file[..length], &LIMITS).is_err(), "{length} of {}", file.len());
            for scale in SCALES {
                assert!(
                    decode(&file[..length], scale, &LIMITS).is_err(),
                    "{length} at {scale:?}"
                );
            }
        }
        // What follows the end of the image is not part of it.
        assert!(read(&[&file[..], b"more"].concat(), &LIMITS).is_ok());
    }
}

#[test]
fn every_single_bit_flip_is_survived() {
    for mut file in files() {
        for place in 0..file.len() {
            for bit in 0..8 {
                file[place] ^= 1 << bit;
                if let Ok(c) = read(&file, &LIMITS) {
                    let _ = encode(&c);
                }
                survive(&file);
                file[place] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn other_kinds_of_jpeg_are_unsupported() {
    let file = encode(&transform(Pixels::Rgb(&[5; 192]), 8, 8, 80, Sampling::Yuv444).unwrap()).unwrap();
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let changed = |changes: &[(usize, u8)]| {
        let mut file = file.clone();
        changes.iter().for_each(|&(place, byte)| file[frame + place] = byte);
        read(&file, &LIMITS)
    };
    for sof in [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF] {
        assert!(matches!(changed(&[(1, sof)]), Err(Error::Unsupported(_))), "{sof:X}");
    }
    assert!(matches!(changed(&[(4, 12)]), Err(Error::Unsupported(_))));
    assert!(matches!(changed(&[(5, 0), (6, 0)]), Err(Error::Unsupported(_))));
    assert!(matches!(changed(&[(9, 5)]), Err(Error::Unsupported(_))));
    assert!(matches!(changed(&[(7, 0), (8, 0)]), Err(Error::Malformed(_))));
    assert!(matches!(changed(&[(11, 0x01)]), Err(Error::Malformed(_))));
    assert!(matches!(changed(&[(11, 0x15)]), Err(Error::Malformed(_))));
    assert!(matches!(changed(&[(14, 0x11), (13, 1)]), Err(Error::Malformed(_))));
    assert_eq!(changed(&[(5, 0xFF), (7, 0xFF)]), Err(Error::TooManyPixels));
    assert_eq!(
        read(b"\x89PNG\r\n", &LIMITS),
        Err(Error::Malformed("no start of image"))
    );
    assert_eq!(
        read(&[0xFF, 0xD8, 0xFF, 0xD9], &LIMITS),
        Err(Error::Malformed("no frame"))
    );
}

#[test]
fn a_lost_restart_marker_is_noticed() {
    let [_, mut file, _] = files();
    let marker = file
        .windows(2)
        .rposition(|pair| pair[0] == 0xFF && (0xD0..0xD8).contains(&pair[1]))
        .unwrap();
    file[marker + 1] ^= 1;
    assert_eq!(
        read(&file, &LIMITS),
        Err(Error::Malformed("restart marker missing or out of order"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_damage_is_survived(
        which in 0usize..3,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut file = files()[which].clone();
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        survive(&file);
    }

    #[test]
    fn noise_after_a_header_is_survived(which in 0usize..3, noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = &files()[which];
        let data = file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 14;
        survive(&[&file[..data], &noise].concat());
        survive(&[&[0xFF, 0xD8], &noise[..]].concat());
    }
}
