//! Which chips a picture gets: as weak as they can be for the mark to survive, and no stronger than the eye allows.

mod found;
mod picture;

use jpeg::Spectrum;

use crate::bounds::{Fragile, Most};
use crate::masking::Masking;
use found::{BINS, Choice, Limits};
use picture::Picture;
pub(crate) use picture::{runs, squared_error};

/// The predicted detection score, in standard deviations, at which a mark is strong enough: among a million clients, an innocent
/// reaches 7.4 with a probability of one in a million. The rest is for harder attacks, and for coalitions of five, each of whom
/// has a fifth of the score.
const ENOUGH: f32 = 40.0;
/// The same where it is estimated from a part of the picture: not to be given up without looking at all of it.
const DOUBTFUL: f32 = 38.5;
/// What a stronger mark than the usual one is to have, and what is looked for where it is estimated.
const AIM: f32 = 46.0;
const AIM_ESTIMATED: f32 = 47.5;
/// Visible distortion of a block, in units of what is just visible on flat grey, that chips may add; about 51 dB.
const BUDGET: f32 = 0.35;
/// Furthest a block's average moves, in DCT units: 0.65 grey levels.
const AVERAGE: f32 = 5.2;
/// Steps of strength from the usual one to the strongest, which has nine times the budget and about twice the reach.
const STEPS: u8 = 32;
/// The 32nd root of nine.
const GROWTH: f32 = 1.071_075_5;
/// Searches for the strength, each with a better estimate.
const SEARCHES: usize = 3;
/// Steps between estimates, at most, and how much the score grows with each, at first.
const LEAP: f32 = 8.0;
const SLOPE: f32 = 0.04;
/// Of two marks that fill the tables the stronger is taken even if it has only so much of the other's score: it outlives more than what the
/// score is about.
const OUTLIVES: f32 = 0.965;

/// Chooses chips. `order` names the luma blocks in coding order, `values` are their averages in steps, `reserved` has a word for each
/// luma block with a bit for each coefficient that must not be one, and `dither` random bits for every group of blocks.
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

impl Picture<'_> {
    /// The chips of the weakest strength that is enough, or of the one with the best score. Scores of parts are multiplied with `scale`.
    fn weakest(&self, signs_first: bool, mut scale: f32) -> Choice {
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
                return found.within(&limits);
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
                .limits(&self.bounds.until(AIM_ESTIMATED).of_part(scale));
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
        let (mut steps, least) = (high.steps, best.score * OUTLIVES);
        while high.part.is_full && steps < STEPS && best.score < AIM_ESTIMATED {
            steps = (steps + LEAP as u8).min(STEPS);
            let next = at(steps);
            best = if next.score >= least { next } else { best };
        }
        best
    }
}
