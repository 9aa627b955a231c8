//! WebP originals.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::animation::Motion;
use super::webp_header::WebPHeader;
use super::{Header, Probe, exif, vp8l};
use crate::raster::{Layout, Raster};
use crate::{Error, SourceFormat};

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let webp = WebPHeader::read(file)?;
    // Some writers put JPEG's prefix before the TIFF block.
    let tiff = webp.exif.map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    let pixels = u64::from(webp.width).saturating_mul(u64::from(webp.height));
    // What the decoder holds beside our buffer: planes for lossy, four channels for opaque lossless, both and a canvas
    // for an animation.
    let bytes_per_pixel = match (webp.animated, webp.lossless, webp.alpha) {
        (true, _, _) => 10,
        (false, true, false) => 5,
        (false, true, true) => 1,
        (false, false, true) => 3,
        (false, false, false) => 2,
    };
    let frames = webp.frames.max(1);
    Ok(Header {
        probe: Probe {
            format: SourceFormat::WebP,
            width: webp.width,
            height: webp.height,
            alpha: webp.alpha,
            orientation: tiff.map_or(1, exif::orientation),
            frames,
        },
        layout: if webp.alpha { Layout::Rgba } else { Layout::Rgb },
        scratch: pixels.saturating_mul(bytes_per_pixel),
        motion: webp.animated.then_some(Motion {
            frames,
            // A frame may be as large as the canvas.
            pixels: pixels.saturating_mul(u64::from(frames)),
            scratch: pixels.saturating_mul(9),
            plays: webp.plays,
        }),
    })
}

/// Bytes that the decoder takes for prefix codes, in addition to the header's scratch; at least `most` if they are more.
pub(crate) fn code_bytes(file: &[u8], most: u64) -> Result<u64, Error> {
    match WebPHeader::read(file)?.prefix_coded {
        Some(coded) => vp8l::code_bytes(coded.stream, coded.width, coded.height, coded.headed, most),
        None => Ok(0),
    }
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(|_| Error::Malformed)?;
    // Two readers of one header must agree on it before one relies on the other's buffer.
    let agreed = decoder.dimensions() == (raster.width, raster.height)
        && decoder.output_buffer_size() == Some(raster.samples.len())
        && decoder.has_alpha() == raster.layout.has_alpha();
    if !agreed {
        return Err(Error::Malformed);
    }
    decoder.read_image(&mut raster.samples).map_err(|_| Error::Malformed)
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    WebPHeader::read(file).ok()?.profile.map(<[u8]>::to_vec)
}
