//! Blurring.

use fast_image_resize::FilterType;
use operations::{Blur, Precision};

use super::convolution::{gaussian, separable};
use super::resample::{divide_by_alpha, multiply_by_alpha, resized};
use crate::Error;
use crate::light::rounded;
use crate::raster::Raster;

/// The widest Gaussian, by its standard deviation in pixels, that is computed at the picture's own size. A wider one leaves
/// nothing that a smaller picture could not show: it is made smaller first, and larger again.
const WIDEST: f64 = 12.0;

/// Blurs; the colours of what is transparent do not bleed into what is not.
pub(super) fn blur(mut raster: Raster, blur: Blur) -> Result<Raster, Error> {
    multiply_by_alpha(&mut raster)?;
    let mut blurred = match blur {
        Blur::Mild => convolved(&raster, &[1.0 / 3.0; 3], &[1.0 / 3.0; 3]),
        Blur::Gaussian {
            sigma,
            precision,
            min_amplitude,
        } => {
            let whole = precision == Precision::Integer;
            gaussian_blur(&raster, sigma.value(), min_amplitude.value(), whole)?
        }
    };
    divide_by_alpha(&mut blurred)?;
    Ok(blurred)
}

/// What it takes for a pixel: four for each weight, which is counted twice, across and down.
pub(super) fn steps_per_pixel(blur: Blur) -> u64 {
    match blur {
        Blur::Mild => 30,
        Blur::Gaussian { sigma, .. } if sigma.value() > WIDEST => 50,
        Blur::Gaussian {
            sigma, min_amplitude, ..
        } => 8 + 4 * gaussian(sigma.value(), min_amplitude.value(), false).len() as u64,
    }
}

fn gaussian_blur(raster: &Raster, sigma: f64, min_amplitude: f64, whole: bool) -> Result<Raster, Error> {
    if sigma <= WIDEST {
        let kernel = gaussian(sigma, min_amplitude, whole);
        return Ok(convolved(raster, &kernel, &kernel));
    }
    let (width, height) = (raster.width, raster.height);
    let smaller = |side: u32| smaller_side(side, sigma);
    let small = resized(raster, (smaller(width), smaller(height)), FilterType::Box)?;
    // The standard deviation in the smaller picture's pixels, which need not be squares.
    let kernel = |small: u32, side: u32| gaussian(sigma * f64::from(small) / f64::from(side), min_amplitude, whole);
    let blurred = convolved(&small, &kernel(small.width, width), &kernel(small.height, height));
    resized(&blurred, (width, height), FilterType::Bilinear)
}

/// A side at which the standard deviation is half of the widest.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn smaller_side(side: u32, sigma: f64) -> u32 {
    (f64::from(side) * WIDEST / 2.0 / sigma).ceil().max(1.0) as u32
}

fn convolved(raster: &Raster, across: &[f32], down: &[f32]) -> Raster {
    let mut blurred = Raster::zeros(raster.width, raster.height, raster.layout);
    let channels = raster.layout.channels();
    let stride = raster.width as usize * channels;
    separable(&raster.samples, stride, channels, (across, down), |y, row| {
        for (sample, value) in blurred.samples[y * stride..].iter_mut().zip(row) {
            *sample = rounded(*value);
        }
    });
    blurred
}
