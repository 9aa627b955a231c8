//! Chips on AC coefficients: many, where texture hides them.

use crate::carriers::LOWEST;
use crate::masking::VISIBLE;

/// The lowest frequencies take part: higher ones do not survive requantisation.
const FREQUENCIES: usize = 21;
/// The same in whole vectors; the lanes beyond never hold a chip.
const LANES: usize = 24;
/// Lanes that are left out together where there is nothing.
const GROUP: usize = 8;
/// Bits that a coefficient costs that would have been zero, and what a change of level costs on average.
const BITS_OF_SIGN: f32 = 6.0;
const BITS_OF_LEVEL: f32 = 0.2;
/// What a bit weighs against distortion.
const RATE: f32 = 0.1;
/// Squares of what a Gaussian blur of one pixel leaves of each frequency, exp(-2 (pi f)^2), from the second in zigzag order on.
const BLURRED: [f32; FREQUENCIES] = [
    0.8571, 0.8571, 0.5396, 0.7346, 0.5396, 0.2496, 0.4625, 0.4625, 0.2496, 0.0848, 0.2139, 0.2912, 0.2139, 0.0848,
    0.0212, 0.0727, 0.1347, 0.1347, 0.0727, 0.0212, 0.0039,
];

/// What the quantisation steps say of each frequency.
pub(crate) struct Frequencies {
    /// Levels in an eighth of a DCT unit.
    inverse: [f32; LANES],
    /// The level of a sign chip: far enough apart to be told apart, and at least one.
    sign: [f32; LANES],
    /// Squared distortion in levels to what is just visible.
    weight: [f32; LANES],
    /// Squared separation in levels to the noise that requantisation and blur make.
    gain: [f32; LANES],
    /// The least squared distortion of a sign chip in each [`GROUP`], and of any chip.
    least_of_signs: [f32; LANES / GROUP],
    least: [f32; LANES / GROUP],
}

impl Frequencies {
    /// Of the quantisation steps in zigzag order.
    pub fn new(quant: &[u16; 64]) -> Self {
        let coarse = jpeg::luminance(50);
        let of = |f: &dyn Fn(usize, f32) -> f32| {
            std::array::from_fn(|lane| {
                let step = quant.get(lane + 1).filter(|_| lane < FREQUENCIES);
                step.map_or(0.0, |&step| f(lane, f32::from(step)))
            })
        };
        let sign: [f32; LANES] = of(&|lane, step| {
            if LOWEST.contains(&(lane + 1)) {
                1.0
            } else {
                (1.5 * VISIBLE[lane + 1] / step).round().max(1.0)
            }
        });
        let weight: [f32; LANES] = of(&|lane, step| (step / VISIBLE[lane + 1]) * (step / VISIBLE[lane + 1]));
        let least = |of: &dyn Fn(usize) -> f32| {
            std::array::from_fn(|group| {
                let lanes = group * GROUP..((group + 1) * GROUP).min(FREQUENCIES);
                lanes.map(of).fold(f32::MAX, f32::min)
            })
        };
        Self {
            inverse: of(&|_, step| 1.0 / (8.0 * step)),
            least_of_signs: least(&|lane| sign[lane] * sign[lane] * weight[lane]),
            least: least(&|lane| weight[lane] / 4.0),
            sign,
            weight,
            gain: of(&|lane, step| {
                let coarse = f32::from(coarse[lane + 1]);
                let noise = coarse * coarse / 12.0 / (0.5 * BLURRED[lane] + 0.5);
                step * step / 4.0 / noise
            }),
        }
    }

    /// No block that tolerates less than this, squared, has a chip.
    pub fn least(&self) -> f32 {
        self.least.into_iter().fold(f32::MAX, f32::min)
    }

