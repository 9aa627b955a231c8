//! How much all marks of a picture may do together: to its pixels, to the file, and to what is kept of it.

use jpeg::{Component, Spectrum};

use crate::strength::runs;

/// Mean squared error, in squared grey levels, that all marks together make where the score is enough, and at most: 51.8 dB and
/// 51.4 dB, of which rounding to pixels leaves more than 50.
const USUAL_ERROR: f32 = 0.43;
const MOST_ERROR: f32 = 0.47;
/// The part of the file's bits that signs may add, and what each adds at most.
const MOST_BITS: f32 = 0.013;
const BITS_OF_SIGN: f32 = 4.6;
/// The part that signs and carriers may add together, and what each of these adds in calm pictures, where carriers add any. The part
/// that signs may add whatever carriers do.
const MOST_BITS_OF_BOTH: f32 = 0.0165;
const BITS_OF_EITHER: f32 = 3.0;
const LEAST_BITS: f32 = 0.0025;
/// The part of the file's bytes that tables may have, a byte for each bit that is inverted, of which so much is left to entries that
/// only move.
const MOST_TABLES: f32 = 0.39;
const MOVES: f32 = 0.03;
/// The predicted score beyond which a picture gets no more chips: each makes every copy dearer, and the picture a little worse. What there is
/// above [`ENOUGH`](crate::strength::ENOUGH) is for coalitions.
const PLENTY: f32 = 48.0;
/// About how many bits a file takes for each coefficient that is not zero, for each of four levels or more besides, and for each block
/// of luma: the benchmark's photographs are taken for 0.91 to 1.15 times as long as they are, at qualities from 50 to 95.
const BITS_OF_COEFFICIENT: f32 = 4.6;
const BITS_OF_LARGE: f32 = 5.2;
const BITS_OF_BLOCK: f32 = 7.5;

/// What the carriers of the fragile mark do to a picture.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fragile {
    /// The sum of their squared errors, in squared DCT units.
    pub error: f32,
    /// How many they are, and how many of them would be zero without a mark.
    pub carriers: usize,
    pub zeros: usize,
}

/// What chips may do together, at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// The sum of their squared errors, in squared DCT units.
    pub error: f32,
    /// How many coefficients that would be zero they take.
    pub signs: usize,
    /// How many bits of the file they invert.
    pub inverted: u32,
    /// Their predicted score: there are no more chips than reach it.
    pub score: f32,
}

impl Most {
    /// What is left of each in a picture with these carriers; `order` names its luma blocks in coding order.
    pub fn of(spectrum: &Spectrum, order: &[usize], fragile: &Fragile) -> Self {
        let (width, height) = spectrum.sides();
        let bits = bits(spectrum.components(), order);
        let zeros = fragile.zeros as f32 * BITS_OF_EITHER;
        let signs = (MOST_BITS * bits / BITS_OF_SIGN)
            .min((MOST_BITS_OF_BOTH * bits - zeros) / BITS_OF_EITHER)
            .max(LEAST_BITS * bits / BITS_OF_SIGN);
        let tables = (MOST_TABLES - MOVES) * bits / 8.0;
        Self {
            error: MOST_ERROR * f32::from(width) * f32::from(height) - fragile.error,
            signs: signs as usize,
            inverted: (tables - fragile.carriers as f32) as u32,
            score: PLENTY,
        }
    }

    /// The same with another score.
    pub fn until(self, score: f32) -> Self {
        Self { score, ..self }
    }

    /// The same of a part that stands for all of the picture and whose score turned out to be another: the picture's is so many times as high.
    pub fn of_part(self, scale: f32) -> Self {
        let share = scale * scale;
        Self {
            error: self.error / share,
            signs: (self.signs as f32 / share) as usize,
            inverted: (self.inverted as f32 / share) as u32,
            score: self.score / scale,
        }
    }

    /// The same for a picture of these sides where no more than the usual error is needed.
    pub fn usual(self, (width, height): (u16, u16)) -> Self {
        Self {
            error: self.error - (MOST_ERROR - USUAL_ERROR) * f32::from(width) * f32::from(height),
            ..self
        }
    }
}

