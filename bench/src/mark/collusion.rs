//! What several clients can make of their copies of one picture.

use distortion::Picture;
use jpeg::Coefficients;

/// A way to mix copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The mean of every sample.
    Average,
    /// Squares of 32 by 32 pixels, each from one copy.
    Tiles,
    /// The middle sample.
    Median,
    /// Least plus greatest minus middle ("modified negative", Zhao, Wu, Wang, Liu 2005).
    ModifiedNegative,
    /// Every coefficient from one copy.
    Interleave,
    /// The level of a coefficient that the fewest copies have.
    Minority,
    /// One of the levels of a coefficient, whatever how many copies have it.
    Coin,
}

/// All of them.
pub const STRATEGIES: [Strategy; 7] = [
    Strategy::Average,
    Strategy::Tiles,
    Strategy::Median,
    Strategy::ModifiedNegative,
    Strategy::Interleave,
    Strategy::Minority,
    Strategy::Coin,
];

/// Side of a tile in pixels.
const TILE: usize = 32;

impl Strategy {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Average => "avg",
            Self::Tiles => "tiles",
            Self::Median => "median",
            Self::ModifiedNegative => "modneg",
            Self::Interleave => "coef-interleave",
            Self::Minority => "coef-minority",
            Self::Coin => "coef-coin",
        }
    }

    /// Whether so many copies can be mixed like this, and not just as by another strategy.
    pub fn suits(self, copies: usize) -> bool {
        copies > 2 || !matches!(self, Self::Median | Self::ModifiedNegative)
    }

    /// Whether it mixes coefficients, and not pixels.
    pub fn mixes_coefficients(self) -> bool {
        matches!(self, Self::Interleave | Self::Minority | Self::Coin)
    }

    /// Mixes pictures of one size by their samples.
    pub fn mix_pixels(self, copies: &[Picture], dice: &mut Dice) -> Picture {
        let first = &copies[0];
        let across = first.width.div_ceil(TILE);
        let tiles: Vec<usize> = (0..across * first.height.div_ceil(TILE))
            .map(|_| dice.below(copies.len()))
            .collect();
        let mut samples = vec![0; copies.len()];
        let mut mix = |at: usize| {
            for (sample, copy) in samples.iter_mut().zip(copies) {
                *sample = copy.rgb[at];
            }
            let (x, y) = (at / 3 % first.width, at / 3 / first.width);
            match self {
                Self::Tiles => samples[tiles[y / TILE * across + x / TILE]],
                Self::Median => middle(&mut samples).round() as u8,
                Self::ModifiedNegative => {
                    let middle = middle(&mut samples);
                    let ends = f32::from(samples[0]) + f32::from(samples[samples.len() - 1]);
                    (ends - middle).round().clamp(0.0, 255.0) as u8
                }
                _ => {
                    let sum: usize = samples.iter().map(|&sample| usize::from(sample)).sum();
                    ((2 * sum + samples.len()) / (2 * samples.len())) as u8
                }
            }
        };
        Picture {
            rgb: (0..first.rgb.len()).map(&mut mix).collect(),
            ..*first
        }
    }

    /// Mixes files of one geometry by their coefficients.
    pub fn mix_coefficients(self, copies: &[Coefficients], dice: &mut Dice) -> Coefficients {
        let mut mixed = copies[0].clone();
        let mut levels = vec![0; copies.len()];
        for (place, component) in mixed.components.iter_mut().enumerate() {
            for (block, values) in component.blocks.iter_mut().enumerate() {
                for (index, value) in values.iter_mut().enumerate() {
                    for (level, copy) in levels.iter_mut().zip(copies) {
                        *level = copy.components[place].blocks[block][index];
                    }
                    if levels.iter().any(|level| *level != levels[0]) {
                        *value = self.choose(&levels, dice);
                    }
                }
            }
        }
        mixed
    }

    fn choose(self, levels: &[i16], dice: &mut Dice) -> i16 {
        let mut distinct = levels.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let votes = |level: i16| levels.iter().filter(|other| **other == level).count();
        match self {
            Self::Coin => distinct[dice.below(distinct.len())],
            Self::Minority => {
                let least = distinct.iter().map(|&level| votes(level)).min().unwrap_or(0);
                distinct.retain(|&level| votes(level) == least);
                distinct[dice.below(distinct.len())]
            }
            _ => levels[dice.below(levels.len())],
        }
    }
}

/// The middle of the samples, which are sorted by that.
fn middle(samples: &mut [u8]) -> f32 {
    samples.sort_unstable();
    let half = samples.len() / 2;
    (f32::from(samples[half]) + f32::from(samples[(samples.len() - 1) / 2])) / 2.0
}

/// A small generator, so that a run can be repeated (Steele, Lea and Flood 2014).
pub struct Dice(u64);

impl Dice {
    /// Starts from whatever distinguishes this throw from others.
    pub fn new(seed: u64, of: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(of.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ value >> 31) >> 33) as usize % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(strategy: Strategy) -> [u8; 3] {
        let copy = |rgb: [u8; 3]| Picture::new(1, 1, rgb.to_vec()).unwrap();
        let copies = [copy([10, 0, 7]), copy([20, 0, 7]), copy([90, 30, 7])];
        let rgb = strategy.mix_pixels(&copies, &mut Dice::new(1, "")).rgb;
        [rgb[0], rgb[1], rgb[2]]
    }

    #[test]
    fn samples_are_mixed_as_the_names_say() {
        assert_eq!(mixed(Strategy::Average), [40, 10, 7]);
        assert_eq!(mixed(Strategy::Median), [20, 0, 7]);
        assert_eq!(mixed(Strategy::ModifiedNegative), [80, 30, 7]);
        assert!([10, 20, 90].contains(&mixed(Strategy::Tiles)[0]));
    }

    #[test]
    fn levels_are_chosen_as_the_names_say() {
        let mut dice = Dice::new(1, "");
        for _ in 0..50 {
            assert_eq!(Strategy::Minority.choose(&[4, 4, 5], &mut dice), 5);
            assert!([4, 5].contains(&Strategy::Coin.choose(&[4, 4, 5], &mut dice)));
        }
        let fives = (0..3000).filter(|_| Strategy::Interleave.choose(&[4, 4, 5], &mut dice) == 5);
        assert!((850..1150).contains(&fives.count()));
    }
}