    /// Chooses the chips of a block whose squared visible distortions add up to at most `budget`: the best first, at most `most`,
    /// none on a coefficient whose bit is set in `reserved`. Calls `chosen` with them in zigzag order, each with the sum of
    /// distortions up to it in the order of choice: with less of a budget than that, it would not be among them.
    #[inline(always)]
    pub fn choose(
        &self,
        block: &[i16; 64],
        (budget, most, reserved): (f32, usize, u64),
        mut chosen: impl FnMut(Pair, f32),
    ) {
        let Candidates { mut keys, distortions } = self.candidates(block, budget);
        let mut reserved = reserved >> 1;
        while reserved != 0 {
            if let Some(key) = keys.get_mut(reserved.trailing_zeros() as usize) {
                *key = 0;
            }
            reserved &= reserved - 1;
        }
        let mut taken = [(0, 0.0); LANE + 1];
        let mut lanes = 0_u32;
        let mut spent = 0.0;
        for _ in 0..most {
            let best = keys.iter().fold(0, |best, &key| best.max(key));
            if best == 0 {
                break;
            }
            let lane = best as usize & LANE;
            spent += distortions.get(lane).copied().unwrap_or_default();
            taken[lane] = (best, spent);
            lanes |= 1 << lane;
            let room = budget - spent;
            // What does not fit now will not later, because the sum only grows.
            for (key, &distortion) in keys.iter_mut().zip(&distortions) {
                let keep = (distortion <= room) & (*key != best);
                *key = if keep { *key } else { 0 };
            }
        }
        while lanes != 0 {
            let lane = lanes.trailing_zeros() as usize & LANE;
            lanes &= lanes - 1;
            let (key, spent) = taken[lane];
            chosen(self.pair(block, lane, key), spent);
        }
    }

    /// Whether a chip can be among these lanes, within this budget: below a level of two, no two of one sign have the same category.
    #[inline(always)]
    fn can_have(&self, block: &[i16; 64], group: usize, budget: f32) -> bool {
        let mut any = budget >= self.least_of_signs[group];
        for lane in group * GROUP..(group + 1) * GROUP {
            any |= (f32::from(block[lane + 1]) * self.inverse[lane]).abs() >= 2.0;
        }
        any
    }

    /// The levels that a key stands for.
    #[inline(always)]
    fn pair(&self, block: &[i16; 64], lane: usize, key: u32) -> Pair {
        let lane = lane.min(LANES - 1);
        let value = f32::from(block[lane + 1]) * self.inverse[lane];
        let magnitude = round(value.abs()).1;
        let (small, large) = match key & KIND {
            SIGNS => (-(self.sign[lane] as i32), self.sign[lane] as i32),
            WIDE => (magnitude - 1, magnitude + 1),
            _ if value.abs() < magnitude as f32 => (magnitude - 1, magnitude),
            _ => (magnitude, magnitude + 1),
        };
        let (low, high) = if value < 0.0 { (-large, -small) } else { (small, large) };
        Pair {
            index: lane + 1,
            low: low as i16,
            high: high as i16,
            nearest: round(value).1 as i16,
        }
    }

