//! What the choice among predictions goes by: error and rate together.

use crate::contexts::Contexts;
use crate::modes::Luma;
use crate::quantise::{Levels, Quantiser};
use crate::rates::{SubblockRates, TokenRates};
use crate::yuv::Source;

/// What every decision of a macroblock needs.
pub(crate) struct Choice<'a> {
    pub(crate) quantiser: &'a Quantiser,
    pub(crate) rates: &'a TokenRates,
    pub(crate) subblock_rates: &'a SubblockRates,
    pub(crate) source: &'a Source,
    pub(crate) above: &'a Contexts,
    pub(crate) left: &'a Contexts,
    /// Sub-block modes above and to the left.
    pub(crate) modes_above: &'a [u8; 4],
    pub(crate) modes_left: &'a [u8; 4],
    /// Largest cost of sub-block modes that still leaves the first partition within its size, in 256ths of a bit.
    pub(crate) max_mode_cost: u32,
    /// Squared error that is worth 1/256 bit, scaled by [`SCALE`].
    pub(crate) lambda: u64,
    /// The quantiser's AC step.
    pub(crate) step: u32,
}

/// A macroblock's luma as one way of predicting codes it.
pub(crate) struct LumaTrial {
    pub(crate) luma: Luma,
    /// Cost of the sub-block modes in 256ths of a bit.
    pub(crate) mode_cost: u32,
    /// The second-order block; all zero with sub-block modes.
    pub(crate) second_order: Levels,
    pub(crate) blocks: [Levels; 16],
    /// What the decoder will see before its loop filter.
    pub(crate) pixels: [u8; 256],
}

/// Scale of scores, and what 1/256 bit weighs in them at a quantiser step of one: the square of the step times about 0.018
/// squared errors for a bit, found by trial on photos.
const SCALE: u64 = 1 << 19;
pub(crate) const RATE_WEIGHT: u64 = 36;

impl Choice<'_> {
    /// Joint cost of a squared error and a rate in 256ths of a bit.
    #[inline(always)]
    pub(crate) fn score(&self, error: u32, rate: u32) -> u64 {
        u64::from(error) * SCALE + u64::from(rate) * self.lambda
    }

    /// Joint cost of an absolute error and a rate, for ordering modes only.
    #[inline(always)]
    pub(crate) fn guess(&self, error: u32, rate: u32) -> u32 {
        error * 256 + ((rate * self.step) >> 3)
    }
}
