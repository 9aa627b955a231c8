//! Chips on the blocks' averages, the DC coefficients: what resizing, blurring and coarse requantisation spare longest.
//!
//! The file has the difference of each block's DC level to the block before. A block with a chip therefore changes two
//! differences, its own and the next one's, and is a chip only if both stay in their size categories. It costs no bit.

use crate::chip::{Chip, same_category};
use crate::masking::Masking;

/// Blocks, in coding order, of which one random bit chooses every other.
const GROUP: usize = 4;

/// What [`choose`] needs to know.
pub(crate) struct Averages<'a> {
    /// DC coefficients of the blocks in coding order, in quantisation steps.
    pub steps: &'a [f32],
    /// Numbers of the blocks in coding order.
    pub blocks: &'a [usize],
    pub masking: &'a [Option<Masking>],
    /// The quantisation step in DCT units.
    pub step: f32,
    /// A random bit for each [`GROUP`] blocks, packed.
    pub dither: &'a [u8],
}

/// Chips in coding order: no two in successive blocks, none further from the true average than `limit` DCT units allow, a
/// little more in texture. Which blocks are candidates is random, so that chips form no regular pattern.
pub(crate) fn choose(averages: &Averages<'_>, limit: f32) -> Vec<Chip> {
    let mut chips = Vec::new();
    let mut free = 1;
    for (place, triple) in (1..).zip(averages.steps.windows(3)) {
        let group = place / GROUP;
        let odd = averages
            .dither
            .get(group / 8)
            .is_some_and(|byte| byte >> (group % 8) & 1 == 1);
        let block = averages.blocks.get(place).copied().unwrap_or_default();
        let masking = averages.masking.get(block).copied().flatten();
        let (&[before, own, after], Some(masking)) = (triple, masking) else {
            continue;
        };
        if place < free || (place % 2 == 1) != odd {
            continue;
        }
        let reach = limit * (1.0 + 0.5 * masking.texture.min(3.0) / 3.0) / averages.step;
        if let Some((low, high)) = pair([before, own, after], reach, averages.step) {
            chips.push(Chip {
                block,
                index: 0,
                low,
                high,
            });
            free = place + 2;
        }
    }
    chips
}

/// The levels within `reach` of the middle one that are easiest to tell apart for what they distort.
fn pair([before, own, after]: [f32; 3], reach: f32, step: f32) -> Option<(i16, i16)> {
    let (before, after) = (before.round_ties_even() as i32, after.round_ties_even() as i32);
    let (first, last) = ((own - reach).ceil() as i32, (own + reach).floor() as i32);
    let mut best = None;
    let mut best_score = 0.0;
    for low in first..=last {
        for high in low + 1..=last.min(low + 6) {
            if !same_category(low - before, high - before) || !same_category(after - low, after - high) {
                continue;
            }
            let square = |x: f32| x * x;
            let signal = square((high - low) as f32 * step / 2.0);
            let distortion = (square(low as f32 - own) + square(high as f32 - own)) / 2.0 * step * step;
            let score = signal / (4.0 + distortion);
            if score > best_score {
                best_score = score;
                best = i16::try_from(low).ok().zip(i16::try_from(high).ok());
            }
        }
    }
    best
}
