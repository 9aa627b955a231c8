//! Planes against other decoders and against the definition of the scaled transform.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pictures;
mod writer;

use jpeg::{
    Coefficients, Colours, Decoder, Error, Limits, Pixels, Planes, Sampling, Scale, decode, encode, read, transform,
};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use pictures::{grey, picture};
use std::f64::consts::PI;
use writer::{Scan, band, whole, write};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

const LIMITS: Limits = Limits {
    max_pixels: 1 << 24,
    max_scans: 100,
    max_visits: u64::MAX,
};

const SCALES: [Scale; 4] = [Scale::Full, Scale::Half, Scale::Quarter, Scale::Eighth];

fn coefficients(width: u16, height: u16, sampling: Sampling) -> Coefficients {
    transform(Pixels::Rgb(&picture(width, height)), width, height, 90, sampling).unwrap()
}

/// A file of another encoder.
fn foreign(factor: SamplingFactor, progressive: bool, restart_interval: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(factor);
    encoder.set_progressive(progressive);
    encoder.set_restart_interval(restart_interval);
    encoder.encode(&picture(203, 101), 203, 101, ColorType::Rgb).unwrap();
    file
}

/// Scans with successive approximation of AC from this bit down.
fn script(low_bits: u8) -> Vec<Scan> {
    let mut scans = vec![band(&[0, 1, 2], [0, 0], 0, 1, 5)];
    for n in [0, 1, 2] {
        scans.push(band(&[n], [1, 5], 0, low_bits, 0));
        scans.push(band(&[n], [6, 63], 0, low_bits, 3));
    }
    for high_bits in (1..=low_bits).rev() {
        scans.extend([2, 0, 1].map(|n| band(&[n], [1, 63], high_bits, high_bits - 1, 0)));
    }
    scans.push(band(&[0, 1, 2], [0, 0], 1, 0, 0));
    scans
}

/// One file of each kind there is.
fn files() -> Vec<Vec<u8>> {
    let c = coefficients(75, 53, Sampling::Yuv420);
    let grey = transform(Pixels::Grey(&grey(75, 53)), 75, 53, 90, Sampling::Yuv420).unwrap();
    vec![
        encode(&c).unwrap(),
        encode(&coefficients(75, 53, Sampling::Yuv444)).unwrap(),
        encode(&grey).unwrap(),
        write(&c, 0xC0, &[whole(&[1], 3), whole(&[0, 2], 2)]),
        write(&c, 0xC2, &script(0)),
        write(&c, 0xC2, &script(2)),
        write(&c, 0xC2, &script(5)),
        foreign(SamplingFactor::F_4_1, false, 4),
        foreign(SamplingFactor::F_1_2, true, 0),
    ]
}

/// The samples of all planes by the definition (T.81 A.3.3), over the `n` lowest frequencies.
fn exact(file: &[u8], n: usize) -> Vec<Vec<f64>> {
    let c = read(file, &LIMITS).unwrap();
    let max = |factor: fn(&jpeg::Component) -> u8| usize::from(c.components.iter().map(factor).max().unwrap());
    let (h_max, v_max) = (max(|component| component.h), max(|component| component.v));
    let zigzag = zigzag();
    let wave = |x: usize, k: usize| {
        let scale = if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        ((2 * x + 1) as f64 * k as f64 * PI / (2 * n) as f64).cos() * scale / 2.0
    };
    let plane = |component: &jpeg::Component| {
        let width = (usize::from(c.width) * usize::from(component.h)).div_ceil(h_max * 8 / n);
        let height = (usize::from(c.height) * usize::from(component.v)).div_ceil(v_max * 8 / n);
        let mut samples = vec![0.0; width * height];
        for (at, block) in component.blocks.iter().enumerate() {
            let (left, top) = (at % component.blocks_wide * n, at / component.blocks_wide * n);
            for (y, x) in (0..n).flat_map(|y| (0..n).map(move |x| (y, x))) {
                if left + x < width && top + y < height {
                    let terms = (0..64).filter(|&k| zigzag[k].0 < n && zigzag[k].1 < n).map(|k| {
                        let (v, u) = zigzag[k];
                        f64::from(block[k]) * f64::from(component.quant[k]) * wave(x, u) * wave(y, v)
                    });
                    samples[(top + y) * width + left + x] = (terms.sum::<f64>() + 128.0).clamp(0.0, 255.0);
                }
            }
        }
        samples
    };
    c.components.iter().map(plane).collect()
}

/// Row and column of each place.
fn zigzag() -> Vec<(usize, usize)> {
    let mut order: Vec<(usize, usize)> = (0..64).map(|n| (n / 8, n % 8)).collect();
    // Along the anti-diagonals, upwards on the even ones.
    order.sort_by_key(|&(row, column)| (row + column, if (row + column) % 2 == 0 { column } else { row }));
    order
}

