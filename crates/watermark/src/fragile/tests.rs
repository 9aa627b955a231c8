//! The layer as a whole: seal, spread, damage, open.

use super::*;
use crate::payload::tests::any_payload;
use crate::{KeyTag, Kind, Subject};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};

fn key() -> MarkKey {
    MarkKey::new(std::array::from_fn(|i| i as u8))
}

fn payload() -> Payload {
    Payload {
        kind: Kind::OneShot,
        subject: Subject::of("shop-north"),
        key: KeyTag::of("pk_example"),
        reference: [1, 2, 3, 4, 5, 6, 7, 8],
        time: 1_706_500_000,
    }
}

fn rng() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

/// A picture of random carriers.
fn noise(rng: &mut TestRng, carriers: usize) -> Vec<bool> {
    (0..carriers.div_ceil(32))
        .flat_map(|_| bits(rng.next_u32()))
        .take(carriers)
        .collect()
}

fn bits(word: u32) -> impl Iterator<Item = bool> {
    (0..32).map(move |i| word >> i & 1 == 1)
}

fn mark(picture: &mut [bool], fragile: &Fragile) {
    for (carrier, bit) in fragile.spread(picture.len()).unwrap().assignments() {
        picture[carrier] = bit;
    }
}

fn open(key: &MarkKey, picture: &[bool]) -> Option<Payload> {
    key.open(picture.len(), |carrier| picture.get(carrier).copied())
}

/// Inverts about `share` of the carriers.
fn flip(rng: &mut TestRng, picture: &mut [bool], share: f64) {
    for bit in picture {
        *bit ^= f64::from(rng.next_u32()) < share * f64::from(u32::MAX);
    }
}

#[test]
fn the_codeword_is_that_of_format_1() {
    // From a second implementation in another language. A change here makes every picture in the world unreadable:
    // do not adjust it, raise the version.
    let expected = "a7bdd41d292b3a2e9ef844af878b9bec33bc6b9d6416a438a5ba3b8cce8e704668630f78c25a6d1ea3072f076a6fb5d8\
                    332ee276ff25b085";
    let sealed: String = key()
        .seal(&payload())
        .codeword
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(sealed, expected);
}

#[test]
fn the_layout_is_that_of_format_1() {
    // Offset and step by the same second implementation: carriers of the first three bits of the codeword.
    for (carriers, offset, step) in [(448, 14, 199), (1_000, 167, 483), (100_000, 11_110, 41_547)] {
        let spread = key().seal(&payload()).spread(carriers).unwrap();
        let first: Vec<_> = spread.assignments().take(3).collect();
        // 0xa7 begins with 1, 0, 1.
        let at = |i: usize| (offset + i * step) % carriers;
        assert_eq!(first, [(at(0), true), (at(1), false), (at(2), true)], "{carriers}");
    }
}

#[test]
fn every_size_reads_back() {
    let mut rng = rng();
    for carriers in [
        448, 449, 500, 895, 896, 1_000, 4_096, 28_672, 65_536, 480_000, 999_983, 2_000_000,
    ] {
        let mut picture = noise(&mut rng, carriers);
        assert_eq!(open(&key(), &picture), None, "{carriers} unmarked");
        mark(&mut picture, &key().seal(&payload()));
        assert_eq!(open(&key(), &picture), Some(payload()), "{carriers} marked");
    }
}

#[test]
fn a_third_of_the_carriers_may_flip_when_all_copies_fit() {
    let mut rng = rng();
    for _ in 0..50 {
        let mut picture = noise(&mut rng, 28_672);
        mark(&mut picture, &key().seal(&payload()));
        flip(&mut rng, &mut picture, 0.35);
        assert_eq!(open(&key(), &picture), Some(payload()));
    }
}

#[test]
fn a_random_half_of_the_carriers_may_be_unreadable() {
    let mut rng = rng();
    for carriers in [10_000, 100_000] {
        let mut picture = noise(&mut rng, carriers);
        mark(&mut picture, &key().seal(&payload()));
        let lost = noise(&mut rng, carriers);
        let found = key().open(carriers, |carrier| {
            if lost[carrier] {
                None
            } else {
                picture.get(carrier).copied()
            }
        });
        assert_eq!(found, Some(payload()), "{carriers}");
    }
}

#[test]
fn a_part_of_the_picture_may_be_painted_over() {
    let mut rng = rng();
    for carriers in [20_000, 100_003, 1_000_000] {
        let mut picture = noise(&mut rng, carriers);
        mark(&mut picture, &key().seal(&payload()));
        picture[carriers / 3..][..carriers / 4].fill(true);
        assert_eq!(open(&key(), &picture), Some(payload()), "{carriers}");
    }
}

