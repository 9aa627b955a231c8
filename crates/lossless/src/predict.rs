//! What will be left of a mark after a hard recompression: the score that the detector can expect.

use crate::cells::{Block, CELL, SIDE};

/// The step at which a block's average is quantised at quality 30, in DCT units: the recompression that is predicted.
const COARSE: f32 = 27.0;
/// What a symbol adds to the average of a block, in DCT units.
const SEPARATION: f32 = (CELL * CELL) as f32 / SIDE as f32;
/// Variance of quantisation and of everything else, in squared DCT units.
const NOISE: f32 = COARSE * COARSE / 12.0 + 0.3;

/// The score, in standard deviations of an innocent's, of the chips among blocks of `colours` colours.
pub(crate) fn score(blocks: &[Block], colours: usize) -> f32 {
    let (mut signal, mut noise) = (0.0, 0.0);
    for block in blocks.iter().filter(|block| block.chip) {
        let low = f32::from(block.sum) / (colours * SIDE) as f32;
        let middle = low + SEPARATION / 2.0;
        let [zero, one] = [low, low + SEPARATION].map(|average| {
            let quantised = (average / COARSE).round_ties_even() * COARSE;
            (quantised - middle) * (SEPARATION / 2.0 / NOISE)
        });
        signal += (one - zero) / 2.0;
        noise += f32::midpoint(one * one, zero * zero);
    }
    if noise > 0.0 { signal / noise.sqrt() } else { 0.0 }
}
