//! What will be left of a mark after a hard recompression: the score that the detector can expect.

use crate::chip::Chip;

/// The recompression that is predicted: libjpeg's tables for this quality, on the same grid of blocks.
const QUALITY: u8 = 30;
/// Variance of what is not requantisation, in squared DCT units.
const OTHER_NOISE: f32 = 0.3;
/// Largest weight that one chip has in a score.
const CLIP: f32 = 2.5;
/// Chips and predicted scores below which nobody should rely on a picture naming its client after an attack: a score of what an
/// innocent reaches among a million and as much again for what a recompression does not do; or half as many chips, if each says more.
const ENOUGH: [(usize, f32); 2] = [(1500, 12.0), (750, 18.0)];

/// What can be expected of chips, when they were marked.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Prediction {
    /// How many chips.
    pub chips: usize,
    signal: f32,
    noise: f32,
}

impl Prediction {
    /// The score, in standard deviations of an innocent's.
    #[must_use]
    pub fn score(&self) -> f32 {
        if self.noise > 0.0 {
            self.signal / self.noise.sqrt()
        } else {
            0.0
        }
    }

    /// What can be expected of so many times as many chips.
    pub fn times(self, scale: f32) -> Self {
        Self {
            chips: (self.chips as f32 * scale) as usize,
            signal: self.signal * scale,
            noise: self.noise * scale,
        }
    }
}

impl std::ops::AddAssign for Prediction {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.chips += other.chips;
        self.signal += other.signal;
        self.noise += other.noise;
    }
}

/// Places of the zigzag sequence at which chips can be.
const PLACES: usize = 22;

/// Predicts what single chips contribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Predictor([Steps; PLACES]);

/// Of one frequency, in DCT units.
#[derive(Debug, Clone, Copy)]
struct Steps {
    fine: f32,
    coarse: f32,
    /// Coarse steps in a unit.
    inverse: f32,
    /// Half of a unit over the variance of the noise.
    weight: f32,
}

impl Predictor {
    /// For a picture with these quantisation steps.
    pub fn new(quant: &[u16; 64]) -> Self {
        let table = jpeg::luminance(QUALITY);
        Self(std::array::from_fn(|index| {
            let (fine, coarse) = (f32::from(quant[index]), f32::from(table[index]));
            Steps {
                fine,
                coarse,
                inverse: 1.0 / coarse,
                weight: 0.5 / (coarse * coarse / 12.0 + OTHER_NOISE),
            }
        }))
    }

    /// What a chip contributes on average over both of its symbols, as the detector will weigh it: the difference to the middle
    /// of its levels, times their distance, over the variance of the noise.
    #[inline(always)]
    pub fn of(&self, chip: &Chip) -> Prediction {
        let Some(steps) = self.0.get(chip.index) else {
            return Prediction::default();
        };
        let (low, high) = (f32::from(chip.low) * steps.fine, f32::from(chip.high) * steps.fine);
        let weight = (high - low) * steps.weight;
        let middle = (low + high) * 0.5;
        let [low, high] = [low, high].map(|value| {
            let requantised = (value * steps.inverse).round_ties_even() * steps.coarse;
            ((requantised - middle) * weight).clamp(-CLIP, CLIP)
        });
        Prediction {
            chips: 1,
            signal: (high - low) * 0.5,
            noise: (high * high + low * low) * 0.5,
        }
    }
}

/// Whether so many chips with such a score can be expected to name a client after an ordinary attack.
#[must_use]
pub fn traceable(chips: usize, score: f32) -> bool {
    ENOUGH.iter().any(|least| chips >= least.0 && score >= least.1)
}
