//! Pixels to quantised coefficients.

use crate::coefficients::Grid;
use crate::strip::{Rows, Strip, fill_grey};
use crate::{Coefficients, Error, quantisation};

/// How densely chroma is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// One chroma sample for 2x2 pixels: their mean.
    Yuv420,
    /// One chroma sample for each pixel.
    Yuv444,
}

/// Interleaved 8-bit samples, row by row from the top, without padding.
#[derive(Debug, Clone, Copy)]
pub enum Pixels<'a> {
    /// One byte a pixel.
    Grey(&'a [u8]),
    /// Red, green, blue: three bytes a pixel.
    Rgb(&'a [u8]),
}

/// Transforms a picture of `width` x `height` pixels: YCbCr (one component for grey, whatever the sampling), edges replicated to
/// whole MCUs, DCT, quantised by libjpeg's tables for `quality`.
///
/// # Errors
/// [`Error::PixelCount`] if a side is zero or the buffer has another length, [`Error::Quality`] outside 1..=100,
/// [`Error::Memory`].
pub fn transform(
    pixels: Pixels<'_>,
    width: u16,
    height: u16,
    quality: u8,
    sampling: Sampling,
) -> Result<Coefficients, Error> {
    let (samples, channels) = match pixels {
        Pixels::Grey(samples) => (samples, 1),
        Pixels::Rgb(samples) => (samples, 3),
    };
    let length = u64::from(width) * u64::from(height) * channels;
    if length == 0 || u64::try_from(samples.len()) != Ok(length) {
        return Err(Error::PixelCount);
    }
    if !(1..=100).contains(&quality) {
        return Err(Error::Quality);
    }
    let factor = match (pixels, sampling) {
        (Pixels::Rgb(_), Sampling::Yuv420) => 2,
        _ => 1,
    };
    let grid = Grid::new(width, height, std::iter::once((factor, factor)));
    let mut strips = vec![Strip::new(1, factor, grid, quantisation::luminance(quality))?];
    if channels == 3 {
        for id in [2, 3] {
            strips.push(Strip::new(id, 1, grid, quantisation::chrominance(quality))?);
        }
    }

    let mut rows = Rows::new(grid.mcus_wide * 8 * usize::from(factor));
    let (wide, high, mcu) = (usize::from(width), usize::from(height), 8 * usize::from(factor));
    for top in (0..grid.mcus_high).map(|mcu_row| mcu_row * mcu) {
        let source = |y: usize| {
            let start = (top + y).min(high - 1) * wide;
            match pixels {
                Pixels::Grey(samples) => &samples[start..start + wide],
                Pixels::Rgb(samples) => &samples[start * 3..(start + wide) * 3],
            }
        };
        match strips.as_mut_slice() {
            [y, cb, cr] if factor == 2 => (0..8).for_each(|row| rows.fill_420(row, source, y, cb, cr)),
            [y, cb, cr] => (0..8).for_each(|row| rows.fill_444(row, source, y, cb, cr)),
            [y, ..] => (0..8).for_each(|row| fill_grey(source(row), y.row(row))),
            [] => {}
        }
        strips.iter_mut().for_each(Strip::transform);
    }
    Ok(Coefficients {
        width,
        height,
        components: strips.into_iter().map(Strip::finish).collect(),
    })
}
