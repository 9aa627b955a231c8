//! Chips on the blocks' averages, the DC coefficients: what resizing, blurring and coarse requantisation spare longest.
//!
//! The file has the difference of each block's DC level to the block before. A block with a chip therefore changes two
//! differences, its own and the next one's, and is a chip only if both stay in their size categories. It costs no bit.

use std::ops::Range;

use crate::chip::{Chip, inverted};
use crate::masking::{Masking, least};

/// Blocks, in coding order, of which one random bit chooses every other.
const GROUP: usize = 4;

/// What [`Averages::choose`] needs to know.
pub(crate) struct Averages<'a> {
    /// DC coefficients of the blocks in coding order, in quantisation steps.
    pub steps: Vec<f32>,
    /// Numbers of the blocks in coding order.
    pub blocks: &'a [usize],
    pub masking: &'a Masking,
    /// The quantisation step in DCT units.
    pub step: f32,
    /// A random bit for each [`GROUP`] blocks, packed.
    pub dither: &'a [u8],
}

impl Averages<'_> {
    /// Chips among `places` of the coding order: no two in successive blocks, none further from the true average than `limit` DCT
    /// units allow, a little more in texture. Which of two blocks is tried first is random, so that chips form no regular pattern.
    /// Calls `chosen` with each, the level that would be there without it, and how many bits it inverts.
    #[inline(always)]
    pub fn choose(&self, limit: f32, places: Range<usize>, mut chosen: impl FnMut(Chip, i16, u32)) {
        let mut free = places.start.max(1);
        for even in (places.start..places.end).step_by(2) {
            let group = even / GROUP;
            let random = self
                .dither
                .get(group / 8)
                .is_some_and(|byte| byte >> (group % 8) & 1 == 1);
            for second in [random, !random] {
                let place = even + usize::from(second);
                if place < free {
                    continue;
                }
                if let Some((chip, nearest, inverted)) = self.chip(limit, place) {
                    chosen(chip, nearest, inverted);
                    free = place + 2;
                }
            }
        }
    }

    /// The chip at a place, if there can be one, the level that would be there without it, and how many bits it inverts.
    #[inline(always)]
    fn chip(&self, limit: f32, place: usize) -> Option<(Chip, i16, u32)> {
        let &[before, own, after] = self.steps.get(place.checked_sub(1)?..)?.first_chunk()?;
        let &block = self.blocks.get(place)?;
        if *self.masking.tolerance.get(block)? <= 0.0 {
            return None;
        }
        let texture = *self.masking.texture.get(block)?;
        let reach = limit * (1.0 + 0.5 * least(texture, 3.0) / 3.0) / self.step;
        let (low, high) = pair([before, own, after], reach, self.step)?;
        let chip = Chip {
            block,
            index: 0,
            low,
            high,
        };
        let [before, after] = [before, after].map(|level| level.round_ties_even() as i32);
        let levels = [i32::from(low), i32::from(high)];
        let both = inverted(levels.map(|level| level - before)) + inverted(levels.map(|level| after - level));
        Some((chip, own.round_ties_even() as i16, both))
    }
}

/// Levels of which pairs are tried, and how far apart those of one are at most.
const WINDOW: usize = 16;
const WIDEST: usize = 6;

/// The levels within `reach` of the middle one that are easiest to tell apart for what they distort.
fn pair([before, own, after]: [f32; 3], reach: f32, step: f32) -> Option<(i16, i16)> {
    let (before, after) = (before.round_ties_even() as i32, after.round_ties_even() as i32);
    let reach = least(reach, (WINDOW / 2) as f32 - 0.5);
    let (first, last) = ((own - reach).ceil() as i32, (own + reach).floor() as i32);
    let count = usize::try_from(last - first + 1).unwrap_or(0).min(WINDOW);
    // The size categories of both differences: levels with equal ones make a pair.
    let mut categories = [0; WINDOW];
    for (level, category) in (first..).zip(categories.iter_mut().take(count)) {
        let (own, next) = ((level - before).unsigned_abs(), (after - level).unsigned_abs());
        let both = own.leading_zeros() << 8 | next.leading_zeros();
        *category = if own == 0 || next == 0 { 0 } else { both };
    }
    let categories = categories.get(..count).unwrap_or_default();
    let mut best = None;
    // Signal and distortion of the best pair: their quotient is its score.
    let (mut best_signal, mut best_distortion) = (0.0, 1.0);
    for (place, (low, category)) in (first..).zip(categories).enumerate() {
        let higher = categories.iter().skip(place + 1).take(WIDEST);
        for (high, other) in (low + 1..).zip(higher) {
            if *category == 0 || other != category {
                continue;
            }
            let square = |x: f32| x * x;
            let width = (high - low) as f32;
            let off = low as f32 - own;
            let signal = square(width / 2.0 * step);
            let distortion = 4.0 + (square(off) + square(off + width)) / 2.0 * step * step;
            if signal * best_distortion > best_signal * distortion {
                (best_signal, best_distortion) = (signal, distortion);
                best = i16::try_from(low).ok().zip(i16::try_from(high).ok());
            }
        }
    }
    best
}
