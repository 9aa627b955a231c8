//! What will be left of a mark after a hard recompression: the score that the detector can expect.

use crate::chip::Chip;

/// The recompression that is predicted: libjpeg's tables for this quality, on the same grid of blocks.
const QUALITY: u8 = 30;
/// Variance of what is not requantisation, in squared DCT units.
const OTHER_NOISE: f32 = 0.3;
/// Largest weight that one chip has in a score.
const CLIP: f32 = 2.5;
/// Chips below which nobody should rely on a picture naming its client after an attack.
const ENOUGH_CHIPS: usize = 1500;
/// Predicted score below which the same holds: what an innocent reaches among a million, and as much again for what a
/// recompression does not do.
const ENOUGH_SCORE: f32 = 12.0;

/// What can be expected of a picture's chips, when it was marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prediction {
    /// How many chips.
    pub chips: usize,
    signal: f32,
    noise: f32,
    steps: Steps,
}

/// Quantisation steps in DCT units, before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Steps {
    fine: [f32; 22],
    coarse: [f32; 22],
}

impl Default for Prediction {
    fn default() -> Self {
        Self::new(&[1; 64])
    }
}

impl Prediction {
    pub(crate) fn new(quant: &[u16; 64]) -> Self {
        let coarse = jpeg::luminance(QUALITY);
        let steps = |table: &[u16; 64]| std::array::from_fn(|index| f32::from(table[index]));
        Self {
            chips: 0,
            signal: 0.0,
            noise: 0.0,
            steps: Steps {
                fine: steps(quant),
                coarse: steps(&coarse),
            },
        }
    }

    /// Adds what a chip contributes on average over both of its symbols, as the detector will weigh it: the difference to the
    /// middle of its levels, times their distance, over the variance of the noise.
    pub(crate) fn add(&mut self, chip: &Chip) {
        let (Some(&fine), Some(&coarse)) = (self.steps.fine.get(chip.index), self.steps.coarse.get(chip.index)) else {
            return;
        };
        let (low, high) = (f32::from(chip.low) * fine, f32::from(chip.high) * fine);
        let weight = (high - low) / 2.0 / (coarse * coarse / 12.0 + OTHER_NOISE);
        let [low_seen, high_seen] = [low, high].map(|value| {
            let requantised = (value / coarse).round_ties_even() * coarse;
            ((requantised - f32::midpoint(low, high)) * weight).clamp(-CLIP, CLIP)
        });
        self.chips += 1;
        self.signal += (high_seen - low_seen) / 2.0;
        self.noise += (high_seen * high_seen + low_seen * low_seen) / 2.0;
    }

    /// The score, in standard deviations of an innocent's.
    #[must_use]
    pub fn score(&self) -> f32 {
        if self.noise > 0.0 {
            self.signal / self.noise.sqrt()
        } else {
            0.0
        }
    }
}

/// Whether so many chips with such a score can be expected to name a client after an ordinary attack.
pub(crate) fn traceable(chips: usize, score: f32) -> bool {
    chips >= ENOUGH_CHIPS && score >= ENOUGH_SCORE
}
