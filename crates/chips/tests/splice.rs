//! A copy is, to the bit, what a full encoding of its levels would be, whatever the symbols; and every decoder reads it.

mod pictures;

use chips::{Carriers, Error, prepare};
use jpeg::Sampling;
use pictures::{DRAWN, LIMITS, chosen, container, drawings, key, payload, picture, spectrum, symbols};
use watermark::MarkKey;

const SIDES: [(u16, u16); 5] = [(320, 240), (250, 187), (97, 131), (800, 24), (24, 24)];

#[test]
fn a_copy_is_a_full_encoding() {
    for (seed, sides) in (1..).zip(SIDES) {
        let rgb = picture(sides.0, sides.1, seed);
        for quality in [10, 50, 80, 95, 100] {
            for sampling in [Sampling::Yuv420, Sampling::Yuv444] {
                let Ok(container) = prepare(spectrum(&rgb, sides, quality, sampling), &key()) else {
                    assert_eq!(sides, (24, 24));
                    continue;
                };
                let (zeros, chips) = container.inspect().unwrap();
                let fragile = key().seal(&payload());
                let first = container.mark(&vec![false; chips.len()], &fragile).unwrap();
                let first_levels = jpeg::read(&first, &LIMITS).unwrap();
                let differing = zeros.components[0]
                    .blocks
                    .iter()
                    .zip(&first_levels.components[0].blocks);
                let differing = differing.flat_map(|(a, b)| a.iter().zip(b)).filter(|(a, b)| a != b);
                assert!(differing.count() <= Carriers::of(&zeros).count());
                for client in ["one", "two", "three"] {
                    let symbols = symbols(&container, client);
                    let copy = container.mark(&symbols, &fragile).unwrap();
                    assert!(copy.len() == container.length() && copy.len() == first.len());
                    let expected = chosen(&first_levels, &chips, &symbols);
                    let what = format!("{sides:?} q{quality} {sampling:?}");
                    assert!(jpeg::read(&copy, &LIMITS).unwrap() == expected, "{what}");
                    assert!(jpeg::encode(&expected).unwrap() == copy, "{what}");
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
            let read = jpeg::read(&copy, &LIMITS).unwrap();
            let carriers = Carriers::of(&read);
            let found = |key: &MarkKey| key.open(carriers.count(), |carrier| carriers.read(&read, carrier));
            assert_eq!(found(&key()), Some(payload()), "{sides:?} q{quality}");
            assert_eq!(found(&MarkKey::new([8; 32])), None);
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
            let read = jpeg::read(&copy, &LIMITS).unwrap();
            let carriers = Carriers::of(&read);
            let found = key().open(carriers.count(), |carrier| carriers.read(&read, carrier));
            assert_eq!(found, Some(payload()), "{number} q{quality}");
            assert!(jpeg::encode(&read).unwrap() == copy, "{number} q{quality}");
        }
    }
}

/// No symbol makes a marker or removes a stuffed byte: all decoders see the same picture.
#[test]
fn other_decoders_read_every_copy() {
    let rgb = picture(320, 240, 9);
    let container = container(&rgb, (320, 240), 85);
    let fragile = key().seal(&payload());
    let mut copies = vec![
        container.mark(&vec![false; container.chips()], &fragile).unwrap(),
        container.mark(&vec![true; container.chips()], &fragile).unwrap(),
    ];
    for client in 0..20 {
        copies.push(
            container
                .mark(&symbols(&container, &format!("client_{client}")), &fragile)
                .unwrap(),
        );
    }
    for copy in copies {
        let mut zune = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(&copy));
        let pixels = zune.decode().unwrap();
        let plain = jpeg::encode(&jpeg::read(&copy, &LIMITS).unwrap()).unwrap();
        let mut again = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(&plain));
        assert_eq!(pixels, again.decode().unwrap());
        assert_eq!(image::load_from_memory(&copy).unwrap().to_rgb8().len(), pixels.len());
    }
}

#[test]
fn the_same_picture_gives_the_same_container_and_every_other_another() {
    let rgb = picture(160, 120, 5);
    let of = |rgb: &[u8], quality: u8| container(rgb, (160, 120), quality);
    let first = of(&rgb, 80);
    assert_eq!(of(&rgb, 80).as_bytes(), first.as_bytes());
    let mut brighter = rgb.clone();
    brighter
        .iter_mut()
        .for_each(|sample| *sample = sample.saturating_add(3));
    for other in [of(&rgb, 81), of(&brighter, 80)] {
        assert_ne!(other.variant(), first.variant());
    }
    let other_key = prepare(spectrum(&rgb, (160, 120), 80, Sampling::Yuv420), &MarkKey::new([9; 32])).unwrap();
    assert_eq!(other_key.variant(), first.variant());
    assert_ne!(
        other_key.as_bytes(),
        first.as_bytes(),
        "the places of the chips are secret"
    );
}

#[test]
fn flat_pictures_are_marked_and_promise_nothing() {
    for grey in [0, 128, 255] {
        let container = container(&vec![grey; 320 * 240 * 3], (320, 240), 80);
        assert!(!container.is_traceable(), "{grey}");
        let copy = container
            .mark(&symbols(&container, "a"), &key().seal(&payload()))
            .unwrap();
        assert!(jpeg::read(&copy, &LIMITS).is_ok());
    }
    let busy = container(&picture(800, 600, 3), (800, 600), 80);
    assert!(busy.is_traceable(), "{busy:?} {}", busy.predicted_score());
}

#[test]
fn a_codeword_of_another_length_and_a_tiny_picture_are_refused() {
    let marked = container(&picture(160, 120, 5), (160, 120), 80);
    let chips = marked.chips();
    for symbols in [0, chips - 1, chips + 1] {
        let result = marked.mark(&vec![true; symbols], &key().seal(&payload()));
        assert_eq!(result, Err(Error::Symbols { symbols, chips }));
    }
    let tiny = prepare(spectrum(&picture(16, 8, 1), (16, 8), 80, Sampling::Yuv444), &key());
    let tiny = tiny.and_then(|container| container.mark(&vec![false; container.chips()], &key().seal(&payload())));
    assert_eq!(tiny, Err(Error::TooSmall));
}
