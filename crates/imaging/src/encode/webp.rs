//! WebP: lossless with the mark in pixels, lossy with marks to splice in.

use chips::webp::{Container, prepare, without_chips};
use image_webp::{ColorType, WebPEncoder};
use vp8::Pixels;
use watermark::{Fragile, MarkKey};

use super::refused;
use crate::Error;
use crate::raster::{Layout, Raster};

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
