//! PNG originals.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::{Header, Probe, exif};
use crate::raster::{Layout, Raster};
use crate::{Error, Excess, SourceFormat};

/// Bytes that the decoder may take for chunks (an inflated colour profile, EXIF) and rows. Pixels go to our own buffer.
const DECODER_BYTES: usize = 4 << 20;

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let reader = reader(file)?;
    let info = reader.info();
    let layout = layout(&reader)?;
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Png,
            width: info.width,
            height: info.height,
            alpha: layout.has_alpha(),
            orientation: info.exif_metadata.as_deref().map_or(1, exif::orientation),
        },
        layout,
        scratch: DECODER_BYTES as u64,
        scans: 1,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let mut reader = reader(file)?;
    if reader.output_buffer_size() != Some(raster.samples.len()) || layout(&reader)? != raster.layout {
        return Err(Error::Malformed);
    }
    reader.next_frame(&mut raster.samples).map_err(|_| Error::Malformed)?;
    Ok(())
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    reader(file).ok()?.info().icc_profile.as_deref().map(<[u8]>::to_vec)
}

/// A reader that has seen everything before the pixels and gives 8 bits a channel without palette.
fn reader(file: &[u8]) -> Result<Reader<Cursor<&[u8]>>, Error> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: DECODER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.read_info().map_err(|error| match error {
        DecodingError::LimitsExceeded => Error::OverBudget(Excess::WorkingBytes),
        _ => Error::Malformed,
    })
}

fn layout(reader: &Reader<Cursor<&[u8]>>) -> Result<Layout, Error> {
    match reader.output_color_type() {
        (ColorType::Grayscale, BitDepth::Eight) => Ok(Layout::Grey),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Ok(Layout::GreyAlpha),
        (ColorType::Rgb, BitDepth::Eight) => Ok(Layout::Rgb),
        (ColorType::Rgba, BitDepth::Eight) => Ok(Layout::Rgba),
        _ => Err(Error::Unsupported),
    }
}
