//! Which chips a picture gets: as weak as they can be for the mark to survive, and no stronger than the eye allows.

use jpeg::{Component, Spectrum};

use crate::average::{self, Averages};
use crate::chip::Chip;
use crate::masking::{Masking, masking};
use crate::predict::Prediction;
use crate::texture::Frequencies;

/// The predicted detection score, in standard deviations, at which a mark is strong enough: among a million clients, an innocent
/// reaches 7.4 with a probability of one in a million.
const ENOUGH: f32 = 20.0;
/// Mean squared error, in squared grey levels, that all marks together make at most: 51.1 dB, of which rounding to pixels leaves
/// more than 50.
const MOST_ERROR: f32 = 0.5;
/// Visible distortion of a block, in units of what is just visible on flat grey, that chips may add; about 51 dB.
const BUDGET: f32 = 0.35;
/// Furthest a block's average moves, in DCT units: 0.65 grey levels.
const AVERAGE: f32 = 5.2;
/// Steps of strength from the usual one to the strongest, which has nine times the budget and about twice the reach.
const STEPS: u8 = 32;
/// The 32nd root of nine.
const GROWTH: f32 = 1.071_075_5;
/// Attempts at keeping to [`MOST_ERROR`].
const ATTEMPTS: usize = 4;
/// Chips on a block's AC coefficients, at most, and chips of a picture on AC coefficients, at most.
const PER_BLOCK: usize = 6;
const PER_PICTURE: usize = 1 << 18;

/// The chips of a picture, those on averages first, each kind in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub averages: Vec<Chip>,
    pub textures: Vec<Chip>,
    pub prediction: Prediction,
    /// Sums of the squared errors that are to be expected of each kind, in squared DCT units.
    errors: [f32; 2],
}

/// Chooses chips. `order` names the luma blocks in coding order, `reserved` has a word for each luma block with a bit for each
/// coefficient that must not be one, `dither` random bits for every group of blocks, and `error` is the sum of squared errors
/// that other marks make.
pub(crate) fn choose(spectrum: &Spectrum, order: &[usize], reserved: &[u64], dither: &[u8], error: f32) -> Choice {
    let Some(luma) = spectrum.components().first() else {
        return Choice::default();
    };
    let picture = Picture::new(luma, spectrum.sides(), order, reserved, dither);
    let usual = Strength::after(0);
    let mut strength = usual;
    let mut choice = picture.choose(usual);
    if choice.prediction.score() < ENOUGH {
        (strength, choice) = picture.weakest();
    }
    let (width, height) = spectrum.sides();
    let most_error = MOST_ERROR * f32::from(width) * f32::from(height) - error;
    for _ in 0..ATTEMPTS {
        let [averages, textures] = choice.errors;
        if averages + textures <= most_error {
            break;
        }
        strength = strength.less((most_error - averages) / textures.max(1.0));
        choice = picture.choose(strength);
    }
    choice
}

/// How much chips may change.
#[derive(Debug, Clone, Copy)]
struct Strength {
    /// Visible distortion of a block.
    budget: f32,
    /// Of a block's average, in DCT units.
    reach: f32,
}

impl Strength {
    /// The strength so many of [`STEPS`] above the usual one.
    fn after(steps: u8) -> Self {
        Self {
            budget: (0..steps).fold(BUDGET, |budget, _| budget * GROWTH),
            reach: AVERAGE + 5.0 * f32::from(steps) / f32::from(STEPS),
        }
    }

    /// The strength at which about `share` of the squared error of textures is left. The reach is reduced only if there is
    /// nothing else to reduce: averages survive most for what they cost.
    fn less(self, share: f32) -> Self {
        Self {
            budget: self.budget * share.clamp(0.05, 1.0).sqrt() * 0.98,
            reach: if share < 0.05 { self.reach * 0.8 } else { self.reach },
        }
    }
}

struct Picture<'a> {
    luma: &'a Component,
    order: &'a [usize],
    reserved: &'a [u64],
    dither: &'a [u8],
    masking: Vec<Option<Masking>>,
    averages: Vec<f32>,
    frequencies: Frequencies,
}

impl<'a> Picture<'a> {
    fn new(luma: &'a Component, sides: (u16, u16), order: &'a [usize], reserved: &'a [u64], dither: &'a [u8]) -> Self {
        let inverse = 1.0 / (8.0 * f32::from(luma.quant[0]));
        let blocks = order.iter().filter_map(|&block| luma.blocks.get(block));
        Self {
            luma,
            order,
            reserved,
            dither,
            masking: masking(luma, sides),
            averages: blocks.map(|block| f32::from(block[0]) * inverse).collect(),
            frequencies: Frequencies::new(&luma.quant),
        }
    }

    /// The weakest strength that is enough, or the strongest.
    fn weakest(&self) -> (Strength, Choice) {
        let (mut low, mut high) = (0, STEPS);
        let mut found = self.choose(Strength::after(high));
        while high - low > 1 && found.prediction.score() >= ENOUGH {
            let middle = low.midpoint(high);
            let choice = self.choose(Strength::after(middle));
            if choice.prediction.score() >= ENOUGH {
                (high, found) = (middle, choice);
            } else {
                low = middle;
            }
        }
        (Strength::after(high), found)
    }

    fn choose(&self, strength: Strength) -> Choice {
        let averages = Averages {
            steps: &self.averages,
            blocks: self.order,
            masking: &self.masking,
            step: f32::from(self.luma.quant[0]),
            dither: self.dither,
        };
        let averages = average::choose(&averages, strength.reach);
        let textures = self.textures(strength.budget);
        let mut prediction = Prediction::new(&self.luma.quant);
        for chip in averages.iter().chain(&textures) {
            prediction.add(chip);
        }
        let error = |chips: &[Chip]| chips.iter().map(|chip| self.error(chip)).sum();
        let errors = [error(&averages), error(&textures)];
        Choice {
            averages,
            textures,
            prediction,
            errors,
        }
    }

    /// The squared error of a chip, on average over its symbols, against the level that would be there without it.
    fn error(&self, chip: &Chip) -> f32 {
        let block = self.luma.blocks.get(chip.block);
        let (Some(&eighths), Some(&step)) = (
            block.and_then(|block| block.get(chip.index)),
            self.luma.quant.get(chip.index),
        ) else {
            return 0.0;
        };
        squared_error(eighths, step, [chip.low, chip.high])
    }

    fn textures(&self, budget: f32) -> Vec<Chip> {
        let most = (PER_PICTURE / self.order.len().max(1)).clamp(1, PER_BLOCK);
        let least = self.frequencies.least();
        let mut chips = Vec::new();
        for &number in self.order {
            let (Some(block), Some(&reserved)) = (self.luma.blocks.get(number), self.reserved.get(number)) else {
                continue;
            };
            let Some(masking) = self.masking.get(number).copied().flatten() else {
                continue;
            };
            let tolerated = budget * masking.tolerance;
            if tolerated * tolerated >= least {
                let squared = tolerated * tolerated;
                self.frequencies
                    .choose(block, number, squared, most, reserved, &mut chips);
            }
        }
        chips
    }
}

/// The mean squared error in squared DCT units of two levels that are equally likely, against the nearest level.
pub(crate) fn squared_error(eighths: i16, step: u16, levels: [i16; 2]) -> f32 {
    let step = f32::from(step);
    let nearest = (f32::from(eighths) / (8.0 * step)).round_ties_even();
    let [low, high] = levels.map(|level| (f32::from(level) - nearest) * step);
    f32::midpoint(low * low, high * high)
}
