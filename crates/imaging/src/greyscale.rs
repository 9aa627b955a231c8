//! Colours to their luminance.

use operations::Colour;

use crate::light::{decoded, encoded};
use crate::raster::Raster;

/// Replaces colours by their luminance (IEC 61966-2-1: linear light, weights of BT.709), as sharp does. Alpha stays.
pub(crate) fn greyscale(raster: &mut Raster) {
    let channels = raster.layout.channels();
    for pixel in raster.samples.chunks_exact_mut(channels) {
        let [red, green, blue, ..] = *pixel else { continue };
        pixel[..3].fill(grey_of([red, green, blue]));
    }
}

/// The grey of a colour.
pub(crate) fn grey_of([red, green, blue]: [u8; 3]) -> u8 {
    encoded(0.2126 * decoded(red) + 0.7152 * decoded(green) + 0.0722 * decoded(blue))
}

/// A colour without its colour.
pub(crate) fn grey_colour(colour: Colour) -> Colour {
    let grey = grey_of([colour.red, colour.green, colour.blue]);
    Colour {
        red: grey,
        green: grey,
        blue: grey,
        alpha: colour.alpha,
    }
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
