//! Changes of colours in CIE LCh and L*a*b*.

use operations::{Colour, Modulate, Normalize};

use crate::greyscale::grey_of;
use crate::lab::{Lab, lab, srgb};
use crate::raster::Raster;

/// Scales lightness and chroma, turns the hue, adds to the lightness.
pub(super) fn modulate(raster: Raster, modulate: Modulate) -> Raster {
    let factor = |factor: Option<operations::Decimal>| factor.map_or(1.0, |factor| factor.value() as f32);
    let (brightness, saturation) = (factor(modulate.brightness), factor(modulate.saturation));
    let lightness = modulate.lightness.map_or(0.0, |lightness| lightness.value() as f32);
    let hue = f64::from(modulate.hue.unwrap_or_default().rem_euclid(360)).to_radians();
    let (sine, cosine) = (hue.sin() as f32 * saturation, hue.cos() as f32 * saturation);
    map_lab(raster, |[l, a, b]| {
        [l * brightness + lightness, a * cosine - b * sine, a * sine + b * cosine]
    })
}

/// Gives everything the colour's hue: most of it to what is neither dark nor light (sharp's weights).
pub(super) fn tint(mut raster: Raster, colour: Colour) -> Raster {
    let [_, a, b] = lab([colour.red, colour.green, colour.blue]);
    let table: Vec<[u8; 3]> = (0..=255)
        .map(|grey| {
            let [lightness, ..] = lab([grey; 3]);
            let off_middle = lightness / 100.0 - 0.5;
            let weight = 1.0 - 4.0 * off_middle * off_middle;
            srgb([lightness, a * weight, b * weight])
        })
        .collect();
    map(&mut raster, |colour| {
        let grey = usize::from(grey_of(colour));
        table.get(grey).copied().unwrap_or(colour)
    });
    raster
}

/// Stretches the lightness between two percentiles over its whole range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn normalize(raster: Raster, normalize: Normalize) -> Raster {
    let mut counts = [0u64; 101];
    for pixel in raster.samples.chunks_exact(raster.layout.channels()) {
        if let [red, green, blue, ..] = *pixel {
            let [lightness, ..] = lab([red, green, blue]);
            // `as` drops the fraction, as libvips does for a histogram.
            if let Some(count) = counts.get_mut((lightness + 1e-3) as usize) {
                *count += 1;
            }
        }
    }
    let (Some(lowest), Some(highest)) = (
        counts.iter().position(|count| *count > 0),
        counts.iter().rposition(|count| *count > 0),
    ) else {
        return raster;
    };
    let histogram = counts.get(..=highest).unwrap_or_default();
    let black = if normalize.lower == 0 {
        lowest
    } else {
        percentile(histogram, normalize.lower)
    };
    let white = if normalize.upper == 100 {
        highest
    } else {
        percentile(histogram, normalize.upper)
    };
    if black.abs_diff(white) <= 1 {
        return raster;
    }
    let factor = 100.0 / (white as f32 - black as f32);
    let offset = -(black as f32) * factor;
    map_lab(raster, |[l, a, b]| [l * factor + offset, a, b])
}

/// The first level at which the cumulated histogram, scaled to its own length, exceeds the share: libvips' `percent`.
fn percentile(histogram: &[u64], percent: u8) -> usize {
    let (levels, total) = (histogram.len() as u64, histogram.iter().sum::<u64>().max(1));
    let mut sum = 0;
    histogram
        .iter()
        .position(|count| {
            sum += count;
            sum * (levels - 1) / total * 100 > u64::from(percent) * levels
        })
        .unwrap_or(histogram.len())
}

fn map_lab(mut raster: Raster, new: impl Fn(Lab) -> Lab) -> Raster {
    map(&mut raster, |colour| srgb(new(lab(colour))));
    raster
}

/// Replaces every colour; neighbours are often equal, and computed once.
fn map(raster: &mut Raster, new: impl Fn([u8; 3]) -> [u8; 3]) {
    let mut last = ([0; 3], new([0; 3]));
    for pixel in raster.samples.chunks_exact_mut(raster.layout.channels()) {
        if let [red, green, blue, ..] = pixel {
            let colour = [*red, *green, *blue];
            if colour != last.0 {
                last = (colour, new(colour));
            }
            [*red, *green, *blue] = last.1;
        }
    }
}
