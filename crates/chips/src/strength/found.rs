//! What was found in a picture, and how much of it there may be.

use crate::bounds::Most;
use crate::chip::Chip;
use crate::predict::Prediction;

/// Bins beyond those that a part needs, where tables are full.
const SPARE_BINS: usize = 16;

/// The chips of a picture, each kind in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub averages: Vec<Chip>,
    pub textures: Vec<Chip>,
    pub prediction: Prediction,
}

/// Bins of chips on textures, by the share of its block's budget that is spent on a chip and on those that are better. In the first
/// bins are the chips that a smaller budget would leave.
pub const BINS: usize = 128;

/// What some chips do together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    pub prediction: Prediction,
    /// Squared error that is to be expected, in squared DCT units, against the levels that would be there without marks.
    pub error: f32,
    /// Bits that they invert.
    pub inverted: u32,
}

impl Sum {
    #[inline(always)]
    pub fn add(&mut self, prediction: Prediction, error: f32, inverted: u32) {
        self.prediction += prediction;
        self.error += error;
        self.inverted += inverted;
    }

    /// What so many times as many would do.
    pub fn times(self, scale: f32) -> Self {
        Self {
            prediction: self.prediction.times(scale),
            error: self.error * scale,
            inverted: (self.inverted as f32 * scale) as u32,
        }
    }
}

/// A chip on a texture.
#[derive(Debug, Clone, Copy)]
pub struct Texture {
    pub chip: Chip,
    /// The level that would be there without it.
    pub nearest: i16,
    pub bin: u8,
}

/// Chips of some blocks, and what they do.
#[derive(Debug)]
pub struct Found {
    pub averages: Vec<Chip>,
    pub textures: Vec<Texture>,
    pub of_averages: Sum,
    pub of_levels: [Sum; BINS],
    pub of_signs: [Sum; BINS],
}

impl Found {
    pub fn new() -> Self {
        Self {
            averages: Vec::new(),
            textures: Vec::new(),
            of_averages: Sum::default(),
            of_levels: [Sum::default(); BINS],
            of_signs: [Sum::default(); BINS],
        }
    }

    /// How many bins of textures there may be beside the averages.
    pub fn limits(&self, most: &Most) -> Limits {
        let Sum {
            prediction,
            mut error,
            mut inverted,
        } = self.of_averages;
        let mut limits = Limits {
            levels: 0,
            signs: 0,
            prediction,
            is_full: false,
        };
        let mut left = Some(most.signs);
        for (levels, signs) in self.of_levels.iter().zip(&self.of_signs) {
            if limits.prediction.score() >= most.score {
                break;
            }
            left = left.and_then(|left| left.checked_sub(signs.prediction.chips));
            let signs = left.map(|_| signs);
            error += levels.error + signs.map_or(0.0, |signs| signs.error);
            inverted += levels.inverted + signs.map_or(0, |signs| signs.inverted);
            limits.is_full = inverted > most.inverted;
            if error > most.error || limits.is_full {
                break;
            }
            limits.levels += 1;
            limits.prediction += levels.prediction;
            if let Some(signs) = signs {
                limits.signs += 1;
                limits.prediction += signs.prediction;
            }
        }
        limits
    }

    /// Leaves out textures beyond the limits: writes all of them, each in the place of one that was left out, because nobody could foresee
    /// which these are.
    pub fn within(self, limits: &Limits) -> Choice {
        let none = Chip {
            block: 0,
            index: 0,
            low: 0,
            high: 0,
        };
        let (mut textures, mut count) = (vec![none; self.textures.len()], 0);
        for &Texture { chip, bin, .. } in &self.textures {
            if let Some(place) = textures.get_mut(count) {
                *place = chip;
            }
            let most = if is_sign(&chip) { limits.signs } else { limits.levels };
            count += usize::from(usize::from(bin) < most);
        }
        textures.truncate(count);
        Choice {
            averages: self.averages,
            textures,
            prediction: limits.prediction,
        }
    }
}

/// Bins of textures that are kept.
#[derive(Clone, Copy)]
pub struct Limits {
    pub levels: usize,
    pub signs: usize,
    /// What is to be expected of them and of the averages.
    pub prediction: Prediction,
    /// Whether more would make the tables too long.
    pub is_full: bool,
}

impl Limits {
    /// Bins of the budget that the textures of a picture need, where these are the limits of a part. With less of a budget a block's
    /// chips are worth more than its first bins, but need no fewer places in tables.
    pub fn needed(&self) -> usize {
        self.levels + if self.is_full { SPARE_BINS } else { 0 }
    }
}

/// Whether a chip is the sign of a coefficient that would be zero.
pub fn is_sign(chip: &Chip) -> bool {
    chip.low < 0 && chip.high > 0
}
