//! Which chips a picture gets: as weak as they can be for the mark to survive, and no stronger than the eye allows.

use jpeg::{Component, Spectrum};
use std::ops::Range;

use crate::average::Averages;
use crate::bounds::{Fragile, Most};
use crate::chip::{Chip, inverted};
use crate::masking::Masking;
use crate::predict::{Prediction, Predictor};
use crate::texture::{Frequencies, Pair};

/// The predicted detection score, in standard deviations, at which a mark is strong enough: among a million clients, an innocent
/// reaches 7.4 with a probability of one in a million. The rest is for harder attacks, and for coalitions of five, each of whom
/// has a fifth of the score.
const ENOUGH: f32 = 40.0;
/// The same where it is estimated from a part of the picture: not to be given up without looking at all of it.
const DOUBTFUL: f32 = 38.5;
/// What a stronger mark than the usual one is to have, and what is looked for where it is estimated.
const AIM: f32 = 42.0;
const AIM_ESTIMATED: f32 = 43.5;
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
/// Steps between estimates, at most, and how much the score grows with each, at first.
const LEAP: f32 = 8.0;
const SLOPE: f32 = 0.04;
/// Chips on a block's AC coefficients, at most, and chips of a picture on AC coefficients, at most.
const PER_BLOCK: usize = 6;
const PER_PICTURE: usize = 1 << 18;
/// Places of the coding order that are looked at together where a part of the picture stands for all of it, of how many such runs one
/// is taken at most, and about how many blocks are looked at, at least.
const RUN: usize = 4;
const SAMPLED: usize = 16;
const FEW_BLOCKS: usize = 512;
/// How much better a score has to be for what is seen the more of it.
const WORTH_IT: f32 = 1.08;
/// Bins beyond those that a part needs, where tables are full.
const SPARE_BINS: usize = 16;

/// The chips of a picture, each kind in the order of the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub averages: Vec<Chip>,
    pub textures: Vec<Chip>,
    pub prediction: Prediction,
}

/// Chooses chips. `order` names the luma blocks in coding order, `values` are their
/// averages in steps, `reserved` has a word for each luma block with a bit for each
/// coefficient that must not be one, and `dither` random bits for every group of blocks.
pub(crate) fn choose(
    spectrum: &Spectrum,
    (order, values): (&[usize], &[f32]),
    masking: &Masking,
    reserved: &[u64],
    dither: &[u8],
    fragile: &Fragile,
) -> Choice {
    let Some(luma) = spectrum.components().first() else {
        return Choice::default();
    };
    let most = Most::of(spectrum, order, fragile);
    let picture = Picture::new(luma, (order, values), reserved, dither, masking, most);
    let mut usual = Strength::after(0);
    let least = most.usual(spectrum.sides());
    let averages = picture.averages(usual.reach);
    let part = picture.part(Some(&averages.of_averages), usual);
    let mut expected = part.limits(&least);
    if expected.prediction.score() < ENOUGH {
        expected = part.limits(&most);
        if expected.is_full {
            usual.signs_first = true;
            expected = picture.part(Some(&averages.of_averages), usual).limits(&most);
        }
    }
    let mut scale = 1.0;
    if expected.levels < BINS || expected.prediction.score() >= DOUBTFUL {
        // What would be left out again is not looked for.
        let found = picture.textures(averages, usual.of(expected.needed()));
        let limits = found.limits(&least);
        if limits.prediction.score() >= ENOUGH {
            return found.within(&limits);
        }
        let limits = found.limits(&most);
        if limits.levels < BINS && !limits.is_full {
            // Stronger ones would do more than is allowed, too.
            return found.within(&limits);
        }
        if expected.prediction.score() > 0.0 {
            scale = limits.prediction.score() / expected.prediction.score();
        }
    }
    picture.weakest(usual.signs_first, scale)
}

/// How much chips may change.
#[derive(Debug, Clone, Copy)]
struct Strength {
    /// Visible distortion of a block.
    budget: f32,
    /// Of a block's average, in DCT units.
    reach: f32,
    /// Whether signs are as good as other chips: they invert fewer bits, but take more of the budget and of the file. Else they are the
    /// last to be chosen.
    signs_first: bool,
}

impl Strength {
    /// The strength so many of [`STEPS`] above the usual one.
    fn after(steps: u8) -> Self {
        Self {
            budget: (0..steps).fold(BUDGET, |budget, _| budget * GROWTH),
            reach: AVERAGE + 5.0 * f32::from(steps) / f32::from(STEPS),
            signs_first: false,
        }
    }

