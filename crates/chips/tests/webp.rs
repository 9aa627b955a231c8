//! Splice marking of lossy WebP: copies, containers, what is found in them.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod pictures;

use chips::Error;
use chips::webp::{Container, prepare, read_fragile};
use fingerprint::Code;
use pictures::{key, payload, picture};
use proptest::prelude::*;
use std::sync::LazyLock;
use vp8::Pixels;
use watermark::{MarkKey, Subject};
use xxhash_rust::xxh3::xxh3_64;

fn container(sides: (u16, u16), quality: u8, seed: u32) -> Container {
    prepare(Pixels::Rgb(&picture(sides.0, sides.1, seed)), sides, quality, &key()).unwrap()
}

static CONTAINER: LazyLock<Container> = LazyLock::new(|| container((320, 240), 80, 4));

fn copy(container: &Container, client: &str) -> Vec<u8> {
    let code = Code::new(&key(), &container.variant());
    let symbols = code.codeword(&code.recipe(container.chips()), &Subject::of(client), b"request1");
    container.mark(&symbols, &key().seal(&payload())).unwrap()
}

#[test]
fn the_fragile_mark_is_read_without_the_original() {
    for (sides, quality) in [((1, 1), 80), ((17, 300), 1), ((320, 240), 30), ((320, 240), 100)] {
        let copy = copy(&container(sides, quality, 7), "client_1");
        assert_eq!(
            read_fragile(&copy, &key()).unwrap(),
            Some(payload()),
            "{sides:?} q{quality}"
        );
        assert_eq!(read_fragile(&copy, &MarkKey::new([8; 32])).unwrap(), None);
    }
    let plain = vp8::encode(Pixels::Rgb(&picture(320, 240, 4)), 320, 240, 80).unwrap();
    assert_eq!(read_fragile(&plain, &key()).unwrap(), None);
}

#[test]
fn clients_have_different_copies_of_the_same_length() {
    let (one, other) = (copy(&CONTAINER, "one"), copy(&CONTAINER, "other"));
    assert!(one != other && one.len() == other.len() && one.len() == CONTAINER.length());
    assert!(one == copy(&CONTAINER, "one"));
}

/// Copies differ at their chips, as symbols say, and nowhere else.
#[test]
fn a_copy_has_the_levels_of_its_symbols() {
    let limits = vp8::Limits { max_pixels: 1 << 20 };
    let inspection = CONTAINER.inspect(1 << 24).unwrap();
    assert!(inspection.chips.len() == CONTAINER.chips() && CONTAINER.chips() > 100);
    let [zeros, ones] = inspection
        .copies
        .each_ref()
        .map(|file| vp8::read_levels(file, &limits).unwrap());
    let code = Code::new(&key(), &CONTAINER.variant());
    let symbols = code.codeword(&code.recipe(CONTAINER.chips()), &Subject::of("one"), b"request1");
    let file = CONTAINER.mark(&symbols, &key().seal(&payload())).unwrap();
    let levels = vp8::read_levels(&file, &limits).unwrap();
    let mut symbols = symbols.iter();
    let all = |levels: &vp8::Levels| levels.luma.as_flattened().as_flattened().to_vec();
    for ((zero, one), level) in all(&zeros).iter().zip(all(&ones)).zip(all(&levels)) {
        let symbol = *zero != one && *symbols.next().unwrap();
        assert_eq!(level, if symbol { one } else { *zero });
    }
    assert!(symbols.next().is_none());
}

#[test]
fn the_same_picture_gives_the_same_container_and_every_other_another() {
    let again = container((320, 240), 80, 4);
    assert_eq!(again.as_bytes(), CONTAINER.as_bytes());
    assert_ne!(container((320, 240), 90, 4).variant(), CONTAINER.variant());
    assert_ne!(container((320, 240), 80, 6).variant(), CONTAINER.variant());
    let other = prepare(
        Pixels::Rgb(&picture(320, 240, 4)),
        (320, 240),
        80,
        &MarkKey::new([9; 32]),
    )
    .unwrap();
    assert_eq!(other.variant(), CONTAINER.variant());
    assert_ne!(
        other.as_bytes(),
        CONTAINER.as_bytes(),
        "the places of the chips are secret"
    );
}

#[test]
fn flat_pictures_are_marked_and_promise_nothing() {
    for grey in [0, 128, 255] {
        let flat = prepare(Pixels::Rgb(&[grey; 320 * 240 * 3]), (320, 240), 80, &key()).unwrap();
        assert!(!flat.is_traceable());
        assert_eq!(read_fragile(&copy(&flat, "a"), &key()).unwrap(), Some(payload()));
    }
    let busy = container((800, 600), 80, 3);
    assert!(busy.is_traceable(), "{busy:?} {}", busy.predicted_score());
}

#[test]
fn bytes_give_the_container_back_and_are_no_picture() {
    let bytes = CONTAINER.as_bytes().to_vec();
    assert_eq!(&Container::from_bytes(bytes.clone()).unwrap(), &*CONTAINER);
    assert!(image::guess_format(&bytes).is_err());
    let changed = |place: usize| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        Container::from_bytes(bytes)
    };
    for place in [4, 12, 50, 100, bytes.len() - 1] {
        assert_eq!(changed(place), Err(Error::Damaged), "{place}");
    }
    assert_eq!((changed(0), changed(3)), (Err(Error::Foreign), Err(Error::Version)));
    assert!(chips::Container::from_bytes(bytes).is_err());
}

#[test]
fn a_codeword_of_another_length_is_refused() {
    let chips = CONTAINER.chips();
    for symbols in [0, chips - 1, chips + 1] {
        let result = CONTAINER.mark(&vec![true; symbols], &key().seal(&payload()));
        assert_eq!(result, Err(Error::Symbols { symbols, chips }));
    }
}

/// libwebp's decoder is tried on the photographs; here that others read every copy, and that nothing but luma differs.
#[test]
fn other_decoders_read_every_copy() {
    for client in 0..10 {
        let file = copy(&CONTAINER, &format!("client_{client}"));
        assert_eq!(
            image::load_from_memory(&file).unwrap().to_rgb8().dimensions(),
            (320, 240)
        );
    }
}

proptest! {
    /// Damage that a checksum would find, but with the checksum made right: nothing traps, nothing is out of bounds.
    #[test]
    fn damage_with_a_right_checksum_never_traps(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        near in any::<bool>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = CONTAINER.as_bytes().to_vec();
        if changes.len() % 5 == 0 {
            bytes.truncate(cut.index(bytes.len()));
        }
        for (place, value) in changes {
            // The fields, or the table at the end.
            let place = if near { 44 + place.index(260) } else { bytes.len() - 1 - place.index(bytes.len() / 3) };
            if let Some(byte) = bytes.get_mut(place) {
                *byte = value;
            }
        }
        if bytes.len() > 12 {
            let checksum = xxh3_64(&bytes[12..]).to_be_bytes();
            bytes[4..12].copy_from_slice(&checksum);
        }
        let length = bytes.len();
        if let Ok(container) = Container::from_bytes(bytes) {
            prop_assert!(container.chips() <= length);
            if let Ok(copy) = container.mark(&vec![true; container.chips()], &key().seal(&payload())) {
                prop_assert_eq!(copy.len(), container.length());
            }
            let _ = container.inspect(1 << 24);
        }
    }
}
