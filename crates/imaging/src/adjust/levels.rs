//! What becomes of a sample depends on the sample alone: gamma, threshold, linear, negative.

use operations::{Gamma, Linear, Negate, Threshold};

use crate::greyscale;
use crate::raster::Raster;

/// Darkens, so that what is averaged next is nearer to light.
pub(crate) fn darken(raster: &mut Raster, gamma: Gamma) {
    let exponent = gamma.before.value();
    raise(raster, exponent);
}

/// Brightens again.
pub(super) fn brighten(mut raster: Raster, gamma: Gamma) -> Raster {
    raise(&mut raster, 1.0 / gamma.after.value());
    raster
}

pub(super) fn threshold(mut raster: Raster, threshold: Threshold) -> Raster {
    if threshold.grayscale {
        greyscale::greyscale(&mut raster);
    }
    // Alpha too, as sharp does: what is black and white has hard edges.
    for sample in &mut raster.samples {
        *sample = if *sample >= threshold.level { 255 } else { 0 };
    }
    raster
}

pub(super) fn linear(mut raster: Raster, linear: Linear) -> Raster {
    let (a, b) = (linear.a.value(), linear.b.value());
    look_up(&mut raster, |sample| a * sample + b);
    raster
}

pub(super) fn negate(mut raster: Raster, negate: Negate) -> Raster {
    if negate.alpha {
        raster.samples.iter_mut().for_each(|sample| *sample = !*sample);
    } else {
        look_up(&mut raster, |sample| 255.0 - sample);
    }
    raster
}

fn raise(raster: &mut Raster, exponent: f64) {
    look_up(raster, |sample| 255.0 * (sample / 255.0).powf(exponent));
}

/// Replaces every sample but those of alpha. Like libvips, `as` drops the fraction; and it saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn look_up(raster: &mut Raster, new: impl Fn(f64) -> f64) {
    // What the arithmetic leaves just below a whole number is that number.
    let table: [u8; 256] = std::array::from_fn(|sample| (new(sample as f64) + 1e-9) as u8);
    let (channels, colours) = (raster.layout.channels(), raster.layout.colours());
    for pixel in raster.samples.chunks_exact_mut(channels) {
        for sample in pixel.iter_mut().take(colours) {
            *sample = table[usize::from(*sample)];
        }
    }
}
