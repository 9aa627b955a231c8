//! What is transformed and encoded decodes to the picture, and reads back to the very same coefficients.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pictures;

use jpeg::{Coefficients, Component, Limits, Pixels, Sampling, encode, read, transform};
use pictures::{grey, picture};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    max_pixels: 1 << 24,
    max_scans: 16,
    max_visits: u64::MAX,
};

const SIZES: [(u16, u16); 8] = [
    (1, 1),
    (7, 5),
    (8, 8),
    (16, 16),
    (17, 33),
    (1, 40),
    (100, 1),
    (640, 480),
];

/// Peak signal-to-noise ratio in decibels.
fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares: f64 = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
        .sum();
    10.0 * (255.0f64.powi(2) * a.len() as f64 / squares.max(1e-9)).log10()
}

fn decode(file: &[u8]) -> image::DynamicImage {
    image::load_from_memory_with_format(file, image::ImageFormat::Jpeg).unwrap()
}

#[test]
fn pictures_survive_within_the_quality() {
    // (quality, decibels at full chroma, at subsampled chroma)
    for (quality, full, subsampled) in [(30, 27.0, 26.0), (80, 33.0, 29.0), (95, 39.0, 30.0), (100, 46.0, 30.0)] {
        for (width, height) in SIZES {
            let rgb = picture(width, height);
            for (sampling, bound) in [(Sampling::Yuv444, full), (Sampling::Yuv420, subsampled)] {
                let c = transform(Pixels::Rgb(&rgb), width, height, quality, sampling).unwrap();
                let file = encode(&c).unwrap();
                let decoded = decode(&file).into_rgb8();
                assert_eq!(decoded.dimensions(), (width.into(), height.into()));
                let decibels = psnr(&rgb, decoded.as_raw());
                assert!(
                    decibels > bound,
                    "{width}x{height} q{quality} {sampling:?}: {decibels:.1} dB"
                );
                assert_eq!(read(&file, &LIMITS), Ok(c));
            }
            let grey = grey(width, height);
            let c = transform(Pixels::Grey(&grey), width, height, quality, Sampling::Yuv420).unwrap();
            let file = encode(&c).unwrap();
            let decoded = decode(&file);
            assert_eq!(decoded.color(), image::ColorType::L8);
            assert!(
                psnr(&grey, decoded.as_bytes()) > full,
                "{width}x{height} q{quality} grey"
            );
            assert_eq!(read(&file, &LIMITS), Ok(c));
        }
    }
}

/// Planes are transformed one by one: each as a grey picture of its own would be, chroma at its own size.
#[test]
fn planes_are_transformed_as_they_are() {
    for (width, height) in SIZES {
        for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
            let sides = [
                (width, height),
                sampling.chroma(width, height),
                sampling.chroma(width, height),
            ];
            let planes: Vec<Vec<u8>> = sides
                .iter()
                .zip([0, 1, 2])
                .map(|(&(w, h), channel)| picture(w, h).chunks_exact(3).map(|pixel| pixel[channel]).collect())
                .collect();
            let ycc = [&planes[0][..], &planes[1], &planes[2]];
            // At the highest quality both kinds of tables are the same.
            let c = transform(Pixels::Ycc(ycc), width, height, 100, sampling).unwrap();
            assert_eq!(read(&encode(&c).unwrap(), &LIMITS).as_ref(), Ok(&c));
            for ((component, plane), (w, h)) in c.components.iter().zip(&planes).zip(sides) {
                let alone = transform(Pixels::Grey(plane), w, h, 100, sampling).unwrap();
                let alone = &alone.components[0];
                for (row, blocks) in alone.blocks.chunks(alone.blocks_wide).enumerate() {
                    let start = row * component.blocks_wide;
                    assert_eq!(component.blocks[start..start + blocks.len()], *blocks);
                }
            }
            let short = [&planes[0][..], &planes[1], &planes[2][1..]];
            let refused = transform(Pixels::Ycc(short), width, height, 100, sampling);
            assert_eq!(refused, Err(jpeg::Error::PixelCount));
        }
    }
}

