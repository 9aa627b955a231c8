//! Looking for chips in a picture, or in a part that stands for it.

use std::ops::Range;

use jpeg::Component;

use super::Strength;
use super::found::{BINS, Found, Sum, Texture, is_sign};
use crate::average::Averages;
use crate::bounds::Most;
use crate::chip::{Chip, inverted};
use crate::masking::Masking;
use crate::predict::Predictor;
use crate::texture::{Frequencies, Pair};

/// Attempts at keeping the averages within bounds.
const ATTEMPTS: usize = 4;
/// Chips on a block's AC coefficients, at most, and chips of a picture on AC coefficients, at most.
const PER_BLOCK: usize = 6;
const PER_PICTURE: usize = 1 << 18;
/// Places of the coding order that are looked at together where a part of the picture stands for all of it, of how many such runs one
/// is taken at most, and about how many blocks are looked at, at least.
const RUN: usize = 4;
const SAMPLED: usize = 16;
const FEW_BLOCKS: usize = 512;

/// A picture to look for chips in.
pub struct Picture<'a> {
    luma: &'a Component,
    order: &'a [usize],
    reserved: &'a [u64],
    masking: &'a Masking,
    averages: Averages<'a>,
    frequencies: Frequencies,
    predictor: Predictor,
    /// Chips on a block's AC coefficients, at most.
    most: usize,
    pub bounds: Most,
}

impl<'a> Picture<'a> {
    pub fn new(
        luma: &'a Component,
        (order, values): (&'a [usize], &'a [f32]),
        reserved: &'a [u64],
        dither: &'a [u8],
        masking: &'a Masking,
        bounds: Most,
    ) -> Self {
        let averages = Averages {
            values,
            blocks: order,
            masking,
            step: f32::from(luma.quant[0]),
            dither,
        };
        Self {
            luma,
            order,
            reserved,
            masking,
            averages,
            frequencies: Frequencies::new(&luma.quant),
            predictor: Predictor::new(&luma.quant),
            most: (PER_PICTURE / order.len().max(1)).clamp(1, PER_BLOCK),
            bounds,
        }
    }

    /// What the chips of a part do if they are like those of the whole picture, of which those on averages may be known.
    pub fn part(&self, averages: Option<&Sum>, strength: Strength) -> Found {
        let mut found = Found::new();
        let mut blocks = 0;
        for run in runs(self.order.len()) {
            blocks += run.len();
            if averages.is_none() {
                self.find_averages(strength.reach, run.clone(), &mut found);
            }
            self.find_textures(strength, run, &mut found);
        }
        self.add_textures(&mut found);
        let scale = self.order.len() as f32 / blocks.max(1) as f32;
        for sum in found.of_levels.iter_mut().chain(&mut found.of_signs) {
            *sum = sum.times(scale);
        }
        found.of_averages = averages.copied().unwrap_or(found.of_averages.times(scale));
        found
    }

    /// The chips on averages. They reach less far if they alone would do more than they may.
    pub fn averages(&self, mut reach: f32) -> Found {
        let mut found = Found::new();
        for _ in 0..ATTEMPTS {
            found = Found::new();
            self.find_averages(reach, 0..self.order.len(), &mut found);
            let Sum { error, inverted, .. } = found.of_averages;
            if error <= self.bounds.error && inverted <= self.bounds.inverted {
                break;
            }
            reach *= 0.8;
        }
        found
    }

    /// The same and chips on textures.
    pub fn textures(&self, mut found: Found, strength: Strength) -> Found {
        self.find_textures(strength, 0..self.order.len(), &mut found);
        self.add_textures(&mut found);
        found
    }

    #[inline(never)]
    fn find_averages(&self, reach: f32, places: Range<usize>, found: &mut Found) {
        self.averages.choose(reach, places, |chip, nearest, inverted| {
            let error = squared_error(self.averages.step, nearest, [chip.low, chip.high]);
            found.of_averages.add(self.predictor.of(&chip), error, inverted);
            found.averages.push(chip);
        });
    }