/// About how many bits a picture takes, by a part of it.
fn bits(components: &[Component], order: &[usize]) -> f32 {
    let mut bits = BITS_OF_BLOCK * order.len() as f32;
    for (number, component) in components.iter().enumerate() {
        // Half a step, and three and a half, in eighths.
        let least = [4, 28].map(|eighths| component.quant.map(|step| step.saturating_mul(eighths)));
        let (mut blocks, mut coefficients, mut large) = (0, 0, 0);
        for run in runs(component.blocks.len()) {
            let found = if number == 0 {
                let places = order.get(run).unwrap_or_default();
                above(places.iter().filter_map(|block| component.blocks.get(*block)), &least)
            } else {
                above(component.blocks.get(run).into_iter().flatten(), &least)
            };
            blocks += found[0];
            coefficients += found[1];
            large += found[2];
        }
        let sampled = BITS_OF_COEFFICIENT * coefficients as f32 + BITS_OF_LARGE * large as f32;
        bits += sampled * component.blocks.len() as f32 / blocks.max(1) as f32;
    }
    bits
}

/// How many blocks there are, at most 4096, and of their AC coefficients how many have a larger magnitude than each of two for their place.
#[inline(always)]
fn above<'a>(blocks: impl Iterator<Item = &'a [i16; 64]>, least: &[[u16; 64]; 2]) -> [u32; 3] {
    let (mut count, mut sums) = (0, [[0; 8]; 2]);
    for block in blocks {
        count += 1;
        sums = more(block, least, sums);
    }
    let [all, large] = sums.map(|sums| sums.into_iter().map(u32::from).sum());
    [count, all, large]
}

/// Counts a block's AC coefficients in eight lanes.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn more(block: &[i16; 64], least: &[[u16; 64]; 2], mut sums: [[u16; 8]; 2]) -> [[u16; 8]; 2] {
    for (place, value) in block.iter().enumerate().skip(1) {
        for (sums, least) in sums.iter_mut().zip(least) {
            sums[place % 8] += u16::from(value.unsigned_abs() > least[place]);
        }
    }
    sums
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn more(block: &[i16; 64], least: &[[u16; 64]; 2], sums: [[u16; 8]; 2]) -> [[u16; 8]; 2] {
    use core::arch::wasm32::*;
    // Each becomes one load or store.
    let load = |n: &[u16; 8]| u16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
    let store = |n: v128| {
        let [low, high] = [u64x2_extract_lane::<0>(n), u64x2_extract_lane::<1>(n)];
        std::array::from_fn(|lane| {
            (if lane < 4 {
                low >> (16 * lane)
            } else {
                high >> (16 * lane - 64)
            }) as u16
        })
    };
    let [mut all, mut large] = sums.each_ref().map(load);
    let (thresholds, ones) = (
        least.each_ref().map(|least| least.as_chunks::<8>().0),
        u16x8_splat(u16::MAX),
    );
    for (place, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let magnitudes = i16x8_abs(load(&eight.map(i16::cast_unsigned)));
        // The first of all is no AC coefficient.
        let counted = if place == 0 {
            u16x8_replace_lane::<0>(ones, 0)
        } else {
            ones
        };
        let magnitudes = v128_and(magnitudes, counted);
        let [Some(least), Some(middle)] = thresholds.map(|thresholds| thresholds.get(place).map(load)) else {
            break;
        };
        all = i16x8_sub(all, u16x8_gt(magnitudes, least));
        large = i16x8_sub(large, u16x8_gt(magnitudes, middle));
    }
    [store(all), store(large)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_coefficients_are_counted_wherever_they_are() {
        for place in 1..64 {
            let block = |value: i16| {
                let mut block = [0; 64];
                (block[0], block[place]) = (i16::MAX, value);
                block
            };
            let blocks = [4, 5, -5, 28, -29, i16::MIN].map(block);
            assert_eq!(above(blocks.iter(), &[[4; 64], [28; 64]]), [6, 5, 2]);
        }
    }
}
