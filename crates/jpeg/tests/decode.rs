//! Planes against another decoder and against the definition of the scaled transform.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pictures;

use jpeg::{Colours, Error, Limits, Pixels, Planes, Sampling, Scale, decode, encode, transform};
use pictures::{grey, picture};

const LIMITS: Limits = Limits {
    max_pixels: 1 << 24,
    max_scans: 100,
    max_visits: u64::MAX,
};

fn file(width: u16, height: u16, sampling: Sampling) -> Vec<u8> {
    encode(&transform(Pixels::Rgb(&picture(width, height)), width, height, 90, sampling).unwrap()).unwrap()
}

fn sides(planes: &Planes) -> Vec<(usize, usize)> {
    planes.planes.iter().map(|plane| (plane.width, plane.height)).collect()
}

#[test]
fn sides_are_rounded_up_at_every_scale() {
    let file = file(75, 53, Sampling::Yuv420);
    for (scale, size, planes) in [
        (Scale::Full, (75, 53), [(75, 53), (38, 27), (38, 27)]),
        (Scale::Half, (38, 27), [(38, 27), (19, 14), (19, 14)]),
        (Scale::Quarter, (19, 14), [(19, 14), (10, 7), (10, 7)]),
        (Scale::Eighth, (10, 7), [(10, 7), (5, 4), (5, 4)]),
    ] {
        let decoded = decode(&file, scale, &LIMITS).unwrap();
        assert_eq!((decoded.width, decoded.height), size);
        assert_eq!(sides(&decoded), planes);
        assert_eq!(decoded.colours, Colours::YCbCr);
        assert!(
            decoded
                .planes
                .iter()
                .all(|plane| plane.samples.len() == plane.width * plane.height)
        );
    }
}

#[test]
fn grey_is_what_another_decoder_sees() {
    let pixels = grey(75, 53);
    let file = encode(&transform(Pixels::Grey(&pixels), 75, 53, 90, Sampling::Yuv420).unwrap()).unwrap();
    let decoded = decode(&file, Scale::Full, &LIMITS).unwrap();
    assert_eq!(decoded.colours, Colours::Grey);
    let other = image::load_from_memory(&file).unwrap().into_luma8().into_raw();
    for (a, b) in decoded.planes[0].samples.iter().zip(&other) {
        assert!(a.abs_diff(*b) <= 1, "{a} {b}");
    }
}

#[test]
fn limits_and_truncation_are_errors() {
    let file = file(75, 53, Sampling::Yuv444);
    let few = Limits {
        max_pixels: 75 * 53 - 1,
        ..LIMITS
    };
    assert_eq!(decode(&file, Scale::Eighth, &few), Err(Error::TooManyPixels));
    for length in 0..file.len() {
        assert!(decode(&file[..length], Scale::Quarter, &LIMITS).is_err());
    }
}
