//! Which chips a picture gets: as weak as they can be for the mark to survive, and no stronger than the eye allows.

use jpeg::{Component, Spectrum};
use std::ops::Range;

use crate::average::Averages;
use crate::bounds::{Fragile, Most};
use crate::chip::{Chip, inverted};
use crate::masking::{Masking, masking};
use crate::predict::{Prediction, Predictor};
use crate::texture::{Frequencies, Pair};

/// The predicted detection score, in standard deviations, at which a mark is strong enough: among a million clients, an innocent
/// reaches 7.4 with a probability of one in a million. The rest is for harder attacks, and for coalitions of five, each of whom
/// has a fifth of the score.
const ENOUGH: f32 = 40.0;
/// The same where it is estimated from a part of the picture.
const ENOUGH_ESTIMATED: f32 = 40.6;
/// Visible distortion of a block, in units of what is just visible on flat grey, that chips may add; about 51 dB.
const BUDGET: f32 = 0.35;
/// Furthest a block's average moves, in DCT units: 0.65 grey levels.
const AVERAGE: f32 = 5.2;
/// Steps of strength from the usual one to the strongest, which has nine times the budget and about twice the reach.
const STEPS: u8 = 32;
/// The 32nd root of nine.
const GROWTH: f32 = 1.071_075_5;
/// Attempts at keeping the averages within bounds.
const ATTEMPTS: usize = 4;
/// Searches for the strength, each with a better estimate.
const SEARCHES: usize = 3;
/// Chips on a block's AC coefficients, at most, and chips of a picture on AC coefficients, at most.
const PER_BLOCK: usize = 6;
const PER_PICTURE: usize = 1 << 18;
/// Places of the coding order that are looked at together where a part of the picture stands for all of it, and of how many such
/// runs one is taken.
const RUN: usize = 16;
const SAMPLED: usize = 8;
/// Pictures of fewer blocks are looked at whole.
const FEW_BLOCKS: usize = 2048;

/// The chips of a picture, each kind in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub averages: Vec<Chip>,
    pub textures: Vec<Chip>,
    pub prediction: Prediction,
}

/// Chooses chips. `order` names the luma blocks in coding order, `reserved` has a word for each luma block with a bit for each
/// coefficient that must not be one, and `dither` random bits for every group of blocks.
pub(crate) fn choose(
    spectrum: &Spectrum,
    order: &[usize],
    reserved: &[u64],
    dither: &[u8],
    fragile: &Fragile,
) -> Choice {
    let Some(luma) = spectrum.components().first() else {
        return Choice::default();
    };
    let most = Most::of(spectrum, order, fragile);
    let masking = masking(luma, spectrum.sides());
    let picture = Picture::new(luma, order, reserved, dither, &masking, most);
    let usual = picture.chips(Strength::after(0));
    let limits = usual.limits(&most.usual(spectrum.sides()));
    if limits.prediction.score() >= ENOUGH {
        return usual.within(&limits);
    }
    let limits = usual.limits(&most);
    if limits.levels < BINS {
        // Stronger ones would do more than is allowed, too.
        return usual.within(&limits);
    }
    let found = picture.weakest(limits.prediction.score());
    let limits = found.limits(&most);
    found.within(&limits)
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
}

/// Bins of chips on textures, by the share of its block's budget that is spent on a chip and on those that are better. In the first
/// bins are the chips that a smaller budget would leave.
const BINS: usize = 128;

/// What some chips do together.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    prediction: Prediction,
    /// Squared error that is to be expected, in squared DCT units, against the levels that would be there without marks.
    error: f32,
    /// Bits that they invert.
    inverted: u32,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, prediction: Prediction, error: f32, inverted: u32) {
        self.prediction += prediction;
        self.error += error;
        self.inverted += inverted;
    }
}

/// Chips of some blocks, and what they do.
#[derive(Debug)]
struct Found {
    averages: Vec<Chip>,
    /// With their bins.
    textures: Vec<(Chip, u8)>,
    of_averages: Sum,
    of_levels: [Sum; BINS],
    of_signs: [Sum; BINS],
}

impl Found {
    fn new() -> Self {
        Self {
            averages: Vec::new(),
            textures: Vec::new(),
            of_averages: Sum::default(),
            of_levels: [Sum::default(); BINS],
            of_signs: [Sum::default(); BINS],
        }
    }