#[test]
fn eight_wrong_bytes_or_sixteen_unread_ones_are_corrected_without_copies() {
    let sealed = key().seal(&payload());
    let spread = sealed.spread(MIN_CARRIERS).unwrap();
    let order: Vec<_> = spread.assignments().collect();
    let mut picture = vec![false; MIN_CARRIERS];
    mark(&mut picture, &sealed);
    for &(carrier, _) in order.iter().skip(100).take(8 * 7 + 1) {
        picture[carrier] ^= true;
    }
    assert_eq!(open(&key(), &picture), Some(payload()));

    mark(&mut picture, &sealed);
    let unread: Vec<_> = order[..8 * PARITY].iter().map(|&(carrier, _)| carrier).collect();
    let read = |carrier: usize| {
        if unread.contains(&carrier) {
            None
        } else {
            picture.get(carrier).copied()
        }
    };
    assert_eq!(key().open(MIN_CARRIERS, read), Some(payload()));
}

#[test]
fn noise_is_no_mark() {
    let mut rng = rng();
    let key = key();
    for trial in 0..10_000 {
        let picture = noise(&mut rng, 448 + trial % 3_000);
        assert_eq!(open(&key, &picture), None, "trial {trial}");
    }
}

#[test]
fn flat_pictures_and_unreadable_ones_are_no_mark() {
    for carriers in [0, 1, 447, 448, 10_000, 1_000_000] {
        for answer in [Some(true), Some(false), None] {
            assert_eq!(key().open(carriers, |_| answer), None, "{carriers} {answer:?}");
        }
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", key().seal(&payload())), "Fragile(redacted)");
}

proptest! {
    #[test]
    fn what_was_sealed_is_opened(payload in any_payload(), secret: [u8; 32], carriers in MIN_CARRIERS..40_000) {
        let key = MarkKey::new(secret);
        let mut picture = vec![false; carriers];
        mark(&mut picture, &key.seal(&payload));
        prop_assert_eq!(open(&key, &picture), Some(payload));
    }

    #[test]
    fn another_key_opens_nothing(secret: [u8; 32], flipped in 0..256_usize, carriers in MIN_CARRIERS..10_000) {
        let mut other = secret;
        other[flipped / 8] ^= 1 << (flipped % 8);
        let mut picture = vec![false; carriers];
        mark(&mut picture, &MarkKey::new(secret).seal(&payload()));
        prop_assert_eq!(open(&MarkKey::new(other), &picture), None);
    }

    /// The strongest forger short of the key: one who knows whitening and layout and keeps the code's parity right, so
    /// that only the MAC stands against him.
    #[test]
    fn a_changed_message_is_refused(flips in prop::collection::hash_set(0..payload::LENGTH * 8, 1..20)) {
        let key = key();
        let sealed = key.seal(&payload());
        let word = key.fragile.whiten(sealed.codeword);
        let mut message: [u8; MESSAGE] = std::array::from_fn(|i| word[i]);
        for flip in flips {
            message[flip / 8] ^= 1 << (flip % 8);
        }
        let forged = Fragile { codeword: key.fragile.whiten(code::encode(&message)), spread: sealed.spread };
        let mut picture = vec![false; 5_000];
        mark(&mut picture, &forged);
        prop_assert_eq!(open(&key, &picture), None);
    }

    /// Averaging two clients' copies names one of them or nobody.
    #[test]
    fn a_mixture_of_two_copies_names_no_third(a in any_payload(), b in any_payload(), mix: u64, carriers in 5_000..9_000_usize) {
        let key = key();
        let mut copies = [vec![false; carriers], vec![false; carriers]];
        mark(&mut copies[0], &key.seal(&a));
        mark(&mut copies[1], &key.seal(&b));
        let found = key.open(carriers, |carrier| copies[(mix >> (carrier % 64) & 1) as usize].get(carrier).copied());
        prop_assert!(found.is_none() || found == Some(a) || found == Some(b));
    }

    #[test]
    fn unknown_versions_are_refused_though_the_mac_is_right(first: u8) {
        prop_assume!(first != 0x11 && first != 0x12);
        let key = key();
        let mut bytes = payload().to_bytes();
        bytes[0] = first;
        let mut message = [0; MESSAGE];
        message[..payload::LENGTH].copy_from_slice(&bytes);
        message[payload::LENGTH..].copy_from_slice(&key.fragile.tag(&bytes));
        prop_assert_eq!(key.fragile.accept(&message), None);
    }
}
