//! Encoding of a picture: the walk over its macroblocks.

use crate::choice::{Choice, LumaTrial, RATE_WEIGHT};
use crate::contexts::{Contexts, Kind};
use crate::header::{Frame, MAX_FIRST_PARTITION};
use crate::modes::{Luma, Macroblock};
use crate::neighbours::Neighbours;
use crate::parity::{Parity, wanted};
use crate::quantise::{Levels, Quantiser};
use crate::rates::{TokenRates, subblock_rates};
use crate::tables::DEFAULT_TOKENS;
use crate::tokens::Recording;
use crate::yuv::{Band, Pixels};
use crate::{Error, chroma, container, split, whole};

/// Largest side of a VP8 key frame.
const MAX_SIDE: u16 = 16383;
/// Rates are brought up to date with the statistics this many times in a picture, but not more often than every
/// [`MIN_REFRESH`] macroblocks.
const REFRESHES: usize = 8;
const MIN_REFRESH: usize = 96;

/// What the frame header takes at most: a flag and a byte for each token probability, and some more.
const MAX_HEADER: usize = 4096;
/// What a macroblock's other symbols in the first partition cost on average at most, in 256ths of a bit.
const OTHER_MODES: u64 = 8 * 256;

/// Encodes a picture as a lossy WebP file.
///
/// `quality` is 0..=100 on libwebp's scale; larger values count as 100.
///
/// # Errors
/// [`Error::Dimensions`], [`Error::BufferLength`], or [`Error::TooLarge`] when the format cannot say the result's size.
pub fn encode(pixels: Pixels<'_>, width: u16, height: u16, quality: u8, parity: &dyn Parity) -> Result<Vec<u8>, Error> {
    let mut encoder = Encoder::new(width, height, quality)?;
    if !pixels.fill(width, height) {
        return Err(Error::BufferLength);
    }
    encoder.walk(pixels, parity);
    container::wrap(&encoder.frame()?)
}

/// A picture on its way into a frame.
pub(crate) struct Encoder {
    pub(crate) width: u16,
    pub(crate) height: u16,
    quantiser: Quantiser,
    pub(crate) recording: Recording,
    macroblocks: Vec<Macroblock>,
    /// What all sub-block modes may cost and what they have, in 256ths of a bit.
    pub(crate) mode_budget: u64,
    mode_cost: u64,
    /// Loop filter strength, 0..=63.
    pub(crate) filter_level: u8,
    /// Reconstructed luma and levels of each macroblock.
    #[cfg(test)]
    pub(crate) observed: Vec<([u8; 256], [[i16; 16]; 16])>,
}

