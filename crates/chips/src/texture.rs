//! Chips on AC coefficients: many, where texture hides them.

mod classes;

use crate::carriers::LOWEST;
use crate::masking::{VISIBLE, least};
use classes::{Ranks, classes};

/// The frequencies that take part, by their places in the zigzag sequence; higher ones do not survive requantisation. First those of which
/// a chip that distorts as much as another is the furthest apart, in units of the noise that requantisation and a blur of one pixel
/// make: the square of what is just visible (Watson 1993) over that of libjpeg's steps for quality 50.
const ORDER: [u8; 21] = [
    4, 12, 20, 5, 10, 9, 18, 1, 8, 6, 17, 2, 7, 14, 3, 11, 21, 19, 13, 15, 16,
];
/// The same in whole vectors; those beyond never hold a chip.
const RANKS: usize = 24;
/// The least squared distortions of two successive levels, in steps, by how far the true value is from both, in eighths of a step.
const LEAST_OF_HALVES: f32 = 0.25;
const LEAST_OF_WHOLES: f32 = 0.34;

/// What the quantisation steps say of each frequency.
pub(crate) struct Frequencies {
    /// By their turns.
    steps: [Steps; 64],
    /// The part of a step that an eighth of a DCT unit is, in 2^-15, in zigzag order from the second on.
    inverse: [i16; RANKS],
    within: [Within; BUDGETS],
    least: f32,
}

/// Of one frequency.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    index: usize,
    /// The bit of the place in [`ORDER`].
    rank: Ranks,
    /// Levels in an eighth of a DCT unit.
    inverse: f32,
    /// The level of a sign chip: far enough apart to be told apart, and at least one.
    sign: i16,
    /// Squared distortion in levels to what is just visible.
    weight: f32,
}

/// Frequencies that can have a chip within a budget, at all.
#[derive(Debug, Clone, Copy, Default)]
struct Within {
    halves: Ranks,
    wholes: Ranks,
    wide: Ranks,
    signs: Ranks,
}

/// Budgets from 2^-6 to 2^14, eight to each power of two.
const BUDGETS: usize = 160;
const LEAST_BUDGET: u32 = (127 - 6) << 3;

/// The place of a budget in [`Frequencies::within`].
#[inline(always)]
fn place(budget: f32) -> usize {
    ((budget.to_bits() >> 20).saturating_sub(LEAST_BUDGET) as usize).min(BUDGETS - 1)
}

impl Frequencies {
    /// Of the quantisation steps in zigzag order.
    pub fn new(quant: &[u16; 64]) -> Self {
        let steps: [Steps; 64] = std::array::from_fn(|turn| {
            let rank = usize::from(RANK_OF_TURN[turn]).min(ORDER.len() - 1);
            let index = usize::from(ORDER[rank]);
            let step = f32::from(quant[index]);
            let sign = (1.5 * VISIBLE[index] / step).round().max(1.0);
            Steps {
                index,
                rank: 1 << rank,
                inverse: 1.0 / (8.0 * step),
                sign: if LOWEST.contains(&index) { 1 } else { sign as i16 },
                weight: (step / VISIBLE[index]) * (step / VISIBLE[index]),
            }
        });
        let mut within = [Within::default(); BUDGETS];
        for steps in &steps {
            within[place(steps.weight * LEAST_OF_HALVES)].halves |= steps.rank;
            within[place(steps.weight * LEAST_OF_WHOLES)].wholes |= steps.rank;
            within[place(steps.weight)].wide |= steps.rank;
            within[place(steps.of_signs(0.0))].signs |= steps.rank;
        }
        let mut all = Within::default();
        for within in &mut within {
            all = Within {
                halves: all.halves | within.halves,
                wholes: all.wholes | within.wholes,
                wide: all.wide | within.wide,
                signs: all.signs | within.signs,
            };
            *within = all;
        }
        let weights = steps.iter().map(|steps| steps.weight);
        Self {
            steps,
            inverse: std::array::from_fn(|lane| {
                let inverse = 32768.0 / quant.get(lane + 1).map_or(1.0, |&step| f32::from(step));
                inverse.round_ties_even() as i16
            }),
            least: weights.fold(f32::MAX, least) * LEAST_OF_HALVES,
            within,
        }
    }

