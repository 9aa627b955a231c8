//! The message layer: the request's 64 bits and 32 bits of a keyed check, repeated over the chips of the layer.

use crate::{Layer, Recipe, code::expand};
use hkdf::Hkdf;
use sha2::Sha256;

/// Length of the message: 64 bits that name the request, 32 that check them.
pub const MESSAGE_BITS: usize = 96;

/// The bits in the order of transmission.
pub(crate) fn bits(check: &Hkdf<Sha256>, reference: &[u8; 8]) -> [bool; MESSAGE_BITS] {
    let tag: [u8; 4] = expand(check, &[reference]);
    let mut bits = [false; MESSAGE_BITS];
    for (bits, byte) in bits.as_chunks_mut().0.iter_mut().zip(reference.iter().chain(&tag)) {
        *bits = [7, 6, 5, 4, 3, 2, 1, 0].map(|place| byte >> place & 1 == 1);
    }
    bits
}

/// Adds up the repeats of each bit, tries both values of the [`DOUBTFUL`] least certain bits (Chase, "A class of algorithms for
/// decoding block codes", 1972) and accepts what its check confirms.
///
/// `soft` has a value for each chip, positive where symbol 1 is more likely. Random values are taken for a message with a
/// probability of 2^-24.
pub(crate) fn read(check: &Hkdf<Sha256>, recipe: &Recipe, soft: &[f32]) -> Option<[u8; 8]> {
    let mut votes = [0.0_f32; MESSAGE_BITS];
    for (layer, value) in recipe.layers().zip(soft) {
        if let Layer::Message { bit, inverted } = layer {
            votes[bit] += if inverted { -value } else { *value };
        }
    }
    let mut order: [usize; MESSAGE_BITS] = std::array::from_fn(|bit| bit);
    order.sort_by(|&a, &b| votes[a].abs().total_cmp(&votes[b].abs()));
    let certain = votes.map(|vote| vote > 0.0);
    (0..1_u32 << DOUBTFUL).find_map(|pattern| {
        let mut word = certain;
        for (place, &bit) in order[..DOUBTFUL].iter().enumerate() {
            word[bit] ^= pattern >> place & 1 == 1;
        }
        let reference = std::array::from_fn(|byte| {
            word[byte * 8..][..8]
                .iter()
                .fold(0, |value, &bit| value << 1 | u8::from(bit))
        });
        (bits(check, &reference) == word).then_some(reference)
    })
}

/// Bits that are tried both ways: each doubles the chance that noise passes the check.
const DOUBTFUL: usize = 8;
