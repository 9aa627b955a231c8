//! What the source looks like around a block: how much change it hides.

use crate::transform::Blocks;

/// Brightness and business of a 4x4 block of the source's luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Texture {
    /// The mean, 16..=235 for black to white.
    pub mean: u8,
    /// The mean distance to the mean, in quarters of a grey level.
    pub deviation: u8,
}

impl Texture {
    /// Of blocks side by side.
    pub(crate) fn of_blocks(blocks: &Blocks<16>) -> [Self; 16] {
        let mut sums = [0_i16; 16];
        for row in blocks {
            for l in 0..16 {
                sums[l] += row[l];
            }
        }
        let means = sums.map(|sum| (sum + 8) >> 4);
        let mut distances = [0_u16; 16];
        for row in blocks {
            for l in 0..16 {
                distances[l] += row[l].abs_diff(means[l]);
            }
        }
        std::array::from_fn(|l| Self {
            mean: means[l].clamp(0, 255) as u8,
            deviation: (distances[l] >> 2).min(255) as u8,
        })
    }
}
