//! What the symbols of chips change of a PNG's filtered rows, and how pixels give way so that bits can say it.

use crate::Picture;
use crate::carriers::BAND;
use crate::cells::{Block, CELL, SIDE};
use crate::filter::{Filter, mean};
use crate::picture::Shape;

/// Makes every residual that a chip's symbol raises even, and every one that it lowers odd, by taking a level from the first or the
/// last pixel of a row of the cell: it is then one level too low or right, where others are right or one too high.
pub(crate) fn settle(picture: &mut Picture, blocks: &[Block], filters: &[Filter]) {
    let shape = picture.shape;
    let row = shape.row().max(1);
    for (y, filter) in filters.iter().enumerate().filter(|(y, _)| y % BAND < CELL) {
        let band = blocks.get(y / BAND * (shape.width / SIDE)..).unwrap_or_default();
        let (before, rest) = picture.samples.split_at_mut(y * row);
        let above = before.get((y * row).saturating_sub(row)..).unwrap_or_default();
        let own = rest.get_mut(..row).unwrap_or_default();
        match shape.channels {
            1 => settle_row::<1, 8>(shape, *filter, band, above, own),
            2 => settle_row::<2, 16>(shape, *filter, band, above, own),
            3 => settle_row::<3, 24>(shape, *filter, band, above, own),
            _ => settle_row::<4, 32>(shape, *filter, band, above, own),
        }
    }
}

fn settle_row<const N: usize, const ROW: usize>(
    shape: Shape,
    filter: Filter,
    band: &[Block],
    above: &[u8],
    own: &mut [u8],
) {
    let colours = shape.colours().min(N);
    let last = N * (CELL - 1);
    let of_blocks = own.as_chunks_mut::<ROW>().0.iter_mut().zip(band);
    match filter {
        Filter::None | Filter::Up => {}
        Filter::Sub => {
            let mut left = [0; ROW];
            for (own, block) in of_blocks {
                for channel in 0..if block.chip { colours } else { 0 } {
                    let first = own[channel];
                    own[channel] = first.wrapping_sub((first ^ left[N * CELL + channel]) & 1);
                    let (last, behind) = (own[last + channel], own[N * CELL + channel]);
                    own[N * (CELL - 1) + channel] = last.wrapping_sub(!(last ^ behind) & 1);
                }
                left = *own;
            }
        }
        Filter::Average => {
            let mut left = [0; ROW];
            for ((own, block), above) in of_blocks.zip(above.as_chunks::<ROW>().0) {
                for channel in 0..if block.chip { colours } else { 0 } {
                    let (beside, above_first) = (left[N * CELL + channel], above[channel]);
                    // The mean does not change with the upper neighbour if the sum was even. The one behind the cell must not.
                    let raised = !(beside ^ above_first);
                    let residual = own[channel].wrapping_sub(mean(beside, above_first));
                    own[channel] = own[channel].wrapping_sub(residual & raised & 1);
                    let behind = own[last + channel] ^ above[N * CELL + channel];
                    own[last + channel] = own[last + channel].wrapping_sub(behind & 1);
                }
                left = *own;
            }
        }
    }
}

/// What a chip changes of a pixel in whose colours all residuals change: a bit a colour.
pub(crate) fn all(shape: Shape) -> u8 {
    (1 << shape.colours()) - 1
}

/// Tells what each chip of a band changes of its first pixel in the row `own`, which has been settled: a bit a colour, the first one's
/// lowest. Under [`Filter::Sub`] it changes as much of the last one, in the other direction.
pub(crate) fn firsts(shape: Shape, filter: Filter, (band, above, own): (&[Block], &[u8], &[u8]), firsts: &mut Vec<u8>) {
    let chips = band.iter().enumerate().filter(|(_, block)| block.chip);
    match filter {
        Filter::None | Filter::Up => {}
        Filter::Sub => firsts.extend(chips.map(|_| all(shape))),
        Filter::Average => firsts.extend(chips.map(|(column, _)| {
            let first = column * SIDE * shape.channels;
            let left = first.checked_sub(shape.channels).and_then(|left| own.get(left..first));
            let above = above.get(first..).unwrap_or_default();
            let mut even = 0;
            for (colour, above) in above.iter().take(shape.colours()).enumerate() {
                let left = left.and_then(|left| left.get(colour)).copied().unwrap_or(0);
                even |= (!(left ^ above) & 1) << colour;
            }
            even
        })),
    }
}