    /// The same with so many bins of its budget.
    fn of(self, bins: usize) -> Self {
        Self {
            budget: self.budget * (bins.min(BINS) as f32 / BINS as f32).sqrt(),
            ..self
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

    /// What so many times as many would do.
    fn times(self, scale: f32) -> Self {
        Self {
            prediction: self.prediction.times(scale),
            error: self.error * scale,
            inverted: (self.inverted as f32 * scale) as u32,
        }
    }
}

/// A chip on a texture.
#[derive(Debug, Clone, Copy)]
struct Texture {
    chip: Chip,
    /// The level that would be there without it.
    nearest: i16,
    bin: u8,
}

/// Chips of some blocks, and what they do.
#[derive(Debug)]
struct Found {
    averages: Vec<Chip>,
    textures: Vec<Texture>,
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
    fn within(self, limits: &Limits) -> Choice {
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
struct Limits {
    levels: usize,
    signs: usize,
    /// What is to be expected of them and of the averages.
    prediction: Prediction,
    /// Whether more would make the tables too long.
    is_full: bool,
}

impl Limits {
    /// Bins of the budget that the textures of a picture need, where these are the limits of a part. With less of a budget a block's
    /// chips are worth more than its first bins, but need no fewer places in tables.
    fn needed(&self) -> usize {
        self.levels + if self.is_full { SPARE_BINS } else { 0 }
    }
}

/// Whether a chip is the sign of a coefficient that would be zero.
fn is_sign(chip: &Chip) -> bool {
    chip.low < 0 && chip.high > 0
}

/// A strength, the score that is to be expected of it, and what is needed of it.
#[derive(Clone, Copy)]
struct Search {
    steps: u8,
    strength: Strength,
    score: f32,
    part: Limits,
}

impl Search {
    /// Whether more would do more than is allowed.
    fn is_limited(&self) -> bool {
        self.part.levels < BINS
    }
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

    /// The chips of the weakest strength that is enough, or of the one with the best score. Scores of parts are multiplied with `scale`.
    fn weakest(&self, signs_first: bool, scale: f32) -> Choice {
        let (found, limits) = self.enough(signs_first, scale);
        if limits.prediction.score() < ENOUGH && limits.is_full && !signs_first {
            let (other, of_other) = self.enough(true, scale);
            if of_other.prediction.score() > limits.prediction.score() * WORTH_IT {
                return other.within(&of_other);
            }
        }
        found.within(&limits)
    }

    /// The same of signs that are chosen first or last.
    fn enough(&self, signs_first: bool, mut scale: f32) -> (Found, Limits) {
        let (mut low, mut searches) = (0, 1);
        loop {
            let Search {
                steps, strength, part, ..
            } = self.search(low, signs_first, scale);
            // What would be left out again is not looked for, unless it was missing.
            let bins = if searches > 1 { BINS } else { part.needed() };
            let found = self.textures(self.averages(strength.reach), strength.of(bins));
            let limits = found.limits(&self.bounds.until(AIM));
            let score = limits.prediction.score();
            let is_last = searches == SEARCHES || searches > 1 && steps == low;
            if score >= ENOUGH || steps == STEPS || limits.levels < BINS || is_last {
                return (found, limits);
            }
            // The part was not like the rest.
            scale = score / part.prediction.score();
            low = steps;
            searches += 1;
        }
    }

    /// About the weakest strength from `low` on that is enough, or else the one with the best score.
    fn search(&self, low: u8, signs_first: bool, scale: f32) -> Search {
        let at = |steps: u8| {
            let strength = Strength {
                signs_first,
                ..Strength::after(steps)
            };
            let part = self
                .part(None, strength)
                .limits(&self.bounds.until(AIM_ESTIMATED / scale));
            Search {
                steps,
                strength,
                score: part.prediction.score() * scale,
                part,
            }
        };
        let (mut low, mut high) = (at(low), None);
        let mut slope = low.score * SLOPE;
        while low.score < AIM_ESTIMATED && !low.is_limited() && low.steps < STEPS {
            let steps = ((AIM_ESTIMATED - low.score) / slope).ceil().clamp(1.0, LEAP);
            let next = at((low.steps + steps as u8).clamp(low.steps + 1, STEPS));
            if next.score < AIM_ESTIMATED && next.is_limited() {
                high = Some(next);
                break;
            }
            slope = ((next.score - low.score) / f32::from(next.steps - low.steps)).max(next.score * SLOPE / LEAP);
            low = next;
        }
        // Where limits begin to tell, the score is best; if these are the tables', it may be better where chips are further apart.
        let Some(high) = high.or_else(|| low.part.is_full.then_some(low)) else {
            return low;
        };
        let mut best = if high.score > low.score { high } else { low };
        let (mut below, mut above) = (low.steps, high.steps);
        while above.saturating_sub(below) > 1 && best.score < AIM_ESTIMATED {
            let middle = at(below.midpoint(above));
            if middle.is_limited() {
                above = middle.steps;
            } else {
                below = middle.steps;
            }
            best = if middle.score > best.score { middle } else { best };
        }
        let mut steps = high.steps;
        while high.part.is_full && steps < STEPS && best.score < AIM_ESTIMATED {
            steps = (steps + LEAP as u8).min(STEPS);
            let next = at(steps);
            best = if next.score > best.score * WORTH_IT { next } else { best };
        }
        best
    }

    /// What the chips of a part do if they are like those of the whole picture, of which those on averages may be known.
    fn part(&self, averages: Option<&Sum>, strength: Strength) -> Found {
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
    fn averages(&self, mut reach: f32) -> Found {
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
    fn textures(&self, mut found: Found, strength: Strength) -> Found {
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