    /// No block that tolerates less than this, squared, has a chip.
    pub fn least(&self) -> f32 {
        self.least
    }

    /// Chooses the chips of a block whose squared visible distortions add up to at most `budget`: the best first, at most `most`,
    /// none on a coefficient whose bit is set in `reserved`. Calls `chosen` with them in that order, each with the sum of
    /// distortions up to it: with less of a budget than that, it would not be among them.
    #[inline(always)]
    pub fn choose(
        &self,
        block: &[i16; 64],
        (budget, mut most, reserved): (f32, usize, u64),
        signs_first: bool,
        mut chosen: impl FnMut(Pair, f32),
    ) {
        let classes = classes(block, &self.inverse);
        let mut left = Ranks::MAX;
        if reserved >> 1 != 0 {
            left = ORDER.iter().enumerate().fold(0, |left, (rank, index)| {
                left | Ranks::from(reserved >> index & 1 == 0) << rank
            });
        }
        let mut spent = 0.0;
        while most > 0 {
            let room = budget - spent;
            let within = &self.within[place(room)];
            let (wide, signs) = (classes.wide & within.wide, classes.signs & within.signs);
            let first = classes.halves & within.halves | wide | if signs_first { signs } else { 0 };
            let turns = in_turns([first, classes.wholes & within.wholes, signs].map(|ranks| ranks & left));
            if turns == 0 {
                break;
            }
            let steps = &self.steps[turns.trailing_zeros() as usize & 63];
            left &= !steps.rank;
            let eighths = block[steps.index & 63];
            let found = if signs & steps.rank == 0 {
                steps.levels(eighths, room, wide & steps.rank != 0)
            } else {
                steps.signs(eighths, room)
            };
            if let Some((pair, distortion)) = found {
                spent += distortion;
                most -= 1;
                chosen(pair, spent);
            }
        }
    }
}

impl Steps {
    /// The squared distortion of both signs for so many levels, up to one.
    #[inline(always)]
    fn of_signs(&self, value: f32) -> f32 {
        (f32::from(self.sign) * f32::from(self.sign) + value * value) * self.weight
    }

    /// Both signs for a coefficient in eighths near zero, and their squared distortion, if that is within `room`.
    #[inline(always)]
    fn signs(&self, eighths: i16, room: f32) -> Option<(Pair, f32)> {
        let value = f32::from(eighths) * self.inverse;
        let distortion = self.of_signs(value);
        let pair = Pair {
            index: self.index,
            low: -self.sign,
            high: self.sign,
            nearest: round(value).1 as i16,
        };
        (distortion <= room).then_some((pair, distortion))
    }

    /// The two levels around another coefficient, or those around the nearest level, and their squared distortion, if that is within
    /// `room` and they have the same size category. Without branches, which nobody could foresee.
    #[inline(always)]
    fn levels(&self, eighths: i16, room: f32, wide: bool) -> Option<(Pair, f32)> {
        let value = f32::from(eighths).abs() * self.inverse;
        let (nearest, magnitude) = round(value);
        let rest = value - nearest;
        let square = rest * rest;
        let distortion = if wide { square + 1.0 } else { square - rest.abs() + 0.5 } * self.weight;
        let small = magnitude - i32::from(wide | (value < nearest));
        let large = small + 1 + i32::from(wide);
        let negative = i32::from(eighths) >> 31;
        let sign = |level: i32| ((level ^ negative) - negative) as i16;
        let (low, high) = if negative != 0 { (large, small) } else { (small, large) };
        let pair = Pair {
            index: self.index,
            low: sign(low),
            high: sign(high),
            nearest: sign(magnitude),
        };
        (is_of_one_category(small, large) & (distortion <= room)).then_some((pair, distortion))
    }
}

/// Two levels of a coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Place in the zigzag sequence.
    pub index: usize,
    pub low: i16,
    pub high: i16,
    /// The level that would be there without a mark.
    pub nearest: i16,
}

