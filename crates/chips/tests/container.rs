//! Bytes of a container are read or refused, whatever they are.

mod pictures;

use chips::{Container, Error};
use pictures::{container, key, payload, picture, symbols};
use proptest::prelude::*;
use std::sync::LazyLock;
use xxhash_rust::xxh3::xxh3_64;

static CONTAINER: LazyLock<Container> = LazyLock::new(|| container(&picture(120, 90, 4), (120, 90), 80));

#[test]
fn bytes_give_the_container_back() {
    let bytes = CONTAINER.as_bytes().to_vec();
    let read = Container::from_bytes(bytes.clone()).unwrap();
    assert_eq!((&read, read.as_bytes()), (&*CONTAINER, &bytes[..]));
}

#[test]
fn nothing_takes_it_for_a_picture() {
    assert!(image::guess_format(CONTAINER.as_bytes()).is_err());
    assert!(jpeg::read(CONTAINER.as_bytes(), &pictures::LIMITS).is_err());
}

#[test]
fn what_is_wrong_is_said() {
    let bytes = CONTAINER.as_bytes();
    let changed = |place: usize| {
        let mut bytes = bytes.to_vec();
        bytes[place] ^= 1;
        Container::from_bytes(bytes)
    };
    for place in [4, 12, 50, bytes.len() - 1] {
        assert_eq!(changed(place), Err(Error::Damaged), "{place}");
    }
    assert_eq!((changed(0), changed(3)), (Err(Error::Foreign), Err(Error::Version)));
    for length in [0, 3] {
        assert_eq!(Container::from_bytes(bytes[..length].to_vec()), Err(Error::Foreign));
    }
    for length in [75, bytes.len() - 1] {
        assert_eq!(Container::from_bytes(bytes[..length].to_vec()), Err(Error::Damaged));
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
            // The fields, or the tables at the end.
            let end = place.index((bytes.len() / 3).max(1));
            let place = if near { 44 + place.index(32) } else { bytes.len().saturating_sub(1 + end) };
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
            let _ = container.inspect();
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Container::from_bytes(bytes).is_err());
    }
}

#[test]
fn clients_have_different_copies_of_the_same_length() {
    let copy = |client| {
        CONTAINER
            .mark(&symbols(&CONTAINER, client), &key().seal(&payload()))
            .unwrap()
    };
    let (one, other) = (copy("one"), copy("other"));
    assert!(one != other && one.len() == other.len() && one == copy("one"));
}