impl Encoder {
    pub(crate) fn new(width: u16, height: u16, quality: u8) -> Result<Self, Error> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(Error::Dimensions);
        }
        let quantiser = Quantiser::of_quality(quality);
        let macroblocks = u64::from(width.div_ceil(16)) * u64::from(height.div_ceil(16));
        let first_partition = (MAX_FIRST_PARTITION - MAX_HEADER) as u64 * 8 * 256;
        Ok(Self {
            width,
            height,
            filter_level: filter_level(quantiser.luma.step[1]),
            quantiser,
            recording: Recording::new(),
            mode_budget: first_partition.saturating_sub(macroblocks * OTHER_MODES),
            mode_cost: 0,
            macroblocks: Vec::new(),
            #[cfg(test)]
            observed: Vec::new(),
        })
    }

    fn columns(&self) -> usize {
        usize::from(self.width).div_ceil(16)
    }

    fn rows(&self) -> usize {
        usize::from(self.height).div_ceil(16)
    }

    /// Decides and records every macroblock.
    pub(crate) fn walk(&mut self, pixels: Pixels<'_>, parity: &dyn Parity) {
        let (columns, total) = (self.columns(), self.columns() * self.rows());
        self.macroblocks.reserve_exact(total);
        let mut band = Band::new(columns);
        let mut neighbours = Neighbours::new(columns);
        let mut rates = TokenRates::new(&DEFAULT_TOKENS);
        let subblock_rates = subblock_rates();
        let refresh = (total / REFRESHES).max(MIN_REFRESH);
        let step = u32::from(self.quantiser.luma.step[1]);
        for row in 0..self.rows() {
            band.fill(pixels, usize::from(self.width), usize::from(self.height), row);
            neighbours.start_row();
            for column in 0..columns {
                let macroblock = self.macroblocks.len();
                if macroblock % refresh == refresh - 1 {
                    rates.update(&self.recording.probabilities());
                }
                let source = band.macroblock(column);
                let wanted = wanted(parity, macroblock);
                let choice = Choice {
                    quantiser: &self.quantiser,
                    rates: &rates,
                    subblock_rates: &subblock_rates,
                    source: &source,
                    wanted: wanted.as_ref(),
                    above: &neighbours.contexts_above[column],
                    left: &neighbours.contexts_left,
                    modes_above: &neighbours.modes_above[column],
                    modes_left: &neighbours.modes_left,
                    max_mode_cost: self.max_mode_cost(macroblock, total),
                    lambda: u64::from(step * step) * RATE_WEIGHT,
                    step,
                };
                let border = neighbours.luma(column);
                let whole = whole::choose(&choice, &border);
                let luma = split::choose(&choice, &border, neighbours.above_right(column), whole.score)
                    .unwrap_or_else(|| whole.finish());
                let chroma = chroma::choose(&choice, &neighbours.chroma(column));
                let skip = self.record(
                    &luma,
                    &chroma,
                    &mut neighbours.contexts_above[column],
                    &mut neighbours.contexts_left,
                );
                self.mode_cost += u64::from(luma.mode_cost);
                neighbours.leave(column, &luma.pixels, &chroma.pixels(), luma.luma);
                #[cfg(test)]
                self.observed.push((luma.pixels, luma.blocks.map(|block| block.levels)));
                self.macroblocks.push(Macroblock {
                    luma: luma.luma,
                    chroma: chroma.mode,
                    skip,
                });
            }
        }
    }

    /// What the sub-block modes of the next macroblock may cost. The first partition has a largest size, of which every
    /// macroblock adds its share; what one does not need is there for those after it.
    fn max_mode_cost(&self, macroblock: usize, total: usize) -> u32 {
        let shares = self.mode_budget * (macroblock as u64 + 1) / total as u64;
        shares.saturating_sub(self.mode_cost).min(1 << 20) as u32
    }

    /// Writes everything decided.
    pub(crate) fn frame(self) -> Result<Vec<u8>, Error> {
        let (probabilities, tokens) = self.recording.finish();
        let frame = Frame {
            width: self.width,
            height: self.height,
            quantiser: self.quantiser.index,
            filter_level: self.filter_level,
            macroblocks: &self.macroblocks,
            probabilities: &probabilities,
            tokens: &tokens,
        };
        frame.write()
    }

    /// Records the tokens of a decided macroblock and says whether it needs none.
    fn record(&mut self, luma: &LumaTrial, chroma: &chroma::Trial, above: &mut Contexts, left: &mut Contexts) -> bool {
        let second_order = matches!(luma.luma, Luma::Whole(_));
        let empty = |block: &Levels| block.end == 0;
        if empty(&luma.second_order) && luma.blocks.iter().all(empty) && chroma.blocks.ends == [0; 8] {
            above.clear(second_order);
            left.clear(second_order);
            return true;
        }
        let mut block = |kind: Kind, above: &mut bool, left: &mut bool, levels: &Levels| {
            let context = usize::from(*above) + usize::from(*left);
            *above = self.recording.block(kind, context, levels);
            *left = *above;
        };
        if second_order {
            block(
                Kind::SecondOrder,
                &mut above.second_order,
                &mut left.second_order,
                &luma.second_order,
            );
        }
        let kind = if second_order { Kind::LumaAc } else { Kind::Luma };
        for (i, levels) in luma.blocks.iter().enumerate() {
            block(kind, &mut above.luma[i % 4], &mut left.luma[i / 4], levels);
        }
        for lane in 0..8 {
            let (plane, i) = (lane / 4, lane % 4);
            let (above, left) = (&mut above.chroma[plane][i % 2], &mut left.chroma[plane][i / 2]);
            block(Kind::Chroma, above, left, &chroma.blocks.block(lane));
        }
        false
    }
}

/// Loop filter strength for an AC step: block edges stand out in proportion to it. The weakest setting is not worth its time.
fn filter_level(step: u16) -> u8 {
    let level = (step * 5 / 16).min(63) as u8;
    if level < 2 { 0 } else { level }
}
