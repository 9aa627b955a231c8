//! How a picture will be coded: the walk over its macroblocks decides it.

use crate::choice::{Choice, LumaTrial, RATE_WEIGHT};
use crate::contexts::{Contexts, Kind};
use crate::header::MAX_FIRST_PARTITION;
use crate::modes::{BlockMode, Luma};
use crate::neighbours::Neighbours;
use crate::quantise::{Levels, Quantiser};
use crate::rates::{TokenRates, subblock_rates};
use crate::supply::Supply;
use crate::tables::DEFAULT_TOKENS;
use crate::texture::Texture;
use crate::tokens::Statistics;
use crate::yuv::{Band, Pixels};
use crate::{Error, chroma, split, whole};

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

/// How a picture will be coded: modes and levels of every macroblock, before entropy coding.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) quantiser: Quantiser,
    pub(crate) statistics: Statistics,
    pub(crate) macroblocks: Vec<Macroblock>,
    /// Coefficients of each [`Luma::Whole`] macroblock's blocks that nothing is predicted from, before they were quantised.
    pub(crate) exact: Vec<Exact>,
    /// Of the source, by macroblock and block.
    pub(crate) textures: Vec<[Texture; 16]>,
    /// What all sub-block modes may cost and what they have, in 256ths of a bit.
    pub(crate) mode_budget: u64,
    mode_cost: u64,
    /// Loop filter strength, 0..=63.
    pub(crate) filter_level: u8,
    /// Reconstructed luma of each macroblock.
    #[cfg(test)]
    pub(crate) observed: Vec<[u8; 256]>,
}

/// A decided macroblock.
#[derive(Debug, Clone)]
pub(crate) struct Macroblock {
    pub(crate) luma: Luma,
    pub(crate) chroma: BlockMode,
    /// The second-order block; all zero with sub-block modes.
    pub(crate) second_order: Levels,
    pub(crate) blocks: [Levels; 16],
    /// Four blocks of the blue difference, then four of the red.
    pub(crate) chroma_blocks: [Levels; 8],
}

/// The blocks of a macroblock whose pixels touch neither its right side nor its bottom.
pub(crate) const INTERIOR: [usize; 9] = [0, 1, 2, 4, 5, 6, 8, 9, 10];

/// Exact coefficients of the [`INTERIOR`] blocks of a macroblock, in raster order.
#[derive(Debug, Clone)]
pub(crate) struct Exact {
    pub(crate) macroblock: usize,
    pub(crate) blocks: [[i16; 16]; INTERIOR.len()],
}

impl Plan {
    /// Decides how a picture is coded.
    ///
    /// `quality` is 0..=100 on libwebp's scale; larger values count as 100. While there are fewer than `places` for symbols in
    /// busy parts, something is paid for more.
    ///
    /// # Errors
    /// [`Error::Dimensions`], [`Error::BufferLength`].
    pub fn new(pixels: Pixels<'_>, width: u16, height: u16, quality: u8, places: usize) -> Result<Self, Error> {
        let mut plan = Self::empty(pixels, width, height, quality)?;
        plan.walk(pixels, places);
        Ok(plan)
    }

    /// Before anything is decided but the quantiser.
    pub(crate) fn empty(pixels: Pixels<'_>, width: u16, height: u16, quality: u8) -> Result<Self, Error> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(Error::Dimensions);
        }
        if !pixels.fill(width, height) {
            return Err(Error::BufferLength);
        }
        let textures = textures(pixels, width.into(), height.into());
        let quantiser = Quantiser::of_picture(quality, Texture::spread(&textures));
        let macroblocks = u64::from(width.div_ceil(16)) * u64::from(height.div_ceil(16));
        let first_partition = (MAX_FIRST_PARTITION - MAX_HEADER) as u64 * 8 * 256;
        Ok(Self {
            width,
            height,
            filter_level: filter_level(quantiser.luma.step[1]),
            quantiser,
            statistics: Statistics::new(),
            mode_budget: first_partition.saturating_sub(macroblocks * OTHER_MODES),
            mode_cost: 0,
            macroblocks: Vec::new(),
            exact: Vec::new(),
            textures,
            #[cfg(test)]
            observed: Vec::new(),
        })
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn sides(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// Width of the picture in macroblocks.
    #[must_use]
    pub fn columns(&self) -> usize {
        usize::from(self.width).div_ceil(16)
    }

    /// About how many bits the tokens take.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.statistics.bits()
    }

    fn rows(&self) -> usize {
        usize::from(self.height).div_ceil(16)
    }