fn sides(planes: &Planes) -> Vec<(usize, usize)> {
    planes.planes.iter().map(|plane| (plane.width, plane.height)).collect()
}

/// Root of the mean squared difference.
fn distance<'a>(a: impl Iterator<Item = f64>, b: impl Iterator<Item = &'a u8>) -> f64 {
    let squares: Vec<f64> = a.zip(b).map(|(a, &b)| (a - f64::from(b)).powi(2)).collect();
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

#[test]
fn sides_are_rounded_up_at_every_scale() {
    let file = encode(&coefficients(75, 53, Sampling::Yuv420)).unwrap();
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
    }
}

#[test]
fn every_sample_is_within_rounding_of_the_definition() {
    for (number, file) in files().iter().enumerate() {
        for (scale, n) in SCALES.into_iter().zip([8, 4, 2, 1]) {
            // At smaller scales refinements of these files are left out.
            if [5, 6].contains(&number) && scale != Scale::Full {
                continue;
            }
            let decoded = decode(file, scale, &LIMITS).unwrap();
            for (plane, exact) in decoded.planes.iter().zip(exact(file, n)) {
                assert_eq!(plane.samples.len(), plane.width * plane.height);
                assert_eq!(plane.samples.len(), exact.len());
                for (&sample, exact) in plane.samples.iter().zip(exact) {
                    assert!(
                        (f64::from(sample) - exact).abs() < 0.8,
                        "file {number}, {scale:?}: {sample} {exact}"
                    );
                }
            }
        }
    }
}

#[test]
fn full_size_is_what_another_decoder_sees() {
    for (number, file) in files().iter().enumerate() {
        // Of a file whose first scan is not of the first component the other one makes something else.
        if number == 3 {
            continue;
        }
        let ours = decode(file, Scale::Full, &LIMITS).unwrap();
        let grey = ours.colours == Colours::Grey;
        let space = if grey { ColorSpace::Luma } else { ColorSpace::YCbCr };
        let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
        let theirs = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options)
            .decode()
            .unwrap();
        let apart = theirs.len() / ours.planes[0].samples.len();
        for (n, plane) in ours
            .planes
            .iter()
            .enumerate()
            .filter(|(_, plane)| plane.samples.len() * apart == theirs.len())
        {
            for (&a, &b) in plane.samples.iter().zip(theirs.iter().skip(n).step_by(apart)) {
                assert!(a.abs_diff(b) <= 2, "file {number}, plane {n}: {a} {b}");
            }
        }
    }
}

#[test]
fn smaller_scales_are_near_to_the_means_of_full_size() {
    for file in files() {
        let full = decode(&file, Scale::Full, &LIMITS).unwrap();
        for (scale, side, bound) in [(Scale::Half, 2, 5.0), (Scale::Quarter, 4, 5.0), (Scale::Eighth, 8, 1.0)] {
            let small = decode(&file, scale, &LIMITS).unwrap();
            for (full, small) in full.planes.iter().zip(&small.planes) {
                // Whole boxes only: what is beyond the edge is the encoder's choice.
                let (wide, high) = (full.width / side, full.height / side);
                let mean = |at: usize| {
                    let (x, y) = (at % wide * side, at / wide * side);
                    let rows = (y..y + side).map(|y| &full.samples[y * full.width + x..][..side]);
                    rows.flatten().map(|&sample| f64::from(sample)).sum::<f64>() / (side * side) as f64
                };
                let theirs = (0..high).flat_map(|y| &small.samples[y * small.width..][..wide]);
                let distance = distance((0..wide * high).map(mean), theirs);
                assert!(distance < bound, "{scale:?}: {distance}");
            }
        }
    }
}

#[test]
fn refinements_left_out_are_hardly_missed() {
    let c = coefficients(75, 53, Sampling::Yuv420);
    let baseline = encode(&c).unwrap();
    for low_bits in [1, 2, 5, 9] {
        let file = write(&c, 0xC2, &script(low_bits));
        for scale in SCALES {
            let (whole, refined) = (
                decode(&baseline, scale, &LIMITS).unwrap(),
                decode(&file, scale, &LIMITS).unwrap(),
            );
            for (whole, refined) in whole.planes.iter().zip(&refined.planes) {
                let exact = whole.samples.iter().map(|&sample| f64::from(sample));
                let distance = distance(exact, refined.samples.iter());
                let bound = if scale == Scale::Full { 0.0 } else { 3.0 };
                assert!(distance <= bound, "{low_bits} {scale:?}: {distance}");
            }
        }
    }
}