#[test]
fn size_matches_another_optimising_encoder() {
    let rgb = picture(640, 480);
    for quality in [30, 60, 80, 90] {
        for (sampling, factor) in [
            (Sampling::Yuv420, jpeg_encoder::SamplingFactor::F_2_2),
            (Sampling::Yuv444, jpeg_encoder::SamplingFactor::F_1_1),
        ] {
            let ours = encode(&transform(Pixels::Rgb(&rgb), 640, 480, quality, sampling).unwrap())
                .unwrap()
                .len();
            let mut theirs = Vec::new();
            let mut encoder = jpeg_encoder::Encoder::new(&mut theirs, quality);
            encoder.set_optimized_huffman_tables(true);
            encoder.set_sampling_factor(factor);
            encoder.encode(&rgb, 640, 480, jpeg_encoder::ColorType::Rgb).unwrap();
            let ratio = ours as f64 / theirs.len() as f64;
            assert!(
                (0.98..1.02).contains(&ratio),
                "q{quality} {sampling:?}: {ours} and {} bytes",
                theirs.len()
            );
        }
    }
}

#[test]
fn wrong_buffers_and_qualities_are_refused() {
    let wrong = |pixels, w, h, quality| transform(pixels, w, h, quality, Sampling::Yuv444).unwrap_err();
    assert_eq!(wrong(Pixels::Rgb(&[0; 11]), 2, 2, 80), jpeg::Error::PixelCount);
    assert_eq!(wrong(Pixels::Grey(&[0; 5]), 2, 2, 80), jpeg::Error::PixelCount);
    assert_eq!(wrong(Pixels::Grey(&[]), 0, 2, 80), jpeg::Error::PixelCount);
    assert_eq!(wrong(Pixels::Grey(&[0; 4]), 2, 2, 0), jpeg::Error::Quality);
    assert_eq!(wrong(Pixels::Grey(&[0; 4]), 2, 2, 101), jpeg::Error::Quality);
}

#[test]
fn extreme_pixels_never_leave_the_baseline_range() {
    let noise: Vec<u8> = pictures::noise(64 * 64 * 3)
        .map(|n| if n & 1 == 0 { 0 } else { 255 })
        .collect();
    for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
        let c = transform(Pixels::Rgb(&noise), 64, 64, 100, sampling).unwrap();
        assert_eq!(read(&encode(&c).unwrap(), &LIMITS), Ok(c));
    }
}

/// Coefficients anywhere in the baseline range, mostly small and mostly zero.
fn blocks(count: usize) -> impl Strategy<Value = Vec<[i16; 64]>> {
    let coefficient = prop_oneof![8 => Just(0i16), 3 => -2i16..=2, 1 => -1023i16..=1023];
    let block = proptest::collection::vec(coefficient, 64).prop_map(|c| std::array::from_fn(|n| c[n]));
    proptest::collection::vec(block, count)
}

fn components(width: u16, height: u16, factors: Vec<(u8, u8)>) -> impl Strategy<Value = Coefficients> {
    let h_max = factors.iter().map(|f| f.0).max().unwrap();
    let v_max = factors.iter().map(|f| f.1).max().unwrap();
    let mcus = |side: u16, factor: u8| usize::from(side).div_ceil(8 * usize::from(factor));
    let component = |(n, (h, v)): (usize, (u8, u8))| {
        let (wide, high) = (
            mcus(width, h_max) * usize::from(h),
            mcus(height, v_max) * usize::from(v),
        );
        let quant = proptest::collection::vec(1..=255u16, 64);
        (quant, blocks(wide * high)).prop_map(move |(quant, blocks)| Component {
            id: n as u8 * 7 + 1,
            h,
            v,
            quant: std::array::from_fn(|k| quant[k]),
            blocks_wide: wide,
            blocks_high: high,
            blocks,
        })
    };
    let components: Vec<_> = factors.into_iter().enumerate().map(component).collect();
    components.prop_map(move |components| Coefficients {
        width,
        height,
        components,
    })
}

fn any_coefficients() -> impl Strategy<Value = Coefficients> {
    let factors = prop_oneof![
        Just(vec![(1, 1)]),
        Just(vec![(1, 1), (1, 1), (1, 1)]),
        Just(vec![(2, 2), (1, 1), (1, 1)]),
        Just(vec![(2, 1), (1, 1), (1, 1)]),
        Just(vec![(1, 2), (1, 1), (1, 1)]),
        Just(vec![(4, 2), (1, 1), (1, 1)]),
        Just(vec![(3, 1), (1, 2), (2, 1)]),
    ];
    (1..70u16, 1..50u16, factors).prop_flat_map(|(width, height, factors)| components(width, height, factors))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn reading_what_was_encoded_changes_nothing(c in any_coefficients()) {
        let file = encode(&c).unwrap();
        prop_assert_eq!(read(&file, &LIMITS), Ok(c));
    }
}
