//! What the source looks like around a block: how much change it hides.

use crate::rates::cost_of;
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

    /// How much more texture there is where a picture's bits go than there is on average, in 256ths of an octave. A macroblock takes
    /// about as many bits as the square root of its texture says. 0 for a picture that is alike everywhere.
    pub(crate) fn spread(macroblocks: &[[Self; 16]]) -> u32 {
        let (mut octaves, mut weights, mut weighted) = (0_u64, 0_u64, 0_u64);
        for textures in macroblocks {
            let own: u32 = textures.iter().map(|texture| texture.octaves()).sum();
            let weight = textures
                .iter()
                .map(|texture| u32::from(texture.deviation) * 16)
                .sum::<u32>()
                .isqrt();
            octaves += u64::from(own);
            weights += u64::from(weight);
            weighted += u64::from(own) * u64::from(weight);
        }
        let mean = |sum: u64, of: u64| sum.checked_div(of * 16).unwrap_or_default();
        let there = mean(weighted, weights);
        there.saturating_sub(mean(octaves, macroblocks.len() as u64)) as u32
    }

    /// The logarithm of the deviation and a grey level, in 256ths.
    fn octaves(&self) -> u32 {
        8 * 256 - u32::from(cost_of(false, self.deviation.saturating_add(4)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_alike_everywhere_has_no_spread() {
        let of = |deviations: &[u8]| {
            let all = |deviation| [Texture { mean: 128, deviation }; 16];
            Texture::spread(&deviations.iter().map(|deviation| all(*deviation)).collect::<Vec<_>>())
        };
        assert_eq!([of(&[]), of(&[0; 9]), of(&[60; 9]), of(&[255; 9])], [0; 4]);
        // Of two halves, at four and seven octaves with weights of 55 and 178.
        assert_eq!(of(&[12, 124]), (4 * 55 + 7 * 178) * 256 / 233 - 1408);
    }
}
