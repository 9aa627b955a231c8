//! Chips on the blocks' averages, the DC coefficients: what resizing, blurring and coarse requantisation spare longest.
//!
//! The file has the difference of each block's DC level to the block before. A block with a chip therefore changes two
//! differences, its own and the next one's, and is a chip only if both stay in their size categories. It costs no bit.

use std::ops::Range;

use crate::chip::{Chip, inverted};
use crate::masking::{Masking, least};
use crate::texture::round;

/// Blocks, in coding order, of which one random bit chooses every other.
const GROUP: usize = 4;

/// What [`Averages::choose`] needs to know.
pub(crate) struct Averages<'a> {
    /// DC coefficients of the blocks in coding order, in quantisation steps.
    pub values: &'a [f32],
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
        let reach = limit / self.step;
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
                if let Some((chip, nearest, inverted)) = self.chip(reach, place) {
                    chosen(chip, nearest, inverted);
                    free = place + 2;
                }
            }
        }
    }

    /// The chip at a place, if there can be one, the level that would be there without it, and how many bits it inverts.
    #[inline(always)]
    fn chip(&self, reach: f32, place: usize) -> Option<(Chip, i16, u32)> {
        let around: &[f32; 3] = self.values.get(place.checked_sub(1)?..)?.first_chunk()?;
        let &block = self.blocks.get(place)?;
        if *self.masking.tolerance.get(block)? <= 0.0 {
            return None;
        }
        let texture = *self.masking.texture.get(block)?;
        let reach = reach * (1.0 + least(texture, 3.0) / 6.0);
        let levels = around.map(|value| round(value).1);
        let (low, high) = pair(levels, around[1], reach, self.step)?;
        let chip = Chip {
            block,
            index: 0,
            low: low as i16,
            high: high as i16,
        };
        let [before, own, after] = levels;
        let both = inverted([low, high].map(|level| level - before)) + inverted([low, high].map(|level| after - level));
        Some((chip, own as i16, both))
    }
}

/// Levels of which pairs are tried, and how far apart those of one are at most.
const WINDOW: usize = 16;
const WIDEST: usize = 6;

/// The levels within `reach` of the middle one that are easiest to tell apart for what they distort.
#[inline(always)]
fn pair([before, _, after]: [i32; 3], value: f32, reach: f32, step: f32) -> Option<(i32, i32)> {
    let reach = least(reach, (WINDOW / 2) as f32 - 0.5);
    let (first, last) = (round(value - reach + 0.5).1, round(value + reach - 0.5).1);
    // The size categories of both differences: levels with equal ones make a pair.
    let categories = |level: i32| {
        let (own, next) = ((level - before).unsigned_abs(), (after - level).unsigned_abs());
        let both = own.leading_zeros() << 8 | next.leading_zeros();
        if own == 0 || next == 0 { 0 } else { both }
    };
    let [low, middle] = [first, first + 1].map(categories);
    match last - first {
        ..1 => None,
        1 => (low == middle && low != 0).then_some((first, last)),
        2 => {
            // The widest pair is the best.
            let high = categories(last);
            if low == high && low != 0 {
                Some((first, last))
            } else if middle == 0 {
                None
            } else if low == middle {
                Some((first, first + 1))
            } else {
                (middle == high).then_some((first + 1, last))
            }
        }
        _ => best_pair((first, last), value, step, categories),
    }
}

/// The same of more levels.
#[inline(never)]
fn best_pair((first, last): (i32, i32), value: f32, step: f32, categories: impl Fn(i32) -> u32) -> Option<(i32, i32)> {
    let mut of_levels = [0; WINDOW];
    for (level, of_level) in (first..=last).zip(&mut of_levels) {
        *of_level = categories(level);
    }
    let mut best = None;
    // Signal and distortion of the best pair: their quotient is its score.
    let (mut best_signal, mut best_distortion) = (0.0, 1.0);
    for (place, (low, category)) in (first..=last).zip(&of_levels).enumerate() {
        let higher = of_levels.iter().skip(place + 1).take(WIDEST);
        for (high, other) in (low + 1..=last).zip(higher) {
            if *category == 0 || other != category {
                continue;
            }
            let square = |x: f32| x * x;
            let width = (high - low) as f32;
            let off = low as f32 - value;
            let signal = square(width / 2.0 * step);
            let distortion = 4.0 + (square(off) + square(off + width)) / 2.0 * step * step;
            if signal * best_distortion > best_signal * distortion {
                (best_signal, best_distortion) = (signal, distortion);
                best = Some((low, high));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::same_category;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_pair_of_few_levels_is_the_best_of_all_that_keep_both_categories(
            [before, after] in [-40..40, -40..40],
            hundredths in -3000..3000,
            reach in 50..149,
            step in 1..8_u8,
        ) {
            // Never just as far from a level as is allowed.
            let (value, reach, step) = (hundredths as f32 / 100.0 + 0.004, reach as f32 / 100.0, f32::from(step));
            let found = pair([before, round(value).1, after], value, reach, step);
            let levels = ((value - reach).ceil() as i32)..=((value + reach).floor() as i32);
            let all = levels.clone().flat_map(|low| levels.clone().map(move |high| (low, high)));
            let allowed = |(low, high): &(i32, i32)| {
                low < high && same_category(low - before, high - before) && same_category(after - low, after - high)
            };
            let widest = all.filter(allowed).map(|(low, high)| high - low).max();
            prop_assert_eq!(found.map(|(low, high)| high - low), widest);
            prop_assert!(found.is_none_or(|found| allowed(&found)));
        }
    }
}
