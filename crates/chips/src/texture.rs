//! Chips on AC coefficients: many, where texture hides them.

use crate::carriers::LOWEST;
use crate::chip::Chip;
use crate::masking::VISIBLE;

/// The lowest frequencies take part: higher ones do not survive requantisation.
const FREQUENCIES: usize = 21;
/// The same in whole vectors; the lanes beyond never hold a chip.
const LANES: usize = 24;
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
        let sign = |lane: usize, step: f32| (1.5 * VISIBLE[lane + 1] / step).round().max(1.0);
        Self {
            inverse: of(&|_, step| 1.0 / (8.0 * step)),
            sign: of(&|lane, step| {
                if LOWEST.contains(&(lane + 1)) {
                    1.0
                } else {
                    sign(lane, step)
                }
            }),
            weight: of(&|lane, step| (step / VISIBLE[lane + 1]) * (step / VISIBLE[lane + 1])),
            gain: of(&|lane, step| {
                let coarse = f32::from(coarse[lane + 1]);
                let noise = coarse * coarse / 12.0 / (0.5 * BLURRED[lane] + 0.5);
                step * step / 4.0 / noise
            }),
        }
    }

    /// No block that tolerates less than this, squared, has a chip.
    pub fn least(&self) -> f32 {
        self.weight
            .iter()
            .fold(f32::MAX, |least, weight| least.min(weight / 4.0))
    }

    /// Appends the chips of a block, in zigzag order, whose squared visible distortions add up to at most `budget`: the best
    /// first, at most `most`, none on a coefficient whose bit is set in `reserved`.
    pub fn choose(
        &self,
        block: &[i16; 64],
        number: usize,
        budget: f32,
        most: usize,
        reserved: u64,
        chips: &mut Vec<Chip>,
    ) {
        let found = self.candidates(block);
        let mut order = [(0.0_f32, 0_usize); LANES];
        let mut count = 0;
        for (lane, (&score, &distortion)) in found.score.iter().zip(&found.distortion).enumerate() {
            if score > 0.0 && distortion <= budget && reserved >> (lane + 1) & 1 == 0 {
                order[count] = (score, lane);
                count += 1;
            }
        }
        order[..count].sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut taken = 0_u32;
        let mut spent = 0.0;
        for &(_, lane) in &order[..count] {
            if spent + found.distortion[lane] <= budget && (taken.count_ones() as usize) < most {
                spent += found.distortion[lane];
                taken |= 1 << lane;
            }
        }
        while taken != 0 {
            let lane = taken.trailing_zeros() as usize;
            taken &= taken - 1;
            chips.push(Chip {
                block: number,
                index: lane + 1,
                low: found.low[lane] as i16,
                high: found.high[lane] as i16,
            });
        }
    }

    /// The best two levels for each frequency. Three kinds are tried: both signs of a coefficient near zero, the two levels
    /// around the true value, and the two around the nearest level. A plain loop over lanes, without branches, for SIMD.
    #[inline(always)]
    fn candidates(&self, block: &[i16; 64]) -> Candidates {
        let mut found = Candidates::default();
        for lane in 0..LANES {
            let value = f32::from(block[lane + 1]) * self.inverse[lane];
            let (gain, weight) = (self.gain[lane], self.weight[lane]);
            // The score of a pair of levels, and its distortion; 0 if it is not valid.
            let judge = |low: f32, high: f32, valid: bool, bits: f32| {
                let (down, up) = (low - value, high - value);
                let distortion = (down * down + up * up) * 0.5 * weight;
                let separation = high - low;
                let score = separation * separation * gain / (distortion + RATE * bits);
                (if valid { score } else { 0.0 }, distortion)
            };
            let (nearest, integer) = round(value);
            let above = nearest > value;
            let below = if above { nearest - 1.0 } else { nearest };
            let below_integer = if above { integer - 1 } else { integer };
            let sign = self.sign[lane];
            let (signs, signs_distortion) = judge(-sign, sign, value.abs() < 0.75, BITS_OF_SIGN);
            let (closest, closest_distortion) = judge(below, below + 1.0, adjacent(below_integer), BITS_OF_LEVEL);
            let (wide, wide_distortion) = judge(nearest - 1.0, nearest + 1.0, around(integer), BITS_OF_LEVEL);

            let (mut score, mut low, mut high, mut distortion) = (signs, -sign, sign, signs_distortion);
            let better = closest > score;
            score = if better { closest } else { score };
            low = if better { below } else { low };
            high = if better { below + 1.0 } else { high };
            distortion = if better { closest_distortion } else { distortion };
            let better = wide > score;
            found.score[lane] = if better { wide } else { score };
            found.low[lane] = if better { nearest - 1.0 } else { low };
            found.high[lane] = if better { nearest + 1.0 } else { high };
            found.distortion[lane] = if better { wide_distortion } else { distortion };
        }
        found
    }
}

#[derive(Default)]
struct Candidates {
    /// 0 where there is none.
    score: [f32; LANES],
    low: [f32; LANES],
    high: [f32; LANES],
    /// Squared, in units of what is just visible.
    distortion: [f32; LANES],
}

/// The nearest integer, of ties the even one, for magnitudes below 2^22.
#[inline(always)]
fn round(value: f32) -> (f32, i32) {
    /// Adding 1.5 * 2^23 leaves a sum no fraction bits.
    const LARGE: f32 = 12_582_912.0;
    let sum = value + LARGE;
    (sum - LARGE, sum.to_bits().cast_signed() - LARGE.to_bits().cast_signed())
}

/// Whether a level and the next one have the same sign and size category: the larger magnitude begins no category.
#[inline(always)]
fn adjacent(level: i32) -> bool {
    let larger = level.abs().max((level + 1).abs());
    (larger >= 2) & (larger & (larger - 1) != 0)
}

/// The same for the levels on both sides of one.
#[inline(always)]
fn around(level: i32) -> bool {
    let level = level.abs();
    (level >= 2) & (level & (level - 1) != 0) & (level & (level + 1) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::same_category;

    #[test]
    fn neighbours_are_those_of_one_category_and_sign() {
        for level in -600..600 {
            let same = |a: i32, b: i32| same_category(a, b) && (a < 0) == (b < 0);
            assert_eq!(adjacent(level), same(level, level + 1), "{level}");
            assert_eq!(around(level), same(level - 1, level + 1), "{level}");
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
            frequencies.choose(&block, 3, budget, most, reserved, &mut chips);
            chips
        };
        let all = chips(1e6, 64, 0);
        assert!(all.len() > 10 && all.is_sorted_by_key(|chip| chip.index));
        assert!(
            all.iter()
                .all(|chip| chip.low < chip.high && same_category(chip.low.into(), chip.high.into()))
        );
        assert_eq!(chips(1e6, 4, 0).len(), 4);
        assert_eq!(chips(frequencies.least() * 0.99, 64, 0), []);
        let few = chips(10.0, 64, 0);
        assert!(!few.is_empty() && few.len() < all.len());
        assert!(chips(1e6, 64, 0b1110).iter().all(|chip| chip.index > 3));
    }
}
