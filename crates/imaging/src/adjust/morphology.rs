//! Dilation and erosion by a square, as libvips has them: bit by bit, which for black and white is the darkest or the brightest
//! sample of the square.

use crate::raster::Raster;

/// Dark areas grow by so many pixels.
pub(super) fn dilate(raster: Raster, reach: u32) -> Raster {
    spread(raster, reach as usize, u8::MAX, |a, b| a & b)
}

/// Bright areas grow by so many pixels.
pub(super) fn erode(raster: Raster, reach: u32) -> Raster {
    spread(raster, reach as usize, 0, |a, b| a | b)
}

/// Joins all samples at most `reach` pixels away. `outside` changes nothing that it is joined with.
fn spread(mut raster: Raster, reach: usize, outside: u8, join: impl Fn(u8, u8) -> u8 + Copy) -> Raster {
    let channels = raster.layout.channels();
    let stride = raster.width as usize * channels;
    for row in raster.samples.chunks_exact_mut(stride.max(1)) {
        let joined = windows(row, reach, channels, outside, join);
        row.copy_from_slice(&joined);
    }
    raster.samples = windows(&raster.samples, reach, stride, outside, join);
    raster
}

/// Joins what lies up to `reach` units of `unit` samples before and behind each sample, doubling the window as it goes (van
/// Herk 1992): joining something twice changes nothing.
fn windows(samples: &[u8], reach: usize, unit: usize, outside: u8, join: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let (window, margin) = (2 * reach + 1, reach * unit);
    let mut padded = vec![outside; margin];
    padded.extend_from_slice(samples);
    padded.resize(samples.len() + 2 * margin, outside);
    let mut joined = 1;
    while joined < window {
        let step = joined.min(window - joined);
        let shifted = padded.get(step * unit..).unwrap_or_default().to_vec();
        padded.iter_mut().zip(shifted).for_each(|(a, b)| *a = join(*a, b));
        joined += step;
    }
    padded.truncate(samples.len());
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Layout;

    #[test]
    fn a_dot_grows_into_a_square() {
        for reach in [1, 2, 3, 5] {
            let mut samples = vec![0; 15 * 13 * 3];
            samples[(6 * 15 + 7) * 3 + 1] = 0x81;
            let raster = Raster {
                width: 15,
                height: 13,
                layout: Layout::Rgb,
                samples,
            };
            let grown = erode(raster.clone(), reach);
            let square = (2 * reach as usize + 1).pow(2);
            assert_eq!(grown.samples.iter().filter(|sample| **sample == 0x81).count(), square);
            let (x, y) = (7 - reach as usize, 6 - reach as usize);
            assert_eq!(grown.samples[(y * 15 + x) * 3 + 1], 0x81);
            assert_eq!(dilate(grown, reach).samples, raster.samples);
        }
    }
}
