//! Writing the picture, with the invisible mark in the least-significant bits that each format preserves.

mod jpeg;
mod pixels;
mod png;
mod webp;

use watermark::{Fragile, MIN_CARRIERS, Spread};

use crate::raster::{Layout, Raster};
use crate::{Error, OutputFormat};

pub(crate) use jpeg::Carriers as JpegCarriers;
pub(crate) use pixels::{carriers as pixel_carriers, read as read_pixel};
pub(crate) use webp::Carriers as Vp8Carriers;

/// Quality of JPEG and lossy WebP when none is asked for.
const DEFAULT_QUALITY: u8 = 80;

/// Carriers in coefficients, where each costs quality, that are enough: room for four repeats of the codeword. Nothing is lost
/// between writing and reading, so repeats only help against retouching. A small picture has to do with one.
const ENOUGH_CARRIERS: usize = 4 * MIN_CARRIERS;

/// Marks and encodes an RGB or RGBA picture; RGBA only if the format has alpha.
///
/// # Errors
/// [`Error::TooSmall`], or [`Error::Encode`] if the encoder fails.
pub(crate) fn encode(
    raster: Raster,
    format: OutputFormat,
    quality: Option<u8>,
    mark: &Fragile,
) -> Result<Vec<u8>, Error> {
    let quality = quality.unwrap_or(DEFAULT_QUALITY);
    match format {
        OutputFormat::Jpeg => jpeg::encode(raster, quality, mark),
        OutputFormat::Png => png::encode(pixels::marked(raster, mark)?),
        OutputFormat::WebPLossy => webp::encode_lossy(&raster, quality, mark),
        OutputFormat::WebPLossless => webp::encode_lossless(pixels::marked(raster, mark)?),
    }
}

/// Bytes that marking and encoding take beside the picture, at most: coefficients or planes, and the growing file. Measured
/// on photographs with a counting allocator, rounded up.
pub(crate) fn scratch(format: OutputFormat, quality: Option<u8>, layout: Layout, (width, height): (u32, u32)) -> u64 {
    let bytes_per_pixel = match (format, layout) {
        (OutputFormat::Jpeg, _) if jpeg::is_dense(quality.unwrap_or(DEFAULT_QUALITY), width, height) => 6,
        (OutputFormat::Jpeg, _) => 3,
        (OutputFormat::Png, Layout::Rgba) => 13,
        (OutputFormat::Png, _) => 10,
        (OutputFormat::WebPLossy, _) => 6,
        (OutputFormat::WebPLossless, _) => 10,
    };
    u64::from(width)
        .saturating_mul(u64::from(height))
        .saturating_mul(bytes_per_pixel)
}

fn spread(mark: &Fragile, carriers: usize) -> Result<Spread, Error> {
    mark.spread(carriers).map_err(|_| Error::TooSmall)
}
