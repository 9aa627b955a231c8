//! Which cells of a picture are chips: all that can be a level brighter, and in which that is not seen.

use crate::Picture;
use crate::carriers::BAND;
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
    let (row, wide) = (picture.shape.row().max(1), width / SIDE);
    let mut blocks = Vec::with_capacity(wide * (height / SIDE));
    let mut columns = Columns::new(wide * ROW);
    for band in picture.samples.chunks_exact(row * BAND) {
        columns.clear();
        for (y, samples) in band.chunks_exact(row).enumerate() {
            columns.add::<N>(samples, y < CELL);
        }
        columns.blocks::<N, ROW>(picture.shape.colours(), &mut blocks);
    }
    blocks
}

/// What is known of each column and channel of the blocks of a band: loops over all of it are what compilers make vectors of.
struct Columns {
    least: Vec<u8>,
    most: Vec<u8>,
    sums: Vec<u16>,
    /// From the column before.
    differences: Vec<u16>,
}

impl Columns {
    fn new(samples: usize) -> Self {
        Self {
            least: vec![u8::MAX; samples],
            most: vec![0; samples],
            sums: vec![0; samples],
            differences: vec![0; samples],
        }
    }

    fn clear(&mut self) {
        self.least.fill(u8::MAX);
        self.most.fill(0);
        self.sums.fill(0);
        self.differences.fill(0);
    }

    fn add<const N: usize>(&mut self, samples: &[u8], in_cell: bool) {
        let zipped = self.sums.iter_mut().zip(samples);
        zipped.for_each(|(sum, sample)| *sum += u16::from(*sample));
        if in_cell {
            let zipped = self.least.iter_mut().zip(samples);
            zipped.for_each(|(least, sample)| *least = (*least).min(*sample));
            let zipped = self.most.iter_mut().zip(samples);
            zipped.for_each(|(most, sample)| *most = (*most).max(*sample));
            // The first column of all counts in no block.
            let behind = self.differences.get_mut(N..).unwrap_or_default().iter_mut();
            let neighbours = samples.iter().zip(samples.get(N..).unwrap_or_default());
            let zipped = behind.zip(neighbours);
            zipped.for_each(|(sum, (left, own))| *sum += u16::from(own.abs_diff(*left)));
        }
    }

    fn blocks<const N: usize, const ROW: usize>(&self, colours: usize, blocks: &mut Vec<Block>) {
        let extremes = self.least.as_chunks::<ROW>().0.iter().zip(self.most.as_chunks().0);
        let sums = self.sums.as_chunks().0.iter().zip(self.differences.as_chunks().0);
        blocks.extend(
            extremes.zip(sums).map(|((least, most), (sums, differences))| {
                block::<N, ROW>(colours, (least, most), (sums, differences))
            }),
        );
    }
}

fn block<const N: usize, const ROW: usize>(
    colours: usize,
    (least, most): (&[u8; ROW], &[u8; ROW]),
    (sums, differences): (&[u16; ROW], &[u16; ROW]),
) -> Block {
    let (mut sum, mut varied) = (0, 0_u32);
    let mut chip = true;
    for column in 0..SIDE {
        for channel in 0..N {
            let at = column * N + channel;
            let colour = channel < colours;
            if colour {
                // At most 3 * 64 * 255 altogether.
                sum += sums[at];
            }
            if column < CELL {
                // One level down for even differences, one up for the symbol; only what is opaque is seen as it is.
                chip &= if colour {
                    (least[at] >= 1) & (most[at] < u8::MAX)
                } else {
                    least[at] == u8::MAX
                };
                if colour && column > 0 {
                    varied += u32::from(differences[at]);
                }
            }
        }
    }
    Block {
        sum,
        chip: chip && varied >= CALM * colours as u32,
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
