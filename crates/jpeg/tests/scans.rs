//! Reading files cut into scans in every way the standard allows.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod pictures;
mod writer;

use jpeg::{Coefficients, Error, Limits, Pixels, Sampling, encode, read, transform};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use pictures::picture;
use writer::{Scan, band, occupied, whole, write};

const LIMITS: Limits = Limits {
    max_pixels: 1 << 24,
    max_scans: 100,
    max_visits: u64::MAX,
};

/// A picture of 75 x 53 with nothing in the blocks that only pad it, because scans of one component leave them out.
fn sample(sampling: Sampling) -> Coefficients {
    let mut c = transform(Pixels::Rgb(&picture(75, 53)), 75, 53, 92, sampling).unwrap();
    clear_padding(&mut c);
    c
}

fn clear_padding(c: &mut Coefficients) {
    for n in 0..c.components.len() {
        let (wide, high) = occupied(c, n);
        let component = &mut c.components[n];
        for (place, block) in component.blocks.iter_mut().enumerate() {
            if place % component.blocks_wide >= wide || place / component.blocks_wide >= high {
                *block = [0; 64];
            }
        }
    }
}

/// The script of a typical progressive file: successive approximation of DC by one bit, of AC by two.
fn script(restart_interval: u16) -> Vec<Scan> {
    let mut scans = vec![band(&[0, 1, 2], [0, 0], 0, 1, restart_interval)];
    for n in [0, 1, 2] {
        scans.push(band(&[n], [1, 5], 0, 2, restart_interval));
        scans.push(band(&[n], [6, 63], 0, 2, restart_interval));
        scans.push(band(&[n], [1, 63], 2, 1, restart_interval));
    }
    scans.push(band(&[0, 1, 2], [0, 0], 1, 0, restart_interval));
    scans.extend([2, 1, 0].map(|n| band(&[n], [1, 63], 1, 0, restart_interval)));
    scans
}

fn pixels(file: &[u8]) -> Vec<u8> {
    image::load_from_memory_with_format(file, image::ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
        .into_raw()
}

#[test]
fn successive_approximation_adds_up() {
    for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
        let c = sample(sampling);
        for restart_interval in [0, 1, 7, 1000] {
            let file = write(&c, 0xC2, &script(restart_interval));
            assert_eq!(
                read(&file, &LIMITS).as_ref(),
                Ok(&c),
                "restart interval {restart_interval}"
            );
        }
        // Another decoder agrees that this is the file meant.
        assert_eq!(pixels(&write(&c, 0xC2, &script(0))), pixels(&encode(&c).unwrap()));
    }
}

#[test]
fn long_end_of_band_runs_are_followed() {
    let mut c = transform(
        Pixels::Rgb(&vec![77; 2000 * 1200 * 3]),
        2000,
        1200,
        90,
        Sampling::Yuv444,
    )
    .unwrap();
    let blocks = c.components[0].blocks.len();
    assert!(blocks > 0x7FFF);
    c.components[0].blocks[blocks - 1][40] = -9;
    c.components[0].blocks[blocks / 2][3] = 5;
    let limits = Limits {
        max_pixels: 3_000_000,
        ..LIMITS
    };
    assert_eq!(read(&write(&c, 0xC2, &script(0)), &limits), Ok(c));
}

#[test]
fn sequential_scans_need_not_be_interleaved() {
    for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
        let c = sample(sampling);
        for scans in [
            vec![whole(&[0, 1, 2], 0)],
            vec![whole(&[0], 0), whole(&[1], 3), whole(&[2], 1)],
            vec![whole(&[1, 2], 5), whole(&[0], 2)],
        ] {
            for sof in [0xC0, 0xC1] {
                assert_eq!(read(&write(&c, sof, &scans), &LIMITS).as_ref(), Ok(&c), "{scans:?}");
            }
        }
    }
}

