//! What the chips of a container are: for whoever looks for them in a leak.

use vp8::{Levels, Limits, SPARE};

use super::Container;
use crate::Error;

/// A chip: a pattern in a block of 4x4 pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chip {
    /// Column of the block, in fours of pixels.
    pub column: usize,
    /// Row of the block, in fours of pixels.
    pub row: usize,
    /// Horizontal frequency, 0..=3.
    pub across: usize,
    /// Vertical frequency, 0..=3.
    pub down: usize,
    /// Half of what symbol 1 has more than symbol 0, in units of the orthonormal transform of full-range luma.
    pub amplitude: f32,
}

/// The rendition's two extremes, and what lies between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// Copies with every symbol 0, and with every symbol 1.
    pub copies: [Vec<u8>; 2],
    /// In the order of a codeword's symbols.
    pub chips: Vec<Chip>,
}

impl Container {
    /// The copies of all zeros and of all ones, and the chips, which are where they differ: whatever this code may think of it.
    /// Each copy's levels take two bytes for each of at most `max_pixels`.
    ///
    /// # Errors
    /// [`Error::Damaged`] or [`Error::WebP`] if the container is not one that this crate made.
    pub fn inspect(&self, max_pixels: u64) -> Result<Inspection, Error> {
        let limits = Limits { max_pixels };
        let copy = |symbol: bool| self.copy(&vec![symbol; self.chips()], &[0; SPARE]);
        let copies = [copy(false)?, copy(true)?];
        let [zeros, ones] = [
            vp8::read_levels(&copies[0], &limits)?,
            vp8::read_levels(&copies[1], &limits)?,
        ];
        let chips = differing(&zeros, &ones);
        if chips.len() == self.chips() {
            Ok(Inspection { copies, chips })
        } else {
            Err(Error::Damaged)
        }
    }
}

fn differing(zeros: &Levels, ones: &Levels) -> Vec<Chip> {
    // A unit of VP8's transform is half one of the orthonormal, and its luma 219 of 255 of the full range.
    let unit = f32::from(zeros.step) / 2.0 * 255.0 / 219.0;
    let mut chips = Vec::new();
    for (number, (zeros_of, ones_of)) in zeros.luma.iter().zip(&ones.luma).enumerate() {
        for (block, (low, high)) in zeros_of.iter().zip(ones_of).enumerate() {
            for (index, (&low, &high)) in low.iter().zip(high).enumerate().filter(|(_, (low, high))| low != high) {
                let place = vp8::ZIGZAG.get(index).copied().unwrap_or_default();
                chips.push(Chip {
                    column: number % zeros.columns.max(1) * 4 + block % 4,
                    row: number / zeros.columns.max(1) * 4 + block / 4,
                    across: place % 4,
                    down: place / 4,
                    amplitude: (f32::from(high) - f32::from(low)) / 2.0 * unit,
                });
            }
        }
    }
    chips
}
