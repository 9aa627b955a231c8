//! Token probabilities that no token has: room for bytes that say nothing of the picture.
//!
//! In a macroblock with a second-order block, luma has no index 0, so its kind has no token in the first band. And after a
//! level of zero no block may end, so the probability of ending is not asked for in context 0, but at a block's first index.
//! A key frame may nevertheless say what these probabilities are, and decoders take note of them.

use crate::Error;
use crate::container;
use crate::parsed::parse;

/// Number of spare bytes in our files.
pub const SPARE: usize = 56;

/// Probabilities of a band, and of a kind.
const BAND: usize = 3 * 11;
const KIND: usize = 8 * BAND;

/// Numbers of the probabilities that are spare, lowest first.
const NUMBERS: [usize; SPARE] = {
    let mut numbers = [0; SPARE];
    let (mut number, mut found) = (0, 0);
    while found < SPARE {
        let (kind, band, rest) = (number / KIND, number % KIND / BAND, number % BAND);
        let first_band = if kind == 0 { 1 } else { 0 };
        if band < first_band || (rest == 0 && band > first_band) {
            numbers[found] = number;
            found += 1;
        }
        number += 1;
    }
    numbers
};

/// Whether the probability of a number is one of them.
pub(crate) fn is_spare(number: usize) -> bool {
    NUMBERS.binary_search(&number).is_ok()
}

/// The spare bytes of a lossy WebP file, whoever wrote it.
///
/// # Errors
/// [`Error::NotWebP`], [`Error::NoVp8Frame`], [`Error::NotAKeyFrame`], [`Error::Dimensions`], or [`Error::Truncated`].
pub fn spare(file: &[u8]) -> Result<[u8; SPARE], Error> {
    let parsed = parse(container::frame(file)?)?;
    let probabilities = parsed.probabilities.as_flattened().as_flattened().as_flattened();
    Ok(NUMBERS.map(|number| probabilities[number]))
}