    #[inline(never)]
    fn find_textures(&self, strength: Strength, places: Range<usize>, found: &mut Found) {
        let Strength {
            budget, signs_first, ..
        } = strength;
        let least = self.frequencies.least();
        for &number in self.order.get(places).unwrap_or_default() {
            let tolerance = self.masking.tolerance.get(number).copied().unwrap_or_default();
            let tolerated = budget * budget * tolerance * tolerance;
            if tolerated < least {
                continue;
            }
            let (Some(block), Some(&reserved)) = (self.luma.blocks.get(number), self.reserved.get(number)) else {
                continue;
            };
            let bins = (BINS - 1) as f32 / tolerated;
            let first = found.textures.len();
            self.frequencies
                .choose(block, (tolerated, self.most, reserved), signs_first, |pair, spent| {
                    let Pair {
                        index,
                        low,
                        high,
                        nearest,
                    } = pair;
                    let chip = Chip {
                        block: number,
                        index,
                        low,
                        high,
                    };
                    let bin = (spent * bins).round_ties_even() as i32 as u8;
                    found.textures.push(Texture { chip, nearest, bin });
                });
            in_zigzag_order(found.textures.get_mut(first..).unwrap_or_default());
        }
    }

    /// Adds up what chips on textures do.
    #[inline(never)]
    fn add_textures(&self, found: &mut Found) {
        for &Texture { chip, nearest, bin } in &found.textures {
            let sums = if is_sign(&chip) {
                &mut found.of_signs
            } else {
                &mut found.of_levels
            };
            let sum = &mut sums[usize::from(bin) % BINS];
            let step = self.luma.quant[chip.index & 63];
            let error = squared_error(step.into(), nearest, [chip.low, chip.high]);
            let inverted = inverted([chip.low.into(), chip.high.into()]);
            sum.add(self.predictor.of(&chip), error, inverted);
        }
    }
}

/// Puts the few chips of a block into the order of the file.
#[inline(always)]
fn in_zigzag_order(chips: &mut [Texture]) {
    for end in 1..chips.len() {
        for at in (1..=end).rev() {
            if chips[at - 1].chip.index <= chips[at].chip.index {
                break;
            }
            chips.swap(at - 1, at);
        }
    }
}

/// The part of a picture of so many blocks that stands for all of it: runs at places of no regular pattern.
pub(crate) fn runs(blocks: usize) -> impl Iterator<Item = Range<usize>> {
    let sampled = (blocks / FEW_BLOCKS).clamp(1, SAMPLED);
    (0..blocks)
        .step_by(RUN * sampled)
        .enumerate()
        .map(move |(number, start)| {
            let start = (start + (number.wrapping_mul(40_503) >> 4) % sampled * RUN).min(blocks);
            start..(start + RUN).min(blocks)
        })
}

/// The mean squared error in squared DCT units of two levels that are equally likely, against the nearest level.
pub(crate) fn squared_error(step: f32, nearest: i16, levels: [i16; 2]) -> f32 {
    let [low, high] = levels.map(|level| f32::from(level) - f32::from(nearest));
    (low * low + high * high) * (0.5 * step * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_spread_over_the_whole() {
        assert!(runs(FEW_BLOCKS).flatten().eq(0..FEW_BLOCKS));
        for blocks in [1000, 7600, 1 << 20] {
            let runs: Vec<_> = runs(blocks).collect();
            assert!(runs.is_sorted_by(|one, next| one.end <= next.start));
            let looked_at: usize = runs.iter().map(ExactSizeIterator::len).sum();
            assert!(looked_at >= FEW_BLOCKS - RUN && looked_at <= 2 * FEW_BLOCKS.max(blocks / SAMPLED));
            let is_seen = |eighth: usize| runs.iter().any(|run| run.start * 8 / blocks == eighth);
            assert!((0..8).all(is_seen));
        }
    }
}