#[test]
fn half_chroma_is_that_of_half_the_scale() {
    for (number, file) in files().iter().enumerate() {
        for pair in SCALES.windows(2) {
            let [whole, half] = [pair[0], pair[1]].map(|scale| decode(file, scale, &LIMITS).unwrap().planes);
            let mut decoder = Decoder::new(pair[0], &LIMITS).with_half_chroma();
            decoder.push(file).unwrap();
            let found = decoder.finish().unwrap().planes;
            assert_eq!(found[0], whole[0]);
            let (h, v) = (whole[0].h, whole[0].v);
            for (found, (whole, half)) in found.iter().zip(whole.iter().zip(&half)).skip(1) {
                let sparse = 2 * found.h <= h && 2 * found.v <= v;
                let expected = if sparse { half } else { whole };
                assert_eq!(
                    (found.scale, found.width, found.height),
                    (expected.scale, expected.width, expected.height)
                );
                // What a smaller scale leaves out of files 5 and 6 is not left out here. Of a block without AC the transform of two
                // is rounded otherwise.
                let bound = if [5, 6].contains(&number) { 40 } else { 1 };
                let mut samples = found.samples.iter().zip(&expected.samples);
                assert!(
                    samples.all(|(a, b)| a.abs_diff(*b) <= bound),
                    "file {number}, {:?}",
                    pair[0]
                );
            }
        }
    }
}

#[test]
fn pieces_of_any_size_make_the_same_picture() {
    for file in files()
        .iter()
        .chain([&encode(&coefficients(700, 300, Sampling::Yuv420)).unwrap()])
    {
        for scale in SCALES {
            let whole = decode(file, scale, &LIMITS).unwrap();
            for size in [1, 7, 1000, 20_000] {
                let mut decoder = Decoder::new(scale, &LIMITS);
                for piece in file.chunks(size) {
                    decoder.push(piece).unwrap();
                }
                assert!(decoder.finish().unwrap() == whole, "pieces of {size}");
            }
        }
    }
}

#[test]
fn markers_say_what_components_stand_for() {
    let file = encode(&coefficients(8, 8, Sampling::Yuv444)).unwrap();
    let start = file.windows(2).position(|pair| pair == [0xFF, 0xDB]).unwrap();
    let adobe = |transform: u8| [b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat();
    let with = |segments: &[u8]| [&[0xFF, 0xD8], segments, &file[start..]].concat();
    let colours = |file: &[u8]| {
        let decoded = decode(file, Scale::Eighth, &LIMITS).unwrap();
        (decoded.colours, decoded.adobe)
    };
    assert_eq!(colours(&file), (Colours::YCbCr, false));
    assert_eq!(colours(&with(&[])), (Colours::YCbCr, false));
    assert_eq!(colours(&with(&adobe(1))), (Colours::YCbCr, true));
    assert_eq!(colours(&with(&adobe(0))), (Colours::Rgb, true));
    let mut named = coefficients(8, 8, Sampling::Yuv444);
    for (component, id) in named.components.iter_mut().zip(*b"RGB") {
        component.id = id;
    }
    assert_eq!(
        colours(&write(&named, 0xC0, &[whole(&[0, 1, 2], 0)])),
        (Colours::Rgb, false)
    );
    named.components.push(jpeg::Component {
        id: 9,
        ..named.components[0].clone()
    });
    let four = write(&named, 0xC0, &[whole(&[0, 1, 2, 3], 0)]);
    assert_eq!(colours(&four), (Colours::Cmyk, false));
    assert_eq!(
        colours(&[&four[..2], &adobe(2), &four[2..]].concat()),
        (Colours::Ycck, true)
    );
    assert_eq!(
        colours(&[&four[..2], &adobe(0), &four[2..]].concat()),
        (Colours::Cmyk, true)
    );
    named.components.truncate(2);
    let two = write(&named, 0xC0, &[whole(&[0, 1], 0)]);
    assert_eq!(
        decode(&two, Scale::Full, &LIMITS),
        Err(Error::Unsupported("two components"))
    );
}

#[test]
fn limits_hold_at_every_scale() {
    let file = write(&coefficients(75, 53, Sampling::Yuv420), 0xC2, &script(2));
    let scans = script(2).len() as u32;
    for scale in SCALES {
        let with = |limits: Limits| decode(&file, scale, &limits).map(|_| ());
        assert_eq!(
            with(Limits {
                max_pixels: 75 * 53 - 1,
                ..LIMITS
            }),
            Err(Error::TooManyPixels)
        );
        assert_eq!(
            with(Limits {
                max_scans: scans - 1,
                ..LIMITS
            }),
            Err(Error::TooManyScans)
        );
        assert_eq!(
            with(Limits {
                max_visits: 20_000,
                ..LIMITS
            }),
            Err(Error::TooMuchWork)
        );
        assert_eq!(
            with(Limits {
                max_scans: scans,
                ..LIMITS
            }),
            Ok(())
        );
    }
}
