//! The same of progressive files: a copy is a full encoding of its levels, its client is read from it, and every decoder reads it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod pictures;

use chips::{Carriers, Container, Error, prepare, prepare_as, read_fragile};
use jpeg::{Coefficients, Limits, Process, Sampling};
use pictures::{DRAWN, chosen, drawings, key, payload, picture, spectrum, symbols};
use watermark::MarkKey;

/// A progressive file has five scans.
const LIMITS: Limits = Limits {
    max_scans: 5,
    ..pictures::LIMITS
};

const SIDES: [(u16, u16); 6] = [(320, 240), (250, 187), (97, 131), (800, 24), (161, 8), (24, 24)];

fn container(rgb: &[u8], sides: (u16, u16), quality: u8) -> Container {
    let spectrum = spectrum(rgb, sides, quality, Sampling::Yuv420);
    prepare_as(Process::Progressive, spectrum, &key()).unwrap()
}

fn read(file: &[u8]) -> Coefficients {
    assert_eq!(Process::of(file), Some(Process::Progressive));
    jpeg::read(file, &LIMITS).unwrap()
}

#[test]
fn a_copy_is_a_full_encoding() {
    for (seed, sides) in (1..).zip(SIDES) {
        let rgb = picture(sides.0, sides.1, seed);
        for quality in [10, 50, 80, 95, 100] {
            for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
                let spectrum = spectrum(&rgb, sides, quality, sampling);
                let what = format!("{sides:?} q{quality} {sampling:?}");
                let container = match prepare_as(Process::Progressive, spectrum, &key()) {
                    Ok(container) => container,
                    Err(error) => {
                        assert_eq!((error, sides), (Error::TooSmall, (24, 24)), "{what}");
                        continue;
                    }
                };
                let (_, chips) = container.inspect().unwrap();
                let fragile = key().seal(&payload());
                let first = container.mark(&vec![false; chips.len()], &fragile).unwrap();
                let first_levels = read(&first);
                for client in ["one", "two", "three"] {
                    let symbols = symbols(&container, client);
                    let copy = container.mark(&symbols, &fragile).unwrap();
                    assert!(copy.len() == container.length() && copy.len() == first.len());
                    let expected = chosen(&first_levels, &chips, &symbols);
                    assert!(read(&copy) == expected, "{what}");
                    assert!(Process::Progressive.encode(&expected).unwrap() == copy, "{what}");
                }
            }
        }
    }
}

#[test]
fn the_fragile_mark_is_read_without_the_original() {
    for (seed, sides) in (1..).zip(SIDES) {
        let rgb = picture(sides.0, sides.1, seed);
        for quality in [1, 30, 80, 100] {
            let container = container(&rgb, sides, quality);
            let copy = container
                .mark(&symbols(&container, "client_1"), &key().seal(&payload()))
                .unwrap();
            let levels = read(&copy);
            assert_eq!(read_fragile(&levels, &key()), Some(payload()), "{sides:?} q{quality}");
            assert_eq!(read_fragile(&levels, &MarkKey::new([8; 32])), None);
        }
    }
}

/// Optimisers and hosts turn baseline files into progressive ones, and back, without touching a level.
#[test]
fn the_fragile_mark_outlives_being_coded_in_the_other_way() {
    for (seed, sides) in (1..).zip(SIDES).take(4) {
        let rgb = picture(sides.0, sides.1, seed);
        for [from, to] in [
            [Process::Baseline, Process::Progressive],
            [Process::Progressive, Process::Baseline],
        ] {
            let container = prepare_as(from, spectrum(&rgb, sides, 80, Sampling::Yuv444), &key()).unwrap();
            let copy = container
                .mark(&symbols(&container, "client_1"), &key().seal(&payload()))
                .unwrap();
            let file = to.encode(&jpeg::read(&copy, &LIMITS).unwrap()).unwrap();
            let levels = jpeg::read(&file, &LIMITS).unwrap();
            assert_eq!(read_fragile(&levels, &key()), Some(payload()), "{sides:?} {from:?}");
        }
    }
}

#[test]
fn drawings_are_marked_too() {
    for (number, rgb) in drawings().enumerate() {
        for quality in [40, 80, 89, 95] {
            let container = container(&rgb, DRAWN, quality);
            let copy = container
                .mark(&symbols(&container, "a"), &key().seal(&payload()))
                .unwrap();
            let levels = read(&copy);
            assert_eq!(read_fragile(&levels, &key()), Some(payload()), "{number} q{quality}");
            let again = Process::Progressive.encode(&levels).unwrap();
            assert!(again == copy, "{number} q{quality}");
        }
    }
}

/// No symbol makes a marker or removes a stuffed byte: all decoders see the same picture.
#[test]
fn other_decoders_read_every_copy() {
    let rgb = picture(320, 240, 9);
    let container = container(&rgb, (320, 240), 85);
    let fragile = key().seal(&payload());
    for client in 0..20 {
        let symbols = symbols(&container, &format!("client_{client}"));
        let copy = container.mark(&symbols, &fragile).unwrap();
        let decoded = |file: &[u8]| {
            let mut zune = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(file));
            zune.decode().unwrap()
        };
        assert!(decoded(&copy) == decoded(&jpeg::encode(&read(&copy)).unwrap()));
    }
}

/// A client who has both files has two codewords, not one in two orders.
#[test]
fn the_other_way_is_another_variant() {
    let rgb = picture(320, 240, 5);
    let of = |quality| spectrum(&rgb, (320, 240), quality, Sampling::Yuv420);
    let baseline = prepare(of(80), &key()).unwrap();
    let progressive = prepare_as(Process::Progressive, of(80), &key()).unwrap();
    assert_ne!(baseline.variant(), progressive.variant());
    assert_eq!(
        prepare_as(Process::Baseline, of(80), &key()).unwrap().as_bytes(),
        baseline.as_bytes()
    );
    let (levels, _) = progressive.inspect().unwrap();
    let carriers = |process| Carriers::written_as(process, &levels);
    assert_eq!(carriers(Process::Baseline), Carriers::of(&levels));
    assert_ne!(carriers(Process::Baseline), carriers(Process::Progressive));
}
