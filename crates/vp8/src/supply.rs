//! How many places for symbols a picture has, and what may be paid for more.
//!
//! Luma that is predicted as a whole has blocks that nothing is predicted from; luma whose sub-blocks have predictions of their
//! own has none, and is mostly what texture becomes, where symbols would be hidden best. There the two ways cost nearly
//! the same, since no prediction is of much use in noise.

use crate::plan::INTERIOR;
use crate::quantise::Levels;
use crate::texture::Texture;

/// A mean distance to the mean, in quarters of a grey level, from which a block counts as busy.
const BUSY: u8 = 8;
/// How many of a macroblock's blocks must be busy for it to be worth anything.
const BUSY_BLOCKS: usize = 10;
/// The same of a whole macroblock on average.
const BUSY_ALTOGETHER: u32 = 16 * 16;
/// Zigzag indexes that survive recompression.
const LOWEST: std::ops::RangeInclusive<usize> = 1..=5;
/// What more prediction as a whole may cost, in 1024ths, where places are short.
const MOST: u64 = 220;
/// What the sign of one level in a busy block counts for, which often meets an odd interval, and a level of three or four.
const SIGN: u64 = 1;
const FOUR: u64 = 2;

/// Counts places during the walk over a picture.
#[derive(Debug, Clone)]
pub(crate) struct Supply {
    /// In halves of places, as `found` is.
    wanted: u64,
    found: u64,
    macroblocks: u64,
}

impl Supply {
    pub(crate) fn new(wanted: usize, macroblocks: usize) -> Self {
        Self {
            wanted: wanted as u64 * FOUR,
            found: 0,
            macroblocks: macroblocks.max(1) as u64,
        }
    }

    /// The score that sub-block modes must beat, if prediction as a whole has `whole`.
    pub(crate) fn limit(&self, whole: u64, textures: &[Texture; 16], macroblock: usize) -> u64 {
        let busy = textures.iter().filter(|texture| texture.deviation >= BUSY).count() >= BUSY_BLOCKS
            && textures.iter().map(|texture| u32::from(texture.deviation)).sum::<u32>() >= BUSY_ALTOGETHER;
        // A tenth ahead, and with all means if a tenth behind that.
        let due = self.wanted * (macroblock as u64 + self.macroblocks / 10) / self.macroblocks;
        let short = due.min(self.wanted).saturating_sub(self.found);
        if !busy || short == 0 {
            return whole;
        }
        let paid = (MOST * short * 10 / self.wanted.max(1)).min(MOST);
        whole - whole / 1024 * paid
    }

    /// Takes note of a macroblock that is predicted as a whole.
    pub(crate) fn count(&mut self, textures: &[Texture; 16], blocks: &[Levels; 16]) {
        for block in INTERIOR.into_iter().filter(|&block| textures[block].deviation >= BUSY) {
            let lowest = &blocks[block].levels[LOWEST];
            let fours = lowest
                .iter()
                .filter(|level| matches!(level.unsigned_abs(), 3 | 4))
                .count();
            self.found += SIGN + fours as u64 * FOUR;
        }
    }
}
