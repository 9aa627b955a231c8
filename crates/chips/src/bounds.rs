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
const MOST_BITS_OF_BOTH: f32 = 0.019;
const BITS_OF_EITHER: f32 = 3.0;
const LEAST_BITS: f32 = 0.004;
/// The part of the file's bytes that tables may have, a byte for each bit that is inverted, of which so much is left to entries that
/// only move.
const MOST_TABLES: f32 = 0.41;
const MOVES: f32 = 0.03;
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
        let least = component
            .quant
            .map(|step| [4, 28].map(|eighths| step.saturating_mul(eighths)));
        let (mut blocks, mut coefficients, mut large) = (0, 0, 0);
        for place in runs(component.blocks.len()).flatten() {
            let number = if number == 0 {
                order.get(place).copied()
            } else {
                Some(place)
            };
            let Some(block) = number.and_then(|number| component.blocks.get(number)) else {
                continue;
            };
            for (value, least) in block.iter().zip(&least).skip(1) {
                coefficients += u32::from(value.unsigned_abs() > least[0]);
                large += u32::from(value.unsigned_abs() > least[1]);
            }
            blocks += 1;
        }
        let sampled = BITS_OF_COEFFICIENT * coefficients as f32 + BITS_OF_LARGE * large as f32;
        bits += sampled * component.blocks.len() as f32 / blocks.max(1) as f32;
    }
    bits
}
