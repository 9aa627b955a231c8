//! The bank of decoders: for each weighting the symmetric score and the likelihood ratio of several coalitions.

use crate::bound::Term;
use crate::soft::{Soft, WEIGHTINGS};
use crate::strategy::Strategy;
use fingerprint::{Layer, Recipe};
use rayon::prelude::*;

/// Sizes of coalition that are taken to draw lots, and of those whose strategy is estimated.
const DRAWING: [u8; 3] = [1, 2, 5];
const ESTIMATED: [u8; 3] = [3, 5, 8];

/// How many decoders are asked: the rule pays for each.
pub const DECODERS: usize = WEIGHTINGS * (1 + DRAWING.len() + ESTIMATED.len());
/// Members that a coalition may have beyond those who are known, and how many decoders that makes.
const MISSING: [u8; 2] = [1, 3];
pub const COMPANIONS: usize = WEIGHTINGS * MISSING.len() * 2;

/// One way to score codewords: what a symbol 1 and a symbol 0 at each tracing chip contribute.
#[derive(Clone, Debug)]
pub(crate) struct Decoder {
    pub terms: Vec<Term>,
}

/// The chips that say something, by their index, with the thresholds of their bias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Active {
    pub chips: Vec<(usize, u8)>,
}

impl Active {
    /// Chips of the tracing layer at which at least one weighting read something.
    pub fn of(recipe: &Recipe, soft: &Soft) -> Self {
        let read = |chip: usize| {
            soft.weightings
                .iter()
                .any(|values| values.get(chip).is_some_and(|&value| value != 0.0))
        };
        let chips = recipe.layers().enumerate().filter_map(|(chip, layer)| match layer {
            Layer::Tracing { threshold } if read(chip) => Some((chip, threshold)),
            _ => None,
        });
        Self { chips: chips.collect() }
    }
}

/// All decoders of the bank, in a fixed order.
pub(crate) fn bank(active: &Active, soft: &Soft) -> Vec<Decoder> {
    let of_weighting = |values: &Vec<f32>| {
        let chips = active.values(values);
        let drawing = DRAWING.into_iter().map(Strategy::interleaving);
        let estimated = ESTIMATED.map(|members| Strategy::estimated(members, &chips));
        let mut decoders = vec![Decoder::new(&chips, symmetric)];
        let strategies = drawing.chain(estimated);
        decoders.extend(strategies.map(|strategy| Decoder::knowing(&chips, &strategy, &Known::default())));
        decoders
    };
    soft.weightings.par_iter().flat_map_iter(of_weighting).collect()
}

/// Decoders for further members of a coalition of which some are known, by their codewords.
pub(crate) fn companions(active: &Active, soft: &Soft, known: &[Vec<bool>]) -> Vec<Decoder> {
    let known = active.known(known);
    let of_weighting = |values: &Vec<f32>| {
        let chips = active.values(values);
        let decoders = MISSING.into_iter().flat_map(|missing| {
            let members = missing.saturating_add(u8::try_from(known.members).unwrap_or(u8::MAX));
            let strategies = [Strategy::interleaving(members), Strategy::estimated(members, &chips)];
            strategies.map(|strategy| Decoder::knowing(&chips, &strategy, &known))
        });
        decoders.collect::<Vec<_>>()
    };
    soft.weightings.par_iter().flat_map_iter(of_weighting).collect()
}

/// What is known of a coalition.
#[derive(Debug, Default)]
struct Known {
    members: usize,
    /// How many of them have symbol 1, at each active chip.
    ones: Vec<usize>,
}

impl Active {
    /// Threshold and value of each chip.
    fn values(&self, values: &[f32]) -> Vec<(u8, f64)> {
        let read = |&(chip, threshold): &(usize, u8)| {
            let value = values.get(chip).copied().filter(|value| value.is_finite());
            (threshold, f64::from(value.unwrap_or(0.0)).clamp(-LIMIT, LIMIT))
        };
        self.chips.iter().map(read).collect()
    }

    /// What the codewords of known members say at these chips.
    fn known(&self, codewords: &[Vec<bool>]) -> Known {
        let ones = |&(chip, _): &(usize, u8)| codewords.iter().filter(|word| word.get(chip) == Some(&true)).count();
        Known {
            members: codewords.len(),
            ones: self.chips.iter().map(ones).collect(),
        }
    }
}

