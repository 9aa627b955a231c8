//! Samples to quantised coefficients.

use crate::coefficients::Grid;
use crate::strip::{Rows, Strip, fill};
use crate::{Coefficients, Error, Spectrum, quantisation};

/// How densely chroma is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// One chroma sample for 2x2 pixels: their mean.
    Yuv420,
    /// One chroma sample for each pixel.
    Yuv444,
}

impl Sampling {
    /// Sides of the chroma planes of a picture: half of the picture's, rounded up, or the picture's own.
    #[must_use]
    pub fn chroma(self, width: u16, height: u16) -> (u16, u16) {
        match self {
            Self::Yuv420 => (width.div_ceil(2), height.div_ceil(2)),
            Self::Yuv444 => (width, height),
        }
    }
}

/// 8-bit samples, row by row from the top, without padding.
#[derive(Debug, Clone, Copy)]
pub enum Pixels<'a> {
    /// One byte a pixel.
    Grey(&'a [u8]),
    /// Red, green, blue: three bytes a pixel.
    Rgb(&'a [u8]),
    /// Planes of Y, Cb and Cr (T.871 section 7); [`Sampling::chroma`] gives the sides of the last two.
    Ycc([&'a [u8]; 3]),
}

/// Transforms a picture of `width` x `height` pixels: YCbCr (one component for grey, whatever the sampling), edges replicated to
/// whole MCUs, DCT, quantised by libjpeg's tables for `quality`.
///
/// # Errors
/// [`Error::PixelCount`] if a side is zero or a buffer has another length, [`Error::Quality`] outside 1..=100,
/// [`Error::Memory`].
pub fn transform(
    pixels: Pixels<'_>,
    width: u16,
    height: u16,
    quality: u8,
    sampling: Sampling,
) -> Result<Coefficients, Error> {
    spectrum(pixels, width, height, quality, sampling).map(Spectrum::quantised)
}

/// As [`transform`], but leaves the coefficients unrounded: [`Spectrum::quantised`] makes equal [`Coefficients`] of them.
///
/// # Errors
/// As [`transform`].
pub fn spectrum(
    pixels: Pixels<'_>,
    width: u16,
    height: u16,
    quality: u8,
    sampling: Sampling,
) -> Result<Spectrum, Error> {
    if !holds(pixels, width, height, sampling) {
        return Err(Error::PixelCount);
    }
    if !(1..=100).contains(&quality) {
        return Err(Error::Quality);
    }
    let factor = match (pixels, sampling) {
        (Pixels::Rgb(_) | Pixels::Ycc(_), Sampling::Yuv420) => 2,
        _ => 1,
    };
    let grid = Grid::new(width, height, std::iter::once((factor, factor)));
    let mut strips = vec![Strip::new(1, factor, grid, quantisation::luminance(quality))?];
    if !matches!(pixels, Pixels::Grey(_)) {
        for id in [2, 3] {
            strips.push(Strip::new(id, 1, grid, quantisation::chrominance(quality))?);
        }
    }

    let mut rows = Rows::new(grid.mcus_wide * 8 * usize::from(factor));
    let (wide, high, mcu) = (usize::from(width), usize::from(height), 8 * usize::from(factor));
    for mcu_row in 0..grid.mcus_high {
        match (pixels, strips.as_mut_slice()) {
            (Pixels::Rgb(samples), [y, cb, cr]) => {
                let source = |y: usize| row(samples, wide * 3, high, mcu_row * mcu + y);
                if factor == 2 {
                    (0..8).for_each(|row| rows.fill_420(row, source, y, cb, cr));
                } else {
                    (0..8).for_each(|row| rows.fill_444(row, source, y, cb, cr));
                }
            }
            (Pixels::Ycc([y, cb, cr]), strips) => {
                let (chroma_wide, chroma_high) = sampling.chroma(width, height);
                let chroma = (usize::from(chroma_wide), usize::from(chroma_high));
                let planes = [(y, (wide, high)), (cb, chroma), (cr, chroma)];
                for (strip, (plane, (wide, high))) in strips.iter_mut().zip(planes) {
                    for y in 0..strip.rows() {
                        fill(row(plane, wide, high, mcu_row * strip.rows() + y), strip.row(y));
                    }
                }
            }
            (Pixels::Grey(samples), [strip, ..]) => {
                (0..8).for_each(|y| fill(row(samples, wide, high, mcu_row * mcu + y), strip.row(y)));
            }
            _ => {}
        }
        strips.iter_mut().for_each(Strip::transform);
    }
    Ok(Spectrum::new(Coefficients {
        width,
        height,
        components: strips.into_iter().map(Strip::finish).collect(),
    }))
}

/// Whether the buffers have the lengths that the sides say.
fn holds(pixels: Pixels<'_>, width: u16, height: u16, sampling: Sampling) -> bool {
    let plane = |samples: &[u8], (width, height): (u16, u16), channels: u64| {
        let length = u64::from(width) * u64::from(height) * channels;
        length > 0 && u64::try_from(samples.len()) == Ok(length)
    };
    let (whole, chroma) = ((width, height), sampling.chroma(width, height));
    match pixels {
        Pixels::Grey(samples) => plane(samples, whole, 1),
        Pixels::Rgb(samples) => plane(samples, whole, 3),
        Pixels::Ycc([y, cb, cr]) => plane(y, whole, 1) && plane(cb, chroma, 1) && plane(cr, chroma, 1),
    }
}

/// Row `y` of a buffer of `high` rows of `bytes` each; the last one again past the end.
fn row(samples: &[u8], bytes: usize, high: usize, y: usize) -> &[u8] {
    let start = y.min(high - 1) * bytes;
    &samples[start..start + bytes]
}