    /// The best two levels for each frequency, of those whose distortion is within `budget`. Three kinds are tried: both signs of
    /// a coefficient near zero, the two levels around the true value, and the two around the nearest level. A plain loop over
    /// lanes, without branches, for SIMD.
    #[inline(always)]
    fn candidates(&self, block: &[i16; 64], budget: f32) -> Candidates {
        let mut found = Candidates {
            keys: [0; LANES],
            distortions: [0.0; LANES],
        };
        for group in 0..LANES / GROUP {
            if budget < self.least[group] || !self.can_have(block, group, budget) {
                continue;
            }
            for lane in group * GROUP..(group + 1) * GROUP {
                let value = (f32::from(block[lane + 1]) * self.inverse[lane]).abs();
                let (gain, weight) = (self.gain[lane], self.weight[lane]);
                let (nearest, magnitude) = round(value);
                let rest = (value - nearest).abs();
                let square = rest * rest;

                // The levels around the true value, and those around the nearest, which are twice as far apart. Scores are fractions, and
                // those with the same numerator are compared by their denominators: a division takes as long as all the rest.
                let closest_distortion = (square - rest + 0.5) * weight;
                let larger = magnitude + i32::from(value >= nearest);
                let closest = adjacent(larger) & (closest_distortion <= budget);
                let wide_distortion = (square + 1.0) * weight;
                let is_better = wide_distortion < 4.0 * closest_distortion + 3.0 * RATE * BITS_OF_LEVEL;
                let wide = around(magnitude) & (wide_distortion <= budget) & (is_better | !closest);
                // Both signs, where those are impossible.
                let sign = self.sign[lane] * self.sign[lane];
                let sign_distortion = (sign + value * value) * weight;
                let signs = (value < 0.75) & (sign_distortion <= budget);

                let separation = if wide { 4.0 } else { 1.0 };
                let separation = if signs { 4.0 * sign } else { separation };
                let distortion = if wide { wide_distortion } else { closest_distortion };
                let distortion = if signs { sign_distortion } else { distortion };
                let bits = if signs {
                    RATE * BITS_OF_SIGN
                } else {
                    RATE * BITS_OF_LEVEL
                };
                let kind = if wide { WIDE } else { CLOSEST };
                let kind = if signs { SIGNS } else { kind };
                let score = separation * gain / (distortion + bits);
                // Positive numbers are in the order of their bits.
                let key = score.to_bits() & !(KIND | LANE as u32) | kind | lane as u32;
                found.keys[lane] = if (closest | wide | signs) & (score > 0.0) {
                    key
                } else {
                    0
                };
                found.distortions[lane] = distortion;
            }
        }
        found
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

/// What a key's low bits say: the lane and the kind of pair. Above them is the score.
const LANE: usize = 0x1F;
const KIND: u32 = 0x60;
const CLOSEST: u32 = 0x00;
const WIDE: u32 = 0x20;
const SIGNS: u32 = 0x40;

struct Candidates {
    /// 0 where there is none.
    keys: [u32; LANES],
    /// Squared, in units of what is just visible.
    distortions: [f32; LANES],
}

/// The nearest integer, of ties the even one, for magnitudes below 2^22.
#[inline(always)]
fn round(value: f32) -> (f32, i32) {
    /// Adding 1.5 * 2^23 leaves a sum no fraction bits.
    const LARGE: f32 = 12_582_912.0;
    let sum = value + LARGE;
    (sum - LARGE, sum.to_bits().cast_signed() - LARGE.to_bits().cast_signed())
}

/// Whether a magnitude and the one below it have the same size category: the larger begins none.
#[inline(always)]
fn adjacent(larger: i32) -> bool {
    larger & (larger - 1) != 0
}

/// The same for the magnitudes on both sides of one.
#[inline(always)]
fn around(magnitude: i32) -> bool {
    (magnitude & (magnitude - 1) != 0) & (magnitude & (magnitude + 1) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::same_category;

    #[test]
    fn neighbours_are_those_of_one_category() {
        for level in 0..600 {
            assert_eq!(adjacent(level), same_category(level, level - 1), "{level}");
            assert_eq!(
                around(level),
                same_category(level - 1, level + 1) && level > 0,
                "{level}"
            );
        }
        for tenths in -1000..1000 {
            let value = tenths as f32 / 10.0;
            assert_eq!(round(value), (value.round_ties_even(), value.round_ties_even() as i32));
        }
    }

    #[test]
    fn chips_keep_to_the_budget_and_leave_alone_what_is_reserved() {
        let frequencies = Frequencies::new(&jpeg::luminance(80));
        let block = std::array::from_fn(|n| (i16::try_from(n * 37 % 61).unwrap() - 30) * 16);
        let chips = |budget, most, reserved| {
            let mut chips = Vec::new();
            frequencies.choose(&block, (budget, most, reserved), |pair, spent| {
                assert!(spent <= budget);
                chips.push(pair);
            });
            chips
        };
        let all = chips(1e6, 64, 0);
        assert!(all.len() > 10 && all.is_sorted_by_key(|pair| pair.index));
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
