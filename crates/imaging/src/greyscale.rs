//! Colours to their luminance.

use std::sync::LazyLock;

use crate::raster::Raster;

/// Replaces colours by their luminance (IEC 61966-2-1: linear light, weights of BT.709), as sharp does. Alpha stays.
pub(crate) fn greyscale(raster: &mut Raster) {
    let channels = raster.layout.channels();
    let tables = &*GREY;
    for pixel in raster.samples.chunks_exact_mut(channels) {
        let [red, green, blue, ..] = *pixel else { continue };
        let linear = |sample: u8| tables.linear[usize::from(sample)];
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        let grey = tables.encoded[table_index(luminance)];
        pixel[..3].fill(grey);
    }
}

struct GreyTables {
    /// Linear light of a sample.
    linear: [f32; 256],
    /// Sample of a linear light in steps of 1/4095.
    encoded: [u8; 4096],
}

static GREY: LazyLock<GreyTables> = LazyLock::new(|| {
    let mut tables = GreyTables {
        linear: [0.0; 256],
        encoded: [0; 4096],
    };
    for (linear, sample) in tables.linear.iter_mut().zip(0u16..) {
        let value = f32::from(sample) / 255.0;
        *linear = if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        };
    }
    for (encoded, step) in tables.encoded.iter_mut().zip(0u16..) {
        let value = f32::from(step) / 4095.0;
        let sample = if value <= 0.003_130_8 {
            value * 12.92
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        *encoded = rounded(sample * 255.0);
    }
    tables
});

/// Index into 4096 steps; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn table_index(luminance: f32) -> usize {
    ((luminance * 4095.0 + 0.5) as usize).min(4095)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn rounded(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Layout;

    #[test]
    fn grey_of_greys_and_primaries() {
        let mut raster = Raster {
            width: 6,
            height: 1,
            layout: Layout::Rgb,
            samples: Vec::new(),
        };
        let colours = [[0; 3], [255; 3], [128; 3], [255, 0, 0], [0, 255, 0], [0, 0, 255]];
        raster.samples = colours.concat();
        greyscale(&mut raster);
        let grey: Vec<u8> = raster.samples.chunks(3).map(|pixel| pixel[0]).collect();
        for (found, expected) in grey.iter().zip([0u8, 255, 128, 127, 220, 76]) {
            assert!(found.abs_diff(expected) <= 1, "{grey:?}");
        }
    }
}