#[test]
fn odd_sampling_factors_and_four_components_are_read() {
    for factors in [
        [(4, 2), (1, 1), (1, 2), (2, 1)],
        [(1, 1), (3, 2), (2, 2), (4, 4)],
        [(2, 2), (2, 2), (2, 2), (2, 2)],
    ] {
        let mut c = sample(Sampling::Yuv444);
        c.components.push(jpeg::Component {
            id: 9,
            ..c.components[1].clone()
        });
        let h_max = factors.iter().map(|f| f.0).max().unwrap();
        let v_max = factors.iter().map(|f| f.1).max().unwrap();
        for (component, (h, v)) in c.components.iter_mut().zip(factors) {
            (component.h, component.v) = (h, v);
            component.blocks_wide = 75usize.div_ceil(8 * usize::from(h_max)) * usize::from(h);
            component.blocks_high = 53usize.div_ceil(8 * usize::from(v_max)) * usize::from(v);
            component
                .blocks
                .resize(component.blocks_wide * component.blocks_high, [3; 64]);
        }
        clear_padding(&mut c);
        let alone: Vec<Scan> = (0..4).map(|n| whole(&[n], 0)).collect();
        assert_eq!(read(&write(&c, 0xC0, &alone), &LIMITS), Ok(c.clone()));
        let together = read(&write(&c, 0xC0, &[whole(&[0, 1, 2, 3], 4)]), &LIMITS);
        let blocks: u8 = factors.iter().map(|(h, v)| h * v).sum();
        assert_eq!(
            together,
            if blocks > 10 {
                Err(Error::Malformed("large MCU"))
            } else {
                Ok(c)
            }
        );
    }
}

#[test]
fn progressive_and_baseline_files_of_another_encoder_carry_the_same() {
    let rgb = picture(203, 101);
    for factor in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_2,
        SamplingFactor::F_2_1,
        SamplingFactor::F_4_1,
    ] {
        let file = |progressive: Option<u8>, restart_interval: u16, optimised: bool| {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, 85);
            encoder.set_sampling_factor(factor);
            encoder.set_optimized_huffman_tables(optimised);
            encoder.set_restart_interval(restart_interval);
            if let Some(scans) = progressive {
                encoder.set_progressive_scans(scans);
            }
            encoder.encode(&rgb, 203, 101, ColorType::Rgb).unwrap();
            let mut c = read(&file, &LIMITS).unwrap();
            clear_padding(&mut c);
            c
        };
        let baseline = file(None, 0, false);
        assert!(
            baseline.components[0]
                .blocks
                .iter()
                .any(|block| block[1..].iter().any(|&ac| ac != 0))
        );
        for (scans, restart_interval, optimised) in [
            (None, 0, true),
            (None, 3, false),
            (Some(2), 0, false),
            (Some(4), 0, true),
            (Some(10), 5, true),
            (Some(33), 0, false),
        ] {
            assert!(
                file(scans, restart_interval, optimised) == baseline,
                "{factor:?} {scans:?} {restart_interval}"
            );
        }
    }
}

#[test]
fn scans_that_do_not_follow_on_are_refused() {
    let c = sample(Sampling::Yuv444);
    let all = [0, 1, 2];
    let cases: [(u8, Vec<Scan>); 7] = [
        (0xC0, vec![whole(&all, 0), whole(&[1], 0)]),
        (0xC0, vec![whole(&[0, 2], 0)]),
        (0xC0, vec![whole(&[0, 1, 1], 0)]),
        (0xC2, vec![band(&all, [0, 0], 0, 0, 0), band(&all, [0, 0], 1, 0, 0)]),
        (0xC2, vec![band(&all, [0, 0], 0, 1, 0), band(&[0], [1, 9], 2, 1, 0)]),
        (0xC2, vec![band(&[0], [1, 63], 0, 0, 0)]),
        (0xC2, vec![band(&all, [0, 0], 0, 14, 0)]),
    ];
    for (sof, scans) in cases {
        let result = read(&write(&c, sof, &scans), &LIMITS);
        assert!(
            matches!(result, Err(Error::Malformed(_))),
            "{scans:?}: {:?}",
            result.map(|_| ())
        );
    }
}

#[test]
fn limits_hold() {
    let c = sample(Sampling::Yuv420);
    let file = write(&c, 0xC2, &script(0));
    let scans = script(0).len() as u32;
    let limits = |max_pixels, max_scans| Limits {
        max_pixels,
        max_scans,
        ..LIMITS
    };
    assert_eq!(read(&file, &limits(75 * 53, scans)).as_ref(), Ok(&c));
    assert_eq!(read(&file, &limits(75 * 53 - 1, scans)), Err(Error::TooManyPixels));
    assert_eq!(read(&file, &limits(75 * 53, scans - 1)), Err(Error::TooManyScans));
    let baseline = write(&c, 0xC0, &[whole(&[0, 1, 2], 0)]);
    let coefficients = c
        .components
        .iter()
        .map(|component| component.blocks.len() as u64 * 64)
        .sum();
    let work = |max_visits| read(&baseline, &Limits { max_visits, ..LIMITS });
    assert!(work(coefficients).is_ok());
    assert_eq!(work(coefficients - 1), Err(Error::TooMuchWork));
}
