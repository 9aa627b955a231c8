//! PNG.

use lossless::{Container, Picture, prepare};

use crate::Error;
use crate::raster::{Layout, Raster};

/// Encodes a picture as a PNG that marks are spliced into; one without colours as grey.
pub(crate) fn splice(raster: Raster) -> Result<Container, Error> {
    let raster = uncoloured(raster);
    let (width, height, channels) = (raster.width, raster.height, raster.layout.channels());
    let picture = Picture::new(width, height, channels, raster.samples).map_err(refused)?;
    prepare(picture).map_err(refused)
}

/// Why there is no PNG, or no lossless WebP.
pub(crate) fn refused(error: lossless::Error) -> Error {
    match error {
        lossless::Error::Container(chips::Error::TooSmall) => Error::TooSmall,
        _ => Error::Encode,
    }
}

/// Leaves green alone of a picture in which red, green and blue are the same everywhere.
fn uncoloured(mut raster: Raster) -> Raster {
    let layout = match raster.layout {
        Layout::Rgb if raster.samples.as_chunks().0.iter().all(|[r, g, b]| r == g && g == b) => Layout::Grey,
        Layout::Rgba if raster.samples.as_chunks().0.iter().all(|[r, g, b, _]| r == g && g == b) => Layout::GreyAlpha,
        _ => return raster,
    };
    let (from, to) = (raster.layout.channels(), layout.channels());
    let mut at = 0;
    raster.samples.retain(|_| {
        at += 1;
        // The last ones of each pixel.
        (at - 1) % from >= from - to
    });
    raster.samples.shrink_to_fit();
    Raster { layout, ..raster }
}
