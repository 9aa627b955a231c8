//! Sharpening.

use operations::Sharpen;

use super::convolution::{gaussian, separable};
use crate::lab::{lab, srgb};
use crate::light::rounded;
use crate::raster::Raster;

/// Where libvips cuts the Gaussian of its unsharp mask off.
const MIN_AMPLITUDE: f64 = 0.1;

/// Sharpens; alpha stays.
pub(super) fn sharpen(raster: Raster, sharpen: Sharpen) -> Raster {
    match sharpen {
        Sharpen::Mild => mild(&raster),
        Sharpen::Mask {
            sigma,
            flat,
            jagged,
            x1,
            y2,
            y3,
        } => {
            let [flat, jagged, x1, y2, y3] = [flat, jagged, x1, y2, y3].map(|number| number.value() as f32);
            // Two slopes that meet at `x1`, and limits to both sides.
            let curve = |difference: f32| {
                let near = difference.clamp(-x1, x1);
                (near * flat + (difference - near) * jagged).clamp(-y3, y2)
            };
            masked(raster, sigma.value(), curve)
        }
    }
}

/// 32 times the pixel less its eight neighbours, by 24.
fn mild(raster: &Raster) -> Raster {
    let channels = raster.layout.channels();
    let stride = raster.width as usize * channels;
    let mut sharp = raster.clone();
    separable(&raster.samples, stride, channels, (&[1.0; 3], &[1.0; 3]), |y, sums| {
        for (pixel, sums) in sharp.samples[y * stride..]
            .chunks_exact_mut(channels)
            .zip(sums.chunks_exact(channels))
        {
            for (sample, sum) in pixel.iter_mut().zip(sums).take(raster.layout.colours()) {
                *sample = rounded((33.0 * f32::from(*sample) - sum) / 24.0);
            }
        }
    });
    sharp
}

/// Adds to the lightness what the curve makes of its difference from its surroundings.
fn masked(mut raster: Raster, sigma: f64, curve: impl Fn(f32) -> f32) -> Raster {
    let channels = raster.layout.channels();
    let width = raster.width as usize;
    let colour = |pixel: &[u8]| match *pixel {
        [red, green, blue, ..] => [red, green, blue],
        _ => [0; 3],
    };
    let pixels = raster.samples.chunks_exact(channels);
    // In 1/327.67, which is what libvips computes with: half the memory of floating point.
    #[allow(clippy::cast_possible_truncation)]
    let lightness: Vec<i16> = pixels
        .map(|pixel| (lab(colour(pixel))[0] * STEPS).round() as i16)
        .collect();
    let kernel = gaussian(sigma, MIN_AMPLITUDE, true);
    separable(&lightness, width, 1, (&kernel, &kernel), |y, blurred| {
        let row = raster.samples[y * width * channels..].chunks_exact_mut(channels);
        for (pixel, blurred) in row.zip(blurred) {
            let [l, a, b] = lab(colour(pixel));
            let change = curve(l - blurred / STEPS);
            if change != 0.0 {
                let sharp = srgb([(l + change).clamp(0.0, 100.0), a, b]);
                pixel.iter_mut().zip(sharp).for_each(|(sample, sharp)| *sample = sharp);
            }
        }
    });
    raster
}

/// Of one unit of lightness.
const STEPS: f32 = 327.67;
