//! Which cells of a picture are chips: all that can be a level brighter, and in which that is not seen.

use crate::Picture;
use crate::carriers::BAND;
use crate::filter::{Filter, mean};
use crate::picture::Shape;

/// Side of a block, whose last column and row no symbol changes.
pub(crate) const SIDE: usize = 8;
/// Columns and rows that a symbol makes brighter.
pub(crate) const CELL: usize = SIDE - 1;
/// Sum of the differences between horizontal neighbours in a cell, for each of its colours, below which it is too calm: its pixels are
/// nearly all alike, as in drawings.
const CALM: u32 = 12;

/// What a block of pixels is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    /// Sum of the colours of its 64 pixels.
    pub sum: u16,
    /// Whether it is a chip.
    pub chip: bool,
}

/// All whole blocks, row by row.
pub(crate) fn blocks(picture: &Picture) -> Vec<Block> {
    match picture.shape.channels {
        1 => of_channels::<1, 8>(picture),
        2 => of_channels::<2, 16>(picture),
        3 => of_channels::<3, 24>(picture),
        _ => of_channels::<4, 32>(picture),
    }
}

/// Blocks of a picture with `N` channels, whose rows have `ROW` samples.
fn of_channels<const N: usize, const ROW: usize>(picture: &Picture) -> Vec<Block> {
    let Shape { width, height, .. } = picture.shape;
    let colours = picture.shape.colours();
    let mut blocks = Vec::with_capacity(width / SIDE * (height / SIDE));
    let mut bands = Vec::with_capacity(width / SIDE);
    for band in picture.samples.chunks_exact((width * N * BAND).max(1)) {
        bands.clear();
        bands.resize(width / SIDE, Columns::<ROW>::default());
        for (y, row) in band.chunks_exact((width * N).max(1)).enumerate() {
            for (columns, samples) in bands.iter_mut().zip(row.as_chunks::<ROW>().0) {
                columns.add::<N>(samples, y < CELL);
            }
        }
        blocks.extend(bands.iter().map(|columns| columns.block::<N>(colours)));
    }
    blocks
}

/// What is known of each column and channel of a block.
#[derive(Clone, Copy)]
struct Columns<const ROW: usize> {
    least: [u8; ROW],
    most: [u8; ROW],
    sums: [u16; ROW],
    differences: [u16; ROW],
}

impl<const ROW: usize> Default for Columns<ROW> {
    fn default() -> Self {
        Self {
            least: [u8::MAX; ROW],
            most: [0; ROW],
            sums: [0; ROW],
            differences: [0; ROW],
        }
    }
}

impl<const ROW: usize> Columns<ROW> {
    #[inline(always)]
    fn add<const N: usize>(&mut self, samples: &[u8; ROW], in_cell: bool) {
        let mut left = [0; ROW];
        left[N..].copy_from_slice(&samples[..ROW - N]);
        left[..N].copy_from_slice(&samples[..N]);
        for (sum, sample) in self.sums.iter_mut().zip(samples) {
            *sum += u16::from(*sample);
        }
        if in_cell {
            for i in 0..ROW {
                self.least[i] = self.least[i].min(samples[i]);
                self.most[i] = self.most[i].max(samples[i]);
                self.differences[i] += u16::from(samples[i].abs_diff(left[i]));
            }
        }
    }

    fn block<const N: usize>(&self, colours: usize) -> Block {
        let of = |channel: usize| move |at: &usize| at % N == channel;
        let (mut sum, mut differences) = (0_u32, 0_u32);
        let mut chip = true;
        for channel in 0..N {
            let inside = || (0..CELL * N).filter(of(channel));
            if channel >= colours {
                // Only what is opaque is seen as it is.
                chip &= inside().all(|at| self.least[at] == u8::MAX);
                continue;
            }
            sum += (0..ROW)
                .filter(of(channel))
                .map(|at| u32::from(self.sums[at]))
                .sum::<u32>();
            differences += inside().map(|at| u32::from(self.differences[at])).sum::<u32>();
            // One level down for even differences, one up for the symbol.
            chip &= inside().all(|at| self.least[at] >= 1 && self.most[at] < u8::MAX);
        }
        Block {
            // At most 3 * 64 * 255.
            sum: sum as u16,
            chip: chip && differences >= CALM * colours as u32,
        }
    }
}

