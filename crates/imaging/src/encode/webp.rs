//! WebP: lossless with the mark in pixels, lossy with marks to splice in.

use chips::webp::{Container, prepare, without_chips};
use image_webp::{ColorType, WebPEncoder};
use vp8::Pixels;
use watermark::{Fragile, MarkKey};

use super::{lossless_refused, refused};
use crate::Error;
use crate::raster::{Layout, Raster};
use crate::unmarked::Picture;

pub(crate) fn encode_lossless(raster: Raster) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    let colour = if raster.layout == Layout::Rgba {
        ColorType::Rgba8
    } else {
        ColorType::Rgb8
    };
    WebPEncoder::new(&mut file)
        .encode(&raster.samples, raster.width, raster.height, colour)
        .map_err(|_| Error::Encode)?;
    Ok(file)
}

/// Encodes a picture as a lossless WebP that marks are spliced into. One that cannot carry a tracing code is left as it is, to be encoded
/// by [`encode_lossless`].
pub(crate) fn splice_lossless(raster: Raster) -> Result<Picture, Error> {
    let (width, height, channels) = (raster.width, raster.height, raster.layout.channels());
    let picture = lossless::Picture::new(width, height, channels, raster.samples).map_err(lossless_refused)?;
    let container = lossless::prepare_webp(&picture).map_err(lossless_refused)?;
    Ok(container.map_or_else(
        || {
            Picture::Pixels(Raster {
                samples: picture.into_samples(),
                ..raster
            })
        },
        Picture::Lossless,
    ))
}

/// Encodes a picture as a lossy WebP that marks are spliced into.
pub(crate) fn splice(pixels: Pixels<'_>, sides: (u32, u32), quality: u8, key: &MarkKey) -> Result<Container, Error> {
    prepare(pixels, small(sides)?, quality, key).map_err(refused)
}

/// A picture with the fragile mark alone: what an animation has many of.
pub(crate) fn encode_lossy(
    pixels: Pixels<'_>,
    sides: (u32, u32),
    quality: u8,
    mark: &Fragile,
) -> Result<Vec<u8>, Error> {
    let container = without_chips(pixels, small(sides)?, quality).map_err(refused)?;
    container.mark(&[], mark).map_err(refused)
}

fn small((width, height): (u32, u32)) -> Result<(u16, u16), Error> {
    let side = |side: u32| u16::try_from(side).map_err(|_| Error::Encode);
    Ok((side(width)?, side(height)?))
}
