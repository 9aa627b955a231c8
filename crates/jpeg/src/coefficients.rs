//! The quantised coefficients of a picture and the geometry of their blocks.

use crate::Error;

/// Coefficients of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Component identifier (1, 2, 3 for Y, Cb, Cr in JFIF).
    pub id: u8,
    /// Horizontal sampling factor, 1..=4; 1 when the picture has one component.
    pub h: u8,
    /// Vertical sampling factor, 1..=4; 1 when the picture has one component.
    pub v: u8,
    /// Quantisation steps in zigzag order.
    pub quant: [u16; 64],
    /// Blocks in a row, padded to whole MCUs.
    pub blocks_wide: usize,
    /// Rows of blocks, padded to whole MCUs.
    pub blocks_high: usize,
    /// Quantised coefficients in zigzag order, blocks row by row: `blocks_wide * blocks_high` of them.
    pub blocks: Vec<[i16; 64]>,
}

/// Coefficients of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coefficients {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// One (grey) or three (YCbCr) components when this crate made them, up to four when read.
    pub components: Vec<Component>,
}

impl Coefficients {
    /// The DC coefficient of the block before each component's first one of a row of MCUs, in the order of an interleaved scan.
    #[inline]
    pub(crate) fn averages_before(&self, mcu_row: usize) -> [i16; 3] {
        let mut averages = [0; 3];
        for (average, component) in averages.iter_mut().zip(&self.components) {
            let first = mcu_row * usize::from(component.v) * component.blocks_wide;
            let before = first.checked_sub(1).and_then(|before| component.blocks.get(before));
            *average = before.map_or(0, |block| block[0]);
        }
        averages
    }
}

/// Row-major place of the k-th coefficient of the zigzag sequence (T.81 figure A.6).
pub(crate) const ZIGZAG: [u8; 64] = zigzag();

/// Blocks an interleaved MCU may hold (T.81 B.2.3).
pub(crate) const MAX_MCU_BLOCKS: u32 = 10;

/// How a picture divides into MCUs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub mcus_wide: usize,
    pub mcus_high: usize,
    h_max: u8,
    v_max: u8,
}

impl Grid {
    /// The grid for sampling factors (h, v), each 1..=4, of all components (T.81 A.1.1, A.2).
    pub fn new(width: u16, height: u16, factors: impl Iterator<Item = (u8, u8)>) -> Self {
        let (h_max, v_max) = factors.fold((1, 1), |(h, v), (ch, cv)| (ch.max(h), cv.max(v)));
        let mcus = |side: u16, factor: u8| usize::from(side).div_ceil(8 * usize::from(factor));
        Self {
            mcus_wide: mcus(width, h_max),
            mcus_high: mcus(height, v_max),
            h_max,
            v_max,
        }
    }

    /// Blocks across and down, padded to whole MCUs, of a component.
    pub fn padded(&self, h: u8, v: u8) -> (usize, usize) {
        (self.mcus_wide * usize::from(h), self.mcus_high * usize::from(v))
    }

    /// Blocks across and down that hold samples of the picture: all that a scan of this component alone codes (T.81 A.2.2).
    pub fn occupied(&self, width: u16, height: u16, h: u8, v: u8) -> (usize, usize) {
        let blocks = |side: u16, factor: u8, max: u8| {
            (usize::from(side) * usize::from(factor))
                .div_ceil(usize::from(max))
                .div_ceil(8)
        };
        (blocks(width, h, self.h_max), blocks(height, v, self.v_max))
    }
}

/// An empty vector with room for `blocks` blocks, or an error instead of an abort when there is no memory.
pub(crate) fn room(blocks: usize) -> Result<Vec<[i16; 64]>, Error> {
    let mut room = Vec::new();
    room.try_reserve_exact(blocks).map_err(|_| Error::Memory)?;
    Ok(room)
}

/// Walks the anti-diagonals, up and down in turn.
const fn zigzag() -> [u8; 64] {
    let mut order = [0; 64];
    let (mut row, mut column, mut k) = (0u8, 0u8, 0);
    while k < 64 {
        order[k] = row * 8 + column;
        k += 1;
        if (row + column) % 2 == 0 {
            if column == 7 {
                row += 1;
            } else {
                column += 1;
                row = row.saturating_sub(1);
            }
        } else if row == 7 {
            column += 1;
        } else {
            row += 1;
            column = column.saturating_sub(1);
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_starts_and_ends_as_in_the_standard() {
        assert_eq!(ZIGZAG[..16], [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5]);
        assert_eq!(
            ZIGZAG[48..],
            [58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63]
        );
    }
}
