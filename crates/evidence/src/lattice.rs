//! Leaks that were quantised on the rendition's own grid of blocks: JPEG again, at a lower quality.
//!
//! What is left of a coefficient is then which interval it fell into. A chip whose two values fall into the same one is lost, whatever
//! is subtracted from what; one whose values an interval's border parts is as good as read. Seen as Gaussian noise both count alike.

use crate::blocks::{Block, SIDE};
use std::f32::consts::TAU;

/// Steps that are recognised; smaller ones leave the chips as they are, larger ones leave nothing.
const STEPS: std::ops::RangeInclusive<u8> = 3..=160;
/// The mean cosine, of coefficients as shares of a step, that shows a lattice. Rounded pixels alone take less away.
const REGULAR: f32 = 0.85;
/// Coefficients other than 0 that are needed to see one.
const ENOUGH: usize = 24;
/// How sure anything is at most: the share of coefficients that something else happened to.
pub(crate) const OUTLIERS: f32 = 0.01;
/// Standard deviations that are tried for what happened before quantisation.
const SPREADS: [f32; 6] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];

/// One in so many blocks is asked which of them it was.
const EVERY: usize = 3;

/// The quantisation step at each place of a block, where one can be recognised.
#[derive(Clone, Debug)]
pub(crate) struct Lattice {
    steps: [Option<f32>; SIDE * SIDE],
    /// Standard deviation of what happened before quantisation, in units of the transform.
    spread: f32,
}

impl Lattice {
    /// Looks for steps in a leak's blocks; `model` is what they would be without quantisation. Averages are taken as those of
    /// samples from -128 to 127, as JPEG quantises them. `None` if there is no lattice.
    pub fn of<'a>(seen: impl Iterator<Item = (&'a Block, &'a Block)> + Clone) -> Option<Self> {
        let steps: [Option<f32>; SIDE * SIDE] =
            std::array::from_fn(|place| step(seen.clone().map(|(seen, _)| centred(seen, place))));
        if steps.iter().filter(|step| step.is_some()).count() < 3 {
            return None;
        }
        // The spread under which the low frequencies' intervals are most probable.
        let likelihood = |spread: f32| {
            let lattice = Self { steps, spread };
            let mut sum = 0.0_f64;
            for (seen, model) in seen.clone().step_by(EVERY) {
                for place in [0, 1, 2, 8, 9, 16] {
                    if let Some(probability) = lattice.probability(place, seen, centred(model, place)) {
                        sum += f64::from(probability.ln());
                    }
                }
            }
            sum
        };
        let spread = SPREADS
            .into_iter()
            .max_by(|a, b| likelihood(*a).total_cmp(&likelihood(*b)))?;
        Some(Self { steps, spread })
    }

    /// Half the log likelihood ratio of symbol 1, whose value is `middle` + `amplitude`, against symbol 0, with `middle` -
    /// `amplitude`; 0 where no step is known.
    pub fn read(&self, place: usize, seen: &Block, middle: f32, amplitude: f32) -> f32 {
        let middle = if place == 0 { middle - MIDDLE } else { middle };
        let one = self.probability(place, seen, middle + amplitude);
        let zero = self.probability(place, seen, middle - amplitude);
        one.zip(zero).map_or(0.0, |(one, zero)| (one / zero).ln() / 2.0)
    }

    /// The probability of the interval that is seen, if the coefficient was `value` before.
    fn probability(&self, place: usize, seen: &Block, value: f32) -> Option<f32> {
        let step = self.steps[place]?;
        let middle = (centred(seen, place) / step).round() * step;
        let below = |border: f32| logistic((border - value) / self.spread);
        let inside = below(middle + step / 2.0) - below(middle - step / 2.0);
        Some(OUTLIERS + (1.0 - OUTLIERS) * inside.max(0.0))
    }
}

/// What the samples' shift by 128 makes of a block's average.
const MIDDLE: f32 = 128.0 * SIDE as f32;

fn centred(block: &Block, place: usize) -> f32 {
    if place == 0 { block[0] - MIDDLE } else { block[place] }
}

/// The normal distribution, by the logistic function that is never more than a hundredth off.
pub(crate) fn logistic(deviations: f32) -> f32 {
    1.0 / (1.0 + (-1.702 * deviations).exp())
}

/// The greatest step of which all values are multiples, but for the rounding of pixels.
fn step(values: impl Iterator<Item = f32>) -> Option<f32> {
    let least = f32::from(*STEPS.start()) / 2.0;
    let mut values: Vec<f32> = values.map(f32::abs).filter(|&value| value > least).collect();
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    STEPS.rev().map(f32::from).find(|step| {
        let large = &values[..values.partition_point(|value| *value > step / 2.0)];
        let cosines = |every: usize| {
            let sum: f32 = large
                .iter()
                .step_by(every)
                .map(|value| (TAU * value / step).cos())
                .sum();
            sum / large.len().div_ceil(every) as f32
        };
        // A few of them already tell most steps apart.
        let few = large.len() / ENOUGH;
        large.len() >= ENOUGH && cosines(few) > REGULAR - 0.25 && cosines(1) > REGULAR
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coefficients like those of a picture: many small ones and few large.
    fn blocks() -> Vec<Block> {
        let mut state = 1_u32;
        let mut draw = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        (0..900)
            .map(|_| std::array::from_fn(|place| (draw() + draw()).powi(3) * 4000.0 / (1.0 + place as f32)))
            .collect()
    }

    fn quantised(blocks: &[Block], step: f32) -> Vec<Block> {
        blocks
            .iter()
            .map(|block| block.map(|value| (value / step).round() * step + 0.2 * (value * 7.0).sin()))
            .collect()
    }

    #[test]
    fn a_step_is_recognised_and_an_untouched_picture_has_none() {
        let blocks = blocks();
        for expected in [7.0, 16.0, 40.0] {
            let coarse = quantised(&blocks, expected);
            assert_eq!(step(coarse.iter().map(|block| block[1])), Some(expected));
        }
        assert!(Lattice::of(blocks.iter().zip(&blocks)).is_none());
    }

    #[test]
    fn a_border_between_two_values_tells_them_apart() {
        let blocks = blocks();
        let mut coarse = quantised(&blocks, 20.0);
        for block in &mut coarse {
            block[0] = (block[0] / 20.0).round() * 20.0 + 4.0;
        }
        let lattice = Lattice::of(coarse.iter().zip(&blocks)).unwrap();
        let mut seen = [0.0; 64];
        // 13 was nearer to 20 than to 0, and 7 was not; 3 and -3 were the same.
        seen[1] = 20.0;
        assert!(lattice.read(1, &seen, 10.0, 3.0) > 0.5);
        seen[1] = 0.0;
        assert!(lattice.read(1, &seen, 10.0, 3.0) < -0.5);
        assert!(lattice.read(1, &seen, 0.0, 3.0).abs() < 0.01);
    }
}
