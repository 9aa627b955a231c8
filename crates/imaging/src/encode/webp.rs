//! WebP: lossless with the mark in pixels, lossy with the mark in the parities of quantised luma coefficients.

use image_webp::{ColorType, WebPEncoder};
use vp8::{Parity, Pixels};
use watermark::{Fragile, MIN_CARRIERS};

use super::{ENOUGH_CARRIERS, spread};
use crate::Error;
use crate::raster::{Layout, Raster};

/// Sub-blocks of a macroblock in the order in which they take carriers: an ordered dither, so that few are far apart.
const ORDER: [usize; 16] = [0, 10, 2, 8, 5, 15, 7, 13, 1, 11, 3, 9, 4, 14, 6, 12];

/// Fewest carriers per macroblock, and most in a picture of ordinary size: the three lowest AC coefficients of every sub-block.
const USUAL_COUNT: (usize, usize) = (4, 3 * ORDER.len());

pub(crate) fn encode_lossless(raster: Raster) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    let colour = if raster.layout == Layout::Rgba {
        ColorType::Rgba8
    } else {
        ColorType::Rgb8
    };
    WebPEncoder::new(&mut file)
        .encode(&raster.samples, raster.width, raster.height, colour)
        .map_err(|_| Error::Encode)?;
    Ok(file)
}

pub(crate) fn encode_lossy(
    pixels: Pixels<'_>,
    sides: (u32, u32),
    quality: u8,
    mark: &Fragile,
) -> Result<Vec<u8>, Error> {
    let side = |side: u32| u16::try_from(side).map_err(|_| Error::Encode);
    let (width, height) = (side(sides.0)?, side(sides.1)?);
    let carriers = Carriers::of(usize::from(width).div_ceil(16) * usize::from(height).div_ceil(16));
    let parities = Parities {
        carriers,
        table: spread(mark, carriers.count())?.table(),
    };
    vp8::encode(pixels, width, height, quality, &parities).map_err(|_| Error::Encode)
}

/// Which coefficients carry bits: in every macroblock as few as give enough carriers, first the lowest AC coefficient of its
/// luma sub-blocks, then the next. Index 0 is left alone: some macroblocks code it elsewhere. It follows from the number of
/// macroblocks alone, so a reader finds the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carriers {
    macroblocks: usize,
    /// Carriers in each macroblock.
    each: usize,
}

impl Carriers {
    pub fn of(macroblocks: usize) -> Self {
        let enough = ENOUGH_CARRIERS
            .div_ceil(macroblocks.max(1))
            .clamp(USUAL_COUNT.0, USUAL_COUNT.1);
        let needed = MIN_CARRIERS.div_ceil(macroblocks.max(1)).min(15 * ORDER.len());
        Self {
            macroblocks,
            each: enough.max(needed),
        }
    }

    pub fn count(self) -> usize {
        self.macroblocks * self.each
    }

    /// Macroblock, sub-block and zigzag index of a carrier.
    pub fn place(self, carrier: usize) -> (usize, usize, usize) {
        let slot = carrier % self.each;
        (carrier / self.each, ORDER[slot % ORDER.len()], slot / ORDER.len() + 1)
    }

    /// The carrier at a place, if there is one.
    fn carrier(self, macroblock: usize, block: usize, index: usize) -> Option<usize> {
        let slot = index.checked_sub(1)? * ORDER.len() + ORDER.iter().position(|place| *place == block)?;
        (slot < self.each).then_some(macroblock * self.each + slot)
    }
}

struct Parities {
    carriers: Carriers,
    table: Vec<Option<bool>>,
}

impl Parity for Parities {
    fn of(&self, macroblock: usize, block: usize, index: usize) -> Option<bool> {
        self.table
            .get(self.carriers.carrier(macroblock, block, index)?)
            .copied()
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_and_places_are_one_to_one() {
        for macroblocks in [1, 2, 9, 40, 1900] {
            let carriers = Carriers::of(macroblocks);
            for carrier in 0..carriers.count() {
                let (macroblock, block, index) = carriers.place(carrier);
                assert!(macroblock < macroblocks && block < 16 && (1..16).contains(&index));
                assert_eq!(carriers.carrier(macroblock, block, index), Some(carrier));
            }
            assert_eq!(carriers.carrier(0, 0, 0), None);
            assert_eq!(carriers.carrier(0, 0, 16), None);
        }
        let each = [1, 2, 20, 80, 1900].map(|macroblocks| Carriers::of(macroblocks).each);
        assert_eq!(each, [240, 224, 48, 23, 4]);
    }
}