/// Makes every residual that a chip's symbol raises even, and every one that it lowers odd, by taking a level from the first or the
/// last pixel of a row of the cell: it is then one level too low or right, where others are right or one too high.
pub(crate) fn settle(picture: &mut Picture, blocks: &[Block], filters: &[Filter]) {
    let Shape { width, channels, .. } = picture.shape;
    let colours = picture.shape.colours();
    let row = (width * channels).max(1);
    for (y, filter) in filters.iter().enumerate().filter(|(y, _)| y % BAND < CELL) {
        let band = blocks.get(y / BAND * (width / SIDE)..).unwrap_or_default();
        let (before, rest) = picture.samples.split_at_mut(y * row);
        let above = before.get((y * row).saturating_sub(row)..).unwrap_or_default();
        let own = rest.get_mut(..row).unwrap_or_default();
        for (column, _) in band
            .iter()
            .take(width / SIDE)
            .enumerate()
            .filter(|(_, block)| block.chip)
        {
            for first in (column * SIDE * channels..).take(colours) {
                let last = first + (CELL - 1) * channels;
                let sample = |row: &[u8], at: Option<usize>| at.and_then(|at| row.get(at)).copied().unwrap_or(0);
                let left = sample(own, first.checked_sub(channels));
                let [from_first, from_last] = match filter {
                    Filter::None | Filter::Up => [0, 0],
                    Filter::Sub => {
                        let behind = sample(own, Some(last + channels));
                        [sample(own, Some(first)) ^ left, !(sample(own, Some(last)) ^ behind)]
                    }
                    Filter::Average => {
                        let above_first = sample(above, Some(first));
                        let residual = sample(own, Some(first)).wrapping_sub(mean(left, above_first));
                        // The mean does not change with the upper neighbour if the sum was even. The one behind the cell must not.
                        let raised = !(left ^ above_first) & 1;
                        [
                            residual & raised,
                            sample(own, Some(last)) ^ sample(above, Some(last + channels)),
                        ]
                    }
                };
                for (at, odd) in [(first, from_first), (last, from_last)] {
                    if let Some(sample) = own.get_mut(at) {
                        *sample = sample.wrapping_sub(odd & 1);
                    }
                }
            }
        }
    }
}

/// What one symbol does to a filtered row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// Place in the row, behind the filter's byte.
    pub at: usize,
    /// Whether the residual grows; else it shrinks.
    pub grows: bool,
}

/// Calls `change` with what the chip of a column does to its row `own`, which has been settled.
pub(crate) fn changes(
    shape: Shape,
    column: usize,
    filter: Filter,
    above: &[u8],
    own: &[u8],
    mut change: impl FnMut(Change),
) {
    let first = column * SIDE * shape.channels;
    let colours = shape.colours();
    match filter {
        Filter::None | Filter::Up => {}
        Filter::Sub => {
            for (start, grows) in [(first, true), (first + CELL * shape.channels, false)] {
                (start..start + colours).for_each(|at| change(Change { at: at + 1, grows }));
            }
        }
        Filter::Average => {
            for at in first..first + colours {
                let left = at
                    .checked_sub(shape.channels)
                    .and_then(|at| own.get(at))
                    .copied()
                    .unwrap_or(0);
                if (left ^ above.get(at).copied().unwrap_or(0)) & 1 == 0 {
                    change(Change {
                        at: at + 1,
                        grows: true,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, channels: usize, sample: impl Fn(usize) -> u8) -> Picture {
        let samples = (0..width as usize * height as usize * channels).map(sample).collect();
        Picture::new(width, height, channels, samples).unwrap()
    }

    #[test]
    fn chips_are_where_a_level_more_is_not_seen() {
        let textured = |at: usize| 100 + (at * at % 23) as u8;
        let chips = |picture: &Picture| blocks(picture).iter().filter(|block| block.chip).count();
        assert_eq!(chips(&picture(33, 17, 3, textured)), 8);
        assert_eq!(chips(&picture(33, 17, 3, |_| 100)), 0);
        assert_eq!(chips(&picture(33, 17, 1, textured)), 8);
        assert_eq!(
            chips(&picture(33, 17, 4, |at| if at % 4 == 3 { 255 } else { textured(at) })),
            8
        );
        assert_eq!(
            chips(&picture(33, 17, 4, |at| if at % 4 == 3 { 254 } else { textured(at) })),
            0
        );
        // One sample of the first block at either end.
        for extreme in [0, 255] {
            assert_eq!(
                chips(&picture(33, 17, 3, |at| if at == 9 { extreme } else { textured(at) })),
                7
            );
        }
        // The last column takes no part.
        assert_eq!(
            chips(&picture(33, 17, 3, |at| if at == 21 { 255 } else { textured(at) })),
            8
        );
    }
}
