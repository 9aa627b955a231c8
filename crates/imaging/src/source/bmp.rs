//! BMP originals.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder, ImageError};

use super::{Header, Probe};
use crate::raster::{Layout, Raster};
use crate::{Error, SourceFormat};

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let decoder = decoder(file)?;
    let (width, height) = decoder.dimensions();
    let layout = layout(&decoder)?;
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Bmp,
            width,
            height,
            alpha: layout.has_alpha(),
            orientation: 1,
            frames: 1,
        },
        layout,
        // A row, a palette.
        scratch: 1 << 20,
        motion: None,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let decoder = decoder(file)?;
    // Two readers of one header must agree on it before one relies on the other's buffer.
    let agreed = decoder.dimensions() == (raster.width, raster.height)
        && layout(&decoder)? == raster.layout
        && decoder.total_bytes() == raster.samples.len() as u64;
    if !agreed {
        return Err(Error::Malformed);
    }
    decoder.read_image(&mut raster.samples).map_err(refused)
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    decoder(file).ok()?.icc_profile().ok()?
}

fn decoder(file: &[u8]) -> Result<BmpDecoder<Cursor<&[u8]>>, Error> {
    BmpDecoder::new(Cursor::new(file)).map_err(refused)
}

fn layout(decoder: &BmpDecoder<Cursor<&[u8]>>) -> Result<Layout, Error> {
    match decoder.color_type() {
        ColorType::L8 => Ok(Layout::Grey),
        ColorType::Rgb8 => Ok(Layout::Rgb),
        ColorType::Rgba8 => Ok(Layout::Rgba),
        _ => Err(Error::Unsupported),
    }
}

fn refused(error: ImageError) -> Error {
    match error {
        ImageError::Unsupported(_) => Error::Unsupported,
        _ => Error::Malformed,
    }
}