impl Decoder {
    /// What symbols 1 and 0 score at each chip, by its threshold and its value.
    fn new(chips: &[(u8, f64)], mut score: impl FnMut(u8, f64) -> (f64, f64)) -> Self {
        let term = |&(threshold, value): &(u8, f64)| {
            let (one, zero) = score(threshold, value);
            Term {
                p: bias(threshold),
                one,
                zero,
            }
        };
        Self {
            terms: chips.iter().map(term).collect(),
        }
    }

    /// The score of a codeword.
    pub fn score(&self, active: &Active, symbols: &[bool]) -> f64 {
        let terms = active.chips.iter().zip(&self.terms);
        terms
            .map(|(&(chip, _), term)| match symbols.get(chip) {
                Some(true) => term.one,
                _ => term.zero,
            })
            .sum()
    }

    /// The likelihood ratio of a member of a coalition with this strategy, of which others may be known.
    fn knowing(chips: &[(u8, f64)], strategy: &Strategy, known: &Known) -> Self {
        let chances: Vec<Vec<[f64; 2]>> = (0..=known.members)
            .map(|ones| {
                let of = |threshold| strategy.chances(bias(threshold), known.members, ones);
                (0..=u8::MAX).map(of).collect()
            })
            .collect();
        let mut ones = known.ones.iter();
        Self::new(chips, |threshold, value| {
            let ones = ones.next().copied().unwrap_or_default();
            likelihood(bias(threshold), value, chances[ones][usize::from(threshold)])
        })
    }
}

fn bias(threshold: u8) -> f64 {
    f64::from(threshold) / 256.0
}

/// No chip is believed beyond this, half a log likelihood ratio: what was done to the picture is not always Gaussian noise.
const LIMIT: f64 = 3.5;

/// Tardos' score made symmetric (Skoric, Katzenbeisser and Celik 2008), with the expected symbol in place of a hard one.
fn symmetric(threshold: u8, value: f64) -> (f64, f64) {
    let (p, symbol) = (bias(threshold), value.tanh());
    (symbol * ((1.0 - p) / p).sqrt(), -symbol * (p / (1.0 - p)).sqrt())
}

/// How much more likely the chip is if a coalition with this symbol among its members made it, than if nothing is known; `zero` and
/// `one` are the probabilities of 1 if the symbol is 0, and 1.
fn likelihood(p: f64, value: f64, [zero, one]: [f64; 2]) -> (f64, f64) {
    let ratio = (2.0 * value).exp();
    let known = |chance: f64| chance * ratio + 1.0 - chance;
    let unknown = known(p * one + (1.0 - p) * zero);
    ((known(one) / unknown).ln(), (known(zero) / unknown).ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half and a twentieth.
    const HALF: u8 = 128;
    const RARE: u8 = 13;

    fn lots(members: u8) -> impl Fn(u8, f64) -> (f64, f64) {
        move |threshold, value| {
            let p = bias(threshold);
            likelihood(p, value, Strategy::interleaving(members).chances(p, 0, 0))
        }
    }

    #[test]
    fn a_chip_that_says_nothing_counts_nothing() {
        for threshold in [5, HALF, 230] {
            for (one, zero) in [
                symmetric(threshold, 0.0),
                lots(3)(threshold, 0.0),
                lots(1)(threshold, 0.0),
            ] {
                assert!(one.abs() < 1e-12 && zero.abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_rare_symbol_tells_more() {
        let scores: [&dyn Fn(u8, f64) -> (f64, f64); 2] = [&symmetric, &lots(2)];
        for score in scores {
            assert!(score(RARE, 2.0).0 > score(HALF, 2.0).0);
            assert!(score(RARE, 2.0).0 > -score(RARE, -2.0).1);
            let (one, zero) = score(77, 1.0);
            assert!(one > 0.0 && zero < 0.0);
        }
    }

    #[test]
    fn an_innocent_scores_nothing_on_average() {
        let p = bias(51);
        for value in [-2.0, 0.5] {
            let (one, zero) = symmetric(51, value);
            assert!((p * one + (1.0 - p) * zero).abs() < 1e-12);
            // The mean of a log likelihood ratio under the wrong hypothesis is not positive.
            let (one, zero) = lots(3)(51, value);
            assert!(p * one + (1.0 - p) * zero <= 0.0);
        }
    }
}