    /// Decides and counts every macroblock.
    pub(crate) fn walk(&mut self, pixels: Pixels<'_>, places: usize) {
        let (columns, total) = (self.columns(), self.columns() * self.rows());
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        self.macroblocks.reserve_exact(total);
        let mut supply = Supply::new(places, total);
        let mut band = Band::new(columns);
        let mut neighbours = Neighbours::new(columns);
        let mut rates = TokenRates::new(&DEFAULT_TOKENS);
        let subblock_rates = subblock_rates();
        let refresh = (total / REFRESHES).max(MIN_REFRESH);
        let step = u32::from(self.quantiser.luma.step[1]);
        for row in 0..self.rows() {
            band.fill_luma(pixels, width, height, row);
            band.fill_chroma(pixels, width, height, row);
            neighbours.start_row();
            for column in 0..columns {
                let macroblock = self.macroblocks.len();
                if macroblock % refresh == refresh - 1 {
                    rates.update(&self.statistics.probabilities());
                }
                let source = band.macroblock(column);
                let choice = Choice {
                    quantiser: &self.quantiser,
                    rates: &rates,
                    subblock_rates: &subblock_rates,
                    source: &source,
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
                let textures = self.textures[macroblock];
                let limit = supply.limit(whole.score, &textures, macroblock);
                let luma = split::choose(&choice, &border, neighbours.above_right(column), limit)
                    .unwrap_or_else(|| whole.finish());
                if matches!(luma.luma, Luma::Whole(_)) {
                    supply.count(&textures, &luma.blocks);
                    self.exact.push(Exact {
                        macroblock,
                        blocks: INTERIOR.map(|block| whole.exact(block)),
                    });
                }
                let chroma = chroma::choose(&choice, &neighbours.chroma(column));
                self.mode_cost += u64::from(luma.mode_cost);
                neighbours.leave(column, &luma.pixels, &chroma.pixels(), luma.luma);
                #[cfg(test)]
                self.observed.push(luma.pixels);
                let decided = Macroblock::new(&luma, &chroma);
                let statistics = &mut self.statistics;
                let (above, left) = (&mut neighbours.contexts_above[column], &mut neighbours.contexts_left);
                decided.blocks(above, left, |kind, context, _, levels| {
                    statistics.count(kind, context, levels)
                });
                self.macroblocks.push(decided);
            }
        }
    }

    /// What the sub-block modes of the next macroblock may cost. The first partition has a largest size, of which every
    /// macroblock adds its share; what one does not need is there for those after it.
    fn max_mode_cost(&self, macroblock: usize, total: usize) -> u32 {
        let shares = self.mode_budget * (macroblock as u64 + 1) / total as u64;
        shares.saturating_sub(self.mode_cost).min(1 << 20) as u32
    }
}

impl Macroblock {
    fn new(luma: &LumaTrial, chroma: &chroma::Trial) -> Self {
        Self {
            luma: luma.luma,
            chroma: chroma.mode,
            second_order: luma.second_order,
            blocks: luma.blocks,
            chroma_blocks: std::array::from_fn(|lane| chroma.blocks.block(lane)),
        }
    }

    /// Whether no coefficient differs from zero, so that the token partition says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        let mut blocks = self.blocks.iter().chain(&self.chroma_blocks);
        self.second_order.end == 0 && blocks.all(|block| block.end == 0)
    }

    /// Visits the coded blocks in their order, with kind, context and, for luma, number. `code` says whether a block had any
    /// token but the end; nothing is visited in a macroblock without coefficients.
    #[inline(always)]
    pub(crate) fn blocks(
        &self,
        above: &mut Contexts,
        left: &mut Contexts,
        mut code: impl FnMut(Kind, usize, Option<usize>, &Levels) -> bool,
    ) {
        let second_order = matches!(self.luma, Luma::Whole(_));
        if self.is_empty() {
            above.clear(second_order);
            left.clear(second_order);
            return;
        }
        let mut block = |kind: Kind, above: &mut bool, left: &mut bool, number: Option<usize>, levels: &Levels| {
            let context = usize::from(*above) + usize::from(*left);
            *above = code(kind, context, number, levels);
            *left = *above;
        };
        if second_order {
            let (above, left) = (&mut above.second_order, &mut left.second_order);
            block(Kind::SecondOrder, above, left, None, &self.second_order);
        }
        let kind = if second_order { Kind::LumaAc } else { Kind::Luma };
        for (i, levels) in self.blocks.iter().enumerate() {
            block(kind, &mut above.luma[i % 4], &mut left.luma[i / 4], Some(i), levels);
        }
        for (lane, levels) in self.chroma_blocks.iter().enumerate() {
            let (plane, i) = (lane / 4, lane % 4);
            let (above, left) = (&mut above.chroma[plane][i % 2], &mut left.chroma[plane][i / 2]);
            block(Kind::Chroma, above, left, None, levels);
        }
    }
}

/// Texture of every macroblock.
fn textures(pixels: Pixels<'_>, width: usize, height: usize) -> Vec<[Texture; 16]> {
    let (columns, rows) = (width.div_ceil(16), height.div_ceil(16));
    let mut band = Band::new(columns);
    let mut textures = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        band.fill_luma(pixels, width, height, row);
        textures.extend((0..columns).map(|column| Texture::of_blocks(&band.luma(column))));
    }
    textures
}

/// Loop filter strength for an AC step: block edges stand out in proportion to it. The weakest setting is not worth its time.
fn filter_level(step: u16) -> u8 {
    let level = (step * 5 / 16).min(63) as u8;
    if level < 2 { 0 } else { level }
}
