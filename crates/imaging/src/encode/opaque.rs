//! The mark in a picture whose pixels are opaque or not there: the least-significant bit of blue in some of the opaque ones, as
//! evenly over the picture as they come. It is few pixels that change, and each by a level of blue at most: what repeats goes on
//! repeating, and the file stays small.

use super::ENOUGH_CARRIERS;
use crate::raster::Raster;

/// Which of the opaque pixels, counted row by row, carry bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carriers {
    every: usize,
    count: usize,
}

impl Carriers {
    /// Of so many opaque pixels.
    pub fn of(opaque: usize) -> Self {
        let every = (opaque / ENOUGH_CARRIERS).max(1);
        Self {
            every,
            count: opaque / every,
        }
    }

    pub fn count(self) -> usize {
        self.count
    }

    /// The carrier that an opaque pixel is, if it is one.
    pub fn carrier(self, opaque: usize) -> Option<usize> {
        let carrier = opaque / self.every;
        (opaque.is_multiple_of(self.every) && carrier < self.count).then_some(carrier)
    }
}

/// The bits of a picture's carriers; none where there is no colour.
pub(crate) fn bits(raster: &Raster) -> Vec<bool> {
    let channels = raster.layout.channels();
    if raster.layout.colours() != 3 {
        return Vec::new();
    }
    let pixels = || {
        let opaque = raster
            .samples
            .chunks_exact(channels)
            .filter(|pixel| pixel.get(3).is_none_or(|alpha| *alpha >= 128));
        opaque.map(|pixel| pixel[2] & 1 == 1)
    };
    let carriers = Carriers::of(pixels().count());
    pixels().step_by(carriers.every).take(carriers.count).collect()
}
