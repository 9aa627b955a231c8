//! The bank of decoders: for each weighting the symmetric score and the likelihood ratio of coalitions of several sizes.

use crate::bound::Term;
use crate::soft::{Soft, WEIGHTINGS};
use fingerprint::{Layer, Recipe};

/// Sizes of coalition whose mixing the likelihood ratios stand for. The attack is taken to be "interleaving", each symbol from
/// one of them by lot: of all attacks it is the worst for the tracer, and a decoder made for it suffers little from the others
/// (Oosterwijk, Skoric and Doumen 2015; Laarhoven and de Weger 2013).
const COALITIONS: [f64; 5] = [1.0, 2.0, 3.0, 5.0, 8.0];

/// How many decoders are asked: the rule pays for each.
pub const DECODERS: usize = WEIGHTINGS * (1 + COALITIONS.len());

/// A single leaker's copy may be damaged at any chip beyond what its soft value admits: how often.
const DAMAGE: f64 = 0.02;

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
    let mut decoders = Vec::with_capacity(DECODERS);
    for values in &soft.weightings {
        let decoder = |term: &dyn Fn(f64, f64) -> (f64, f64)| Decoder {
            terms: active
                .chips
                .iter()
                .map(|&(chip, threshold)| {
                    let p = f64::from(threshold) / 256.0;
                    let value = values
                        .get(chip)
                        .copied()
                        .filter(|value| value.is_finite())
                        .unwrap_or(0.0);
                    let (one, zero) = term(p, f64::from(value).clamp(-LIMIT, LIMIT));
                    Term { p, one, zero }
                })
                .collect(),
        };
        decoders.push(decoder(&symmetric));
        for coalition in COALITIONS {
            decoders.push(decoder(&|p, value| interleaving(p, value, coalition)));
        }
    }
    decoders
}

/// No chip is believed beyond this, half a log likelihood ratio: what was done to the picture is not always Gaussian noise.
const LIMIT: f64 = 3.5;

/// Tardos' score made symmetric (Skoric, Katzenbeisser and Celik 2008), with the expected symbol in place of a hard one.
fn symmetric(p: f64, value: f64) -> (f64, f64) {
    let symbol = value.tanh();
    (symbol * ((1.0 - p) / p).sqrt(), -symbol * (p / (1.0 - p)).sqrt())
}

/// How much more likely the chip is if a coalition with this symbol among its members made it, than if nothing is known.
fn interleaving(p: f64, value: f64, coalition: f64) -> (f64, f64) {
    let ratio = (2.0 * value).exp();
    let own = if coalition > 1.0 { 1.0 / coalition } else { 1.0 - DAMAGE };
    let others = (1.0 - own) * p;
    let score = |chance: f64| ((chance * ratio + 1.0 - chance) / (p * ratio + 1.0 - p)).ln();
    (score(own + others), score(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_says_nothing_counts_nothing() {
        for p in [0.02, 0.5, 0.9] {
            for (one, zero) in [symmetric(p, 0.0), interleaving(p, 0.0, 3.0), interleaving(p, 0.0, 1.0)] {
                assert!(one.abs() < 1e-12 && zero.abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_rare_symbol_tells_more() {
        for score in [symmetric, |p: f64, value: f64| interleaving(p, value, 2.0)] {
            assert!(score(0.05, 2.0).0 > score(0.5, 2.0).0);
            assert!(score(0.05, 2.0).0 > -score(0.05, -2.0).1);
            let (one, zero) = score(0.3, 1.0);
            assert!(one > 0.0 && zero < 0.0);
        }
    }

    #[test]
    fn an_innocent_scores_nothing_on_average() {
        for value in [-2.0, 0.5] {
            let (one, zero) = symmetric(0.2, value);
            assert!((0.2 * one + 0.8 * zero).abs() < 1e-12);
            // The mean of a log likelihood ratio under the wrong hypothesis is not positive.
            let (one, zero) = interleaving(0.2, value, 3.0);
            assert!(0.2 * one + 0.8 * zero <= 0.0);
        }
    }
}
