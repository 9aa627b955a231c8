//! Writing the picture, with the invisible mark in the least-significant bits that each format preserves.

pub(crate) mod gif;
mod jpeg;
pub(crate) mod opaque;
mod palette;
mod pixels;
mod png;
mod webp;
pub(crate) mod webp_animation;

use ::jpeg::{Process, Sampling};
use chips::Container;
use watermark::{Fragile, MIN_CARRIERS, MarkKey, Spread};

use crate::planar::Planar;
use crate::raster::{Layout, Raster};
use crate::{Error, OutputFormat};

pub(crate) use pixels::{carriers as pixel_carriers, read as read_pixel};
pub(crate) use png::{refused as lossless_refused, splice as splice_png};
pub(crate) use webp::splice_lossless as splice_lossless_webp;

/// Quality of JPEG and lossy WebP when none is asked for.
const DEFAULT_QUALITY: u8 = 80;

/// Carriers in coefficients, where each costs quality, that are enough: room for four repeats of the codeword. Nothing is lost
/// between writing and reading, so repeats only help against retouching. A small picture has to do with one.
const ENOUGH_CARRIERS: usize = 4 * MIN_CARRIERS;

/// The quality of JPEG and lossy WebP, if `asked` for or not.
pub(crate) fn quality(asked: Option<u8>) -> u8 {
    asked.unwrap_or(DEFAULT_QUALITY)
}

/// Encodes an RGB picture as a JPEG that marks are spliced into.
///
/// # Errors
/// [`Error::TooSmall`], or [`Error::Encode`] if the encoder fails.
pub(crate) fn splice(raster: Raster, process: Process, quality: u8, key: &MarkKey) -> Result<Container, Error> {
    if raster.layout != Layout::Rgb {
        return Err(Error::Encode);
    }
    let sides = (raster.width, raster.height);
    let spectrum = jpeg::spectrum(
        ::jpeg::Pixels::Rgb(&raster.samples),
        sides,
        jpeg::sampling(quality, sides),
        quality,
    )?;
    drop(raster);
    chips::prepare_as(process, spectrum, key).map_err(refused)
}

/// The same of planes, which have the [`sampling`] of JPEG.
///
/// # Errors
/// As [`splice`].
pub(crate) fn splice_planes(
    picture: &Planar,
    process: Process,
    quality: u8,
    key: &MarkKey,
) -> Result<Container, Error> {
    let planes = picture.planes.each_ref().map(Vec::as_slice);
    let sides = (picture.width, picture.height);
    let spectrum = jpeg::spectrum(::jpeg::Pixels::Ycc(planes), sides, picture.sampling, quality)?;
    chips::prepare_as(process, spectrum, key).map_err(refused)
}

/// Why there is no JPEG.
pub(crate) fn refused(error: chips::Error) -> Error {
    match error {
        chips::Error::TooSmall => Error::TooSmall,
        _ => Error::Encode,
    }
}

/// Marks and encodes an RGB or RGBA picture in a format other than JPEG; RGBA only if the format has alpha.
///
/// # Errors
/// [`Error::TooSmall`], or [`Error::Encode`] if the encoder fails.
pub(crate) fn encode(raster: Raster, format: OutputFormat, quality: u8, mark: &Fragile) -> Result<Vec<u8>, Error> {
    match (format, raster.layout) {
        (OutputFormat::WebPLossy, Layout::Rgb) => {
            let sides = (raster.width, raster.height);
            webp::encode_lossy(vp8::Pixels::Rgb(&raster.samples), sides, quality, mark)
        }
        (OutputFormat::WebPLossless, _) => webp::encode_lossless(pixels::marked(raster, mark)?),
        _ => Err(Error::Encode),
    }
}

/// Encodes an RGB picture as a lossy WebP that marks are spliced into.
///
/// # Errors
/// [`Error::Encode`] if the encoder fails.
pub(crate) fn splice_webp(raster: &Raster, quality: u8, key: &MarkKey) -> Result<chips::webp::Container, Error> {
    if raster.layout != Layout::Rgb {
        return Err(Error::Encode);
    }
    let sides = (raster.width, raster.height);
    webp::splice(vp8::Pixels::Rgb(&raster.samples), sides, quality, key)
}

/// The same of planes, which have the [`sampling`] of WebP.
///
/// # Errors
/// As [`splice_webp`].
pub(crate) fn splice_webp_planes(
    picture: &Planar,
    quality: u8,
    key: &MarkKey,
) -> Result<chips::webp::Container, Error> {
    let planes = picture.planes.each_ref().map(Vec::as_slice);
    let sides = (picture.width, picture.height);
    webp::splice(vp8::Pixels::Ycc(planes), sides, quality, key)
}

/// How a format samples chroma; `None` for those that store red, green and blue.
pub(crate) fn sampling(format: OutputFormat, quality: Option<u8>, sides: (u32, u32)) -> Option<Sampling> {
    match format {
        OutputFormat::Jpeg => Some(jpeg::sampling(self::quality(quality), sides)),
        OutputFormat::WebPLossy => Some(Sampling::Yuv420),
        OutputFormat::Png | OutputFormat::WebPLossless | OutputFormat::Gif => None,
    }
}

/// Bytes that are kept of a pixel of each frame of an animation until it is marked.
pub(crate) fn kept(format: OutputFormat) -> u64 {
    match format {
        OutputFormat::Gif => 1,
        OutputFormat::WebPLossy => 3,
        _ => 4,
    }
}

/// Bytes that marking and encoding take beside the picture, at most: coefficients or planes, and the growing file. Measured
/// on photographs with a counting allocator, rounded up.
pub(crate) fn scratch(format: OutputFormat, quality: Option<u8>, layout: Layout, (width, height): (u32, u32)) -> u64 {
    let bytes_per_pixel = match (format, layout) {
        (OutputFormat::Jpeg, _) => match jpeg::sampling(self::quality(quality), (width, height)) {
            Sampling::Yuv444 => 6,
            Sampling::Yuv420 => 3,
        },
        (OutputFormat::Png, Layout::Rgba) => 13,
        (OutputFormat::Png, _) => 10,
        (OutputFormat::WebPLossy, _) => 6,
        (OutputFormat::WebPLossless, Layout::Rgba) => 15,
        (OutputFormat::WebPLossless, _) => 13,
        // With alpha, as indices twice, and the growing file.
        (OutputFormat::Gif, _) => 9,
    };
    let bytes = u64::from(width)
        .saturating_mul(u64::from(height))
        .saturating_mul(bytes_per_pixel);
    match format {
        OutputFormat::Jpeg => bytes.saturating_add((bytes / 2).min(KEPT_SYMBOLS)),
        _ => bytes,
    }
}

/// What the JPEG encoder keeps of a picture's symbols between counting and writing them, in bytes.
const KEPT_SYMBOLS: u64 = 1 << 20;

fn spread(mark: &Fragile, carriers: usize) -> Result<Spread, Error> {
    mark.spread(carriers).map_err(|_| Error::TooSmall)
}
