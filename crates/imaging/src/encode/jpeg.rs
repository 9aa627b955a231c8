//! JPEG, with the mark in the parities of quantised coefficients: they are what the file stores, so they come back exactly.

use jpeg::{Coefficients, Pixels, Sampling};
use watermark::{Fragile, MIN_CARRIERS};

use super::{ENOUGH_CARRIERS, spread};
use crate::Error;

/// Most carriers per block of a picture of ordinary size: the nine lowest AC coefficients in zigzag order, which are seldom
/// zero and whose step is small, so that a change by one costs little.
const USUAL_DEPTH: usize = 9;

/// From this quality on, and for pictures below [`SMALL`] pixels, chroma is not subsampled: who asks for more wants sharp
/// colour edges, and a thumbnail needs the room for its mark.
const DENSE_QUALITY: u8 = 90;
const SMALL: u64 = 128 * 128;

/// The quantised coefficients of an RGB picture, or of planes in their own sampling.
pub(crate) fn encode(
    pixels: Pixels<'_>,
    sides: (u32, u32),
    sampling: Sampling,
    quality: u8,
    mark: &Fragile,
) -> Result<Vec<u8>, Error> {
    let side = |side: u32| u16::try_from(side).map_err(|_| Error::Encode);
    let (width, height) = (side(sides.0)?, side(sides.1)?);
    let mut coefficients = jpeg::transform(pixels, width, height, quality, sampling).map_err(|_| Error::Encode)?;
    let carriers = Carriers::of(&coefficients);
    for (carrier, odd) in spread(mark, carriers.count())?.assignments() {
        let level = carriers.find_mut(&mut coefficients, carrier).ok_or(Error::Encode)?;
        *level = with_parity(*level, odd, carrier);
    }
    jpeg::encode(&coefficients).map_err(|_| Error::Encode)
}

/// How densely chroma is written.
pub(crate) fn sampling(quality: u8, (width, height): (u32, u32)) -> Sampling {
    if quality >= DENSE_QUALITY || u64::from(width) * u64::from(height) < SMALL {
        Sampling::Yuv444
    } else {
        Sampling::Yuv420
    }
}

/// Which coefficients carry bits: 1..=depth in zigzag order of every luma block. `depth` is as low as gives enough carriers,
/// because higher coefficients have coarser steps; where luma cannot hold the codeword at all, chroma takes part. It follows
/// from the picture's sides and sampling alone, so a reader finds the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carriers {
    depth: usize,
    /// Blocks of each component that takes part.
    blocks: Vec<usize>,
}

impl Carriers {
    pub fn of(coefficients: &Coefficients) -> Self {
        let mut blocks = coefficients.components.iter().map(|component| component.blocks.len());
        let luma = blocks.next().unwrap_or(0);
        let depth = ENOUGH_CARRIERS.div_ceil(luma.max(1)).clamp(1, USUAL_DEPTH);
        let depth = depth.max(MIN_CARRIERS.div_ceil(luma.max(1)).min(63));
        let mut taking_part = vec![luma];
        if luma * depth < MIN_CARRIERS {
            taking_part.extend(blocks);
        }
        Self {
            depth,
            blocks: taking_part,
        }
    }

    pub fn count(&self) -> usize {
        self.blocks.iter().sum::<usize>() * self.depth
    }

    /// The parity of a carrier's coefficient.
    pub fn read(&self, coefficients: &Coefficients, carrier: usize) -> Option<bool> {
        let (component, block, index) = self.place(carrier)?;
        let level = coefficients.components.get(component)?.blocks.get(block)?.get(index)?;
        Some(level & 1 != 0)
    }

    fn find_mut<'a>(&self, coefficients: &'a mut Coefficients, carrier: usize) -> Option<&'a mut i16> {
        let (component, block, index) = self.place(carrier)?;
        coefficients
            .components
            .get_mut(component)?
            .blocks
            .get_mut(block)?
            .get_mut(index)
    }

    /// Component, block and zigzag index of a carrier.
    fn place(&self, carrier: usize) -> Option<(usize, usize, usize)> {
        let (mut block, index) = (carrier / self.depth, carrier % self.depth + 1);
        for (component, blocks) in self.blocks.iter().enumerate() {
            if block < *blocks {
                return Some((component, block, index));
            }
            block -= blocks;
        }
        None
    }
}

/// The nearest level of the wanted parity. Of the two, the one closer to zero: AC coefficients cluster around zero, so it is
/// nearer to the true value on average, and shorter. Zero itself goes up and down in turn.
fn with_parity(level: i16, odd: bool, carrier: usize) -> i16 {
    if (level & 1 != 0) == odd {
        level
    } else if level == 0 {
        if carrier.is_multiple_of(2) { 1 } else { -1 }
    } else {
        level - level.signum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parity_moves_by_one_towards_zero() {
        for level in -1023..=1023 {
            for odd in [false, true] {
                let moved = with_parity(level, odd, 5);
                assert_eq!(moved & 1 != 0, odd);
                assert!(
                    moved.abs_diff(level) <= 1 && (level == 0 || moved.abs() <= level.abs()),
                    "{level} {odd}"
                );
            }
        }
        assert_eq!((with_parity(0, true, 4), with_parity(0, true, 5)), (1, -1));
    }

    #[test]
    fn carriers_grow_as_pictures_shrink() {
        let carriers = |luma: usize, chroma: usize| {
            let component = |id, blocks| jpeg::Component {
                id,
                h: 1,
                v: 1,
                quant: [1; 64],
                blocks_wide: blocks,
                blocks_high: 1,
                blocks: vec![[0; 64]; blocks],
            };
            let components = vec![component(1, luma), component(2, chroma), component(3, chroma)];
            let coefficients = Coefficients {
                width: 1,
                height: 1,
                components,
            };
            let carriers = Carriers::of(&coefficients);
            let last = carriers.count() - 1;
            assert!(carriers.read(&coefficients, last).is_some() && carriers.read(&coefficients, last + 1).is_none());
            (carriers.depth, carriers.blocks.len(), carriers.count())
        };
        assert_eq!(carriers(7500, 1875), (1, 1, 7500));
        assert_eq!(carriers(600, 150), (3, 1, 1800));
        assert_eq!(carriers(100, 25), (9, 1, 900));
        assert_eq!(carriers(16, 4), (28, 1, 448));
        assert_eq!(carriers(7, 2), (63, 3, 693));
        assert_eq!(carriers(3, 3), (63, 3, 567));
    }
}