    /// How many bins of textures there may be beside the averages.
    fn limits(&self, most: &Most) -> Limits {
        let Sum {
            prediction,
            mut error,
            mut inverted,
        } = self.of_averages;
        let mut limits = Limits {
            levels: 0,
            signs: 0,
            prediction,
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
            if error > most.error || inverted > most.inverted {
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

    /// Leaves out textures beyond the limits.
    fn within(self, limits: &Limits) -> Choice {
        let kept = |(chip, bin): &(Chip, u8)| {
            let most = if is_sign(chip) { limits.signs } else { limits.levels };
            usize::from(*bin) < most
        };
        let textures = self.textures.into_iter().filter(kept);
        Choice {
            averages: self.averages,
            textures: textures.map(|(chip, _)| chip).collect(),
            prediction: limits.prediction,
        }
    }
}

/// Bins of textures that are kept.
struct Limits {
    levels: usize,
    signs: usize,
    /// What is to be expected of them and of the averages.
    prediction: Prediction,
}

/// Whether a chip is the sign of a coefficient that would be zero.
fn is_sign(chip: &Chip) -> bool {
    chip.low < 0 && chip.high > 0
}

/// A picture to look for chips in.
struct Picture<'a> {
    luma: &'a Component,
    order: &'a [usize],
    reserved: &'a [u64],
    masking: &'a Masking,
    averages: Averages<'a>,
    frequencies: Frequencies,
    predictor: Predictor,
    /// Chips on a block's AC coefficients, at most.
    most: usize,
    bounds: Most,
}

impl<'a> Picture<'a> {
    fn new(
        luma: &'a Component,
        order: &'a [usize],
        reserved: &'a [u64],
        dither: &'a [u8],
        masking: &'a Masking,
        bounds: Most,
    ) -> Self {
        let inverse = 1.0 / (8.0 * f32::from(luma.quant[0]));
        let blocks = order.iter().filter_map(|&block| luma.blocks.get(block));
        let averages = Averages {
            steps: blocks.map(|block| f32::from(block[0]) * inverse).collect(),
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

    /// The chips of the weakest strength that is enough, or of the strongest. `score` is that of the usual strength.
    fn weakest(&self, score: f32) -> Found {
        let usual = self.estimate(Strength::after(0));
        let mut scale = if usual > 0.0 {
            score / usual
        } else {
            (SAMPLED as f32).sqrt()
        };
        let (mut low, mut searches) = (0, 1);
        loop {
            let mut high = STEPS;
            while high - low > 1 {
                let middle = low.midpoint(high);
                if self.estimate(Strength::after(middle)) * scale >= ENOUGH_ESTIMATED {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            let found = self.chips(Strength::after(high));
            let limits = found.limits(&self.bounds);
            let score = limits.prediction.score();
            if score >= ENOUGH || high == STEPS || limits.levels < BINS || searches == SEARCHES {
                return found;
            }
            // The part was not like the rest.
            scale = score / self.estimate(Strength::after(high));
            low = high;
            searches += 1;
        }
    }

    /// The score of a part of the picture.
    fn estimate(&self, strength: Strength) -> f32 {
        let mut found = Found::new();
        let mut blocks = 0;
        for run in runs(self.order.len()) {
            blocks += run.len();
            self.find(strength, run, &mut found);
            found.averages.clear();
            found.textures.clear();
        }
        let most = Most {
            error: f32::MAX,
            signs: self.bounds.signs * blocks / self.order.len().max(1),
            inverted: u32::MAX,
            score: f32::MAX,
        };
        found.limits(&most).prediction.score()
    }

    /// The chips of the picture. Averages reach less far if they alone would do more than they may.
    fn chips(&self, mut strength: Strength) -> Found {
        let mut found = Found::new();
        for _ in 0..ATTEMPTS {
            found = Found::new();
            self.find_averages(strength.reach, 0..self.order.len(), &mut found);
            let Sum { error, inverted, .. } = found.of_averages;
            if error <= self.bounds.error && inverted <= self.bounds.inverted {
                break;
            }
            strength.reach *= 0.8;
        }
        self.find_textures(strength.budget, 0..self.order.len(), &mut found);
        found
    }

    fn find(&self, strength: Strength, places: Range<usize>, found: &mut Found) {
        self.find_averages(strength.reach, places.clone(), found);
        self.find_textures(strength.budget, places, found);
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
    fn find_textures(&self, budget: f32, places: Range<usize>, found: &mut Found) {
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
            self.frequencies
                .choose(block, (tolerated, self.most, reserved), |pair, spent| {
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
                    let bin = ((spent * bins) as usize).min(BINS - 1);
                    let sums = if is_sign(&chip) {
                        &mut found.of_signs
                    } else {
                        &mut found.of_levels
                    };
                    let sum = &mut sums[bin];
                    let step = self.luma.quant.get(index).copied().unwrap_or_default();
                    let error = squared_error(step.into(), nearest, [low, high]);
                    let inverted = inverted([low.into(), high.into()]);
                    sum.add(self.predictor.of(&chip), error, inverted);
                    found.textures.push((chip, bin as u8));
                });
        }
    }
}

/// The part of a picture of so many blocks that stands for all of it: runs that are not below each other, whatever its width.
pub(crate) fn runs(blocks: usize) -> impl Iterator<Item = Range<usize>> {
    let (run, sampled) = if blocks < FEW_BLOCKS {
        (blocks.max(1), 1)
    } else {
        (RUN, SAMPLED)
    };
    (0..blocks)
        .step_by(run * sampled)
        .enumerate()
        .map(move |(number, start)| {
            let start = (start + number * 5 % sampled * run).min(blocks);
            start..(start + run).min(blocks)
        })
}

/// The mean squared error in squared DCT units of two levels that are equally likely, against the nearest level.
pub(crate) fn squared_error(step: f32, nearest: i16, levels: [i16; 2]) -> f32 {
    let [low, high] = levels.map(|level| f32::from(level) - f32::from(nearest));
    (low * low + high * high) * (0.5 * step * step)
}