/// The turns of ranks that are first in their frequencies, of those that are half as good, and of signs, which come last of all: sixteen
/// of the first, eight of the second, the rest of the first, the rest of the second, and sixteen signs.
#[inline(always)]
fn in_turns(ranks: [Ranks; 3]) -> u64 {
    let [first, second, signs] = ranks.map(u64::from);
    first & 0xFFFF | (second & 0xFF) << 16 | (first & 0xFF_0000) << 8 | (second & 0xFF_FF00) << 24 | signs << 48
}

const RANK_OF_TURN: [u8; 64] = {
    let mut ranks = [0; 64];
    let mut turn = 0;
    while turn < 64 {
        ranks[turn] = match turn {
            0..16 => turn as u8,
            16..24 => turn as u8 - 16,
            24..32 => turn as u8 - 8,
            32..48 => turn as u8 - 24,
            _ => turn as u8 - 48,
        };
        turn += 1;
    }
    ranks
};

/// The nearest integer, of ties the even one, for magnitudes below 2^22.
#[inline(always)]
pub(crate) fn round(value: f32) -> (f32, i32) {
    /// Adding 1.5 * 2^23 leaves a sum no fraction bits.
    const LARGE: f32 = 12_582_912.0;
    let sum = value + LARGE;
    (sum - LARGE, sum.to_bits().cast_signed() - LARGE.to_bits().cast_signed())
}

/// Whether two magnitudes, the second the larger, have the same size category and are not zero: they differ below their highest bit.
#[inline(always)]
fn is_of_one_category(small: i32, large: i32) -> bool {
    small ^ large <= small
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::same_category;

    #[test]
    fn neighbours_are_those_of_one_category() {
        for (small, more) in (0..600).flat_map(|small| (1..=2).map(move |more| (small, more))) {
            let large = small + more;
            assert_eq!(
                is_of_one_category(small, large),
                same_category(small, large),
                "{small} {large}"
            );
        }
        for tenths in -1000..1000 {
            let value = tenths as f32 / 10.0;
            assert_eq!(round(value), (value.round_ties_even(), value.round_ties_even() as i32));
        }
    }

    #[test]
    fn the_first_frequencies_have_the_most_for_what_is_seen_of_them() {
        // Rows and columns of the zigzag sequence.
        let mut places: Vec<_> = (0..64_u8).map(|place| (place / 8, place % 8)).collect();
        places.sort_by_key(|&(row, column)| {
            let along = if (row + column) % 2 == 0 { column } else { row };
            (row + column, along)
        });
        let coarse = jpeg::luminance(50);
        let worth = |index: u8| {
            let index = usize::from(index);
            let (row, column) = places[index];
            let frequency = f32::from(row * row + column * column).sqrt() / 16.0;
            let blurred = (-(2.0 * std::f32::consts::PI * frequency).powi(2)).exp();
            let noise = f32::from(coarse[index]).powi(2) / (0.5 * blurred + 0.5);
            VISIBLE[index].powi(2) / noise
        };
        assert!(ORDER.is_sorted_by(|&first, &next| worth(first) >= worth(next)));
    }

    #[test]
    fn chips_keep_to_the_budget_and_leave_alone_what_is_reserved() {
        let frequencies = Frequencies::new(&jpeg::luminance(80));
        let block = std::array::from_fn(|n| (i16::try_from(n * 37 % 61).unwrap() - 30) * 16);
        let chips = |budget, most, reserved| {
            let mut chips = Vec::new();
            frequencies.choose(&block, (budget, most, reserved), false, |pair, spent| {
                assert!(spent <= budget);
                chips.push(pair);
            });
            chips
        };
        let all = chips(1e6, 64, 0);
        assert!(all.len() > 10 && all.iter().all(|pair| (1..=21).contains(&pair.index)));
        assert!(
            all.iter()
                .all(|pair| pair.low < pair.high && same_category(pair.low.into(), pair.high.into()))
        );
        assert!(all.iter().all(|pair| (pair.low..=pair.high).contains(&pair.nearest)));
        assert_eq!(chips(1e6, 4, 0).len(), 4);
        assert_eq!(chips(frequencies.least() * 0.99, 64, 0), []);
        let few = chips(10.0, 64, 0);
        assert!(!few.is_empty() && few.len() < all.len());
        assert!(chips(1e6, 64, 0b1110).iter().all(|pair| pair.index > 3));
    }
}
