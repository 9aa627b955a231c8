//! Coefficients as tokens (RFC 6386 section 13): the decisions they are made of, how often each was made, and the choice of
//! probabilities.

use crate::contexts::Kind;
use crate::quantise::Levels;
use crate::rates::cost_of;
use crate::tables::{BANDS, DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};

/// Probabilities of the extra bits of the six categories of large levels, most significant bit first (section 13.2).
pub(crate) const EXTRA_BITS: [&[u8]; 6] = [
    &[159],
    &[165, 145],
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

/// Smallest magnitude of each category, and the end of the last.
pub(crate) const CATEGORY_BASE: [u16; 7] = [5, 7, 11, 19, 35, 67, 2115];

/// Number of token probabilities.
const PROBABILITIES: usize = 4 * 8 * 3 * 11;

/// Of the probabilities at a place, which one decides between three and four.
const FOUR: usize = 5;

/// A binary decision of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// With the token probability of this number.
    Adaptable(usize),
    /// With a probability that the format fixes.
    Fixed(u8),
    /// Whether the level at this zigzag index is negative, with even odds.
    Sign(usize),
    /// Whether the magnitude at this zigzag index is four and not three, with the token probability of the first number.
    Four(usize, usize),
}

/// Names the decisions of a block in their order and says whether it had any token but the end, the context of its neighbours.
#[inline(always)]
pub(crate) fn decide(kind: Kind, context: usize, block: &Levels, mut decision: impl FnMut(Decision, bool)) -> bool {
    let (levels, end) = (&block.levels, usize::from(block.end));
    let first = kind.first();
    let mut node = node(kind, first, context);
    if end <= first {
        decision(Decision::Adaptable(node), false);
        return false;
    }
    decision(Decision::Adaptable(node), true);
    for (index, &level) in levels.iter().enumerate().take(end).skip(first) {
        let magnitude = level.unsigned_abs();
        let next = usize::from(magnitude.min(2));
        self::magnitude(node, index, magnitude, &mut decision);
        if magnitude != 0 {
            decision(Decision::Sign(index), level < 0);
        }
        if index == 15 {
            return true;
        }
        node = self::node(kind, index + 1, next);
        if magnitude != 0 {
            decision(Decision::Adaptable(node), index + 1 < end);
        }
    }
    true
}

#[inline(always)]
fn magnitude(node: usize, index: usize, magnitude: u16, decision: &mut impl FnMut(Decision, bool)) {
    let mut adaptable = |at: usize, bit: bool| decision(Decision::Adaptable(node + at), bit);
    adaptable(1, magnitude != 0);
    if magnitude == 0 {
        return;
    }
    adaptable(2, magnitude > 1);
    if magnitude == 1 {
        return;
    }
    adaptable(3, magnitude > 4);
    if magnitude <= 4 {
        adaptable(4, magnitude > 2);
        if magnitude > 2 {
            decision(Decision::Four(node + FOUR, index), magnitude > 3);
        }
        return;
    }
    let category = category(magnitude);
    adaptable(6, category > 1);
    if category <= 1 {
        adaptable(7, category == 1);
    } else {
        adaptable(8, category > 3);
        adaptable(9 + usize::from(category > 3), category & 1 == 1);
    }
    let extra = magnitude - CATEGORY_BASE[category];
    let probabilities = EXTRA_BITS[category];
    for (i, &probability) in probabilities.iter().enumerate() {
        let bit = (extra >> (probabilities.len() - 1 - i)) & 1 == 1;
        decision(Decision::Fixed(probability), bit);
    }
}

/// How often each adaptable decision was false and true.
#[derive(Debug, Clone)]
pub(crate) struct Statistics(Vec<[u32; 2]>);

impl Statistics {
    pub(crate) fn new() -> Self {
        Self(vec![[0; 2]; PROBABILITIES])
    }

    /// Counts a block's decisions and says whether it had any token but the end.
    pub(crate) fn count(&mut self, kind: Kind, context: usize, block: &Levels) -> bool {
        decide(kind, context, block, |decision, bit| {
            if let Decision::Adaptable(number) | Decision::Four(number, _) = decision {
                self.0[number][usize::from(bit)] += 1;
            }
        })
    }

    /// What everything counted costs with probabilities of its own, and a bit for the sign of each level, in bits.
    pub(crate) fn bits(&self) -> u64 {
        let mut cost = 0;
        for (number, &[no, yes]) in self.0.iter().enumerate() {
            let (no, yes) = (u64::from(no), u64::from(yes));
            let best = (no * 255).checked_div(no + yes).unwrap_or(255).max(1) as u8;
            cost += no * u64::from(cost_of(false, best)) + yes * u64::from(cost_of(true, best));
            // Every level is asked whether it is more than one.
            cost += if number % 11 == 2 { (no + yes) * 256 } else { 0 };
        }
        cost / 256
    }

    /// The probabilities that are the cheapest for what has been counted, with what it costs to announce them.
    pub(crate) fn probabilities(&self) -> TokenProbabilities {
        let mut out = DEFAULT_TOKENS;
        let adaptable = out.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let updates = TOKEN_UPDATES.as_flattened().as_flattened().as_flattened();
        for ((current, &update), &[no, yes]) in adaptable.iter_mut().zip(updates).zip(&self.0) {
            let total =
                |p: u8| u64::from(no) * u64::from(cost_of(false, p)) + u64::from(yes) * u64::from(cost_of(true, p));
            let (no, all) = (u64::from(no), u64::from(no) + u64::from(yes));
            let best = (no * 255).checked_div(all).unwrap_or(255).max(1) as u8;
            let keep = total(*current) + u64::from(cost_of(false, update));
            let change = total(best) + u64::from(cost_of(true, update)) + 8 * 256;
            if change < keep {
                *current = best;
            }
        }
        out
    }
}

/// Gives even odds to three and four at some zigzag indexes of luma whose averages are coded apart: the bits of `indexes`.
pub(crate) fn make_even(probabilities: &mut TokenProbabilities, indexes: u16) {
    for index in (1..16).filter(|index| indexes >> index & 1 == 1) {
        for context in &mut probabilities[Kind::LumaAc as usize][usize::from(BANDS[index])] {
            context[FOUR] = 128;
        }
    }
}

/// The category of a magnitude of 5 or more.
pub(crate) fn category(magnitude: u16) -> usize {
    CATEGORY_BASE[1..6].iter().filter(|&&base| magnitude >= base).count()
}

/// Index of the first of the eleven probabilities at a place.
fn node(kind: Kind, index: usize, context: usize) -> usize {
    ((kind as usize * 8 + usize::from(BANDS[index])) * 3 + context) * 11
}
