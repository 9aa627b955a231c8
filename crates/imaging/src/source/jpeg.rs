//! JPEG originals.

use jpeg::{Decoder, Limits, Planes, Scale};

pub(crate) use super::jpeg_header::End;
use super::jpeg_header::JpegHeader;
use super::{Header, Probe};
use crate::raster::Layout;
use crate::{Budget, Error, Excess, SourceFormat};

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let jpeg = JpegHeader::read(file)?;
    // Without Adobe's marker nobody knows whether CMYK is stored inverted.
    if jpeg.sampling.len() == 4 && !jpeg.adobe {
        return Err(Error::Unsupported);
    }
    let layout = if jpeg.sampling.len() == 1 {
        Layout::Grey
    } else {
        Layout::Rgb
    };
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Jpeg,
            width: u32::from(jpeg.width),
            height: u32::from(jpeg.height),
            alpha: false,
            orientation: jpeg.orientation,
            frames: 1,
        },
        layout,
        // Rows of MCUs on their way into the planes.
        scratch: u64::from(jpeg.width).saturating_mul(512),
        motion: None,
    })
}

/// Bytes of the planes that [`planes`] gives at most, and in a progressive file of the coefficients that are kept until its last
/// scan: of each block those that the scale needs, two bytes each, and a bit for each of all.
pub(crate) fn plane_bytes(file: &[u8], scale: Scale) -> u64 {
    let Ok(jpeg) = JpegHeader::read(file) else {
        return u64::MAX;
    };
    let divisor = u64::from(scale.divisor());
    let kept = if jpeg.progressive {
        jpeg.coefficients() / 64 * (2 * 64 / (divisor * divisor) + 8)
    } else {
        0
    };
    jpeg.samples(divisor).saturating_add(kept)
}

/// Bytes of all coefficients, as reading a mark takes them.
pub(crate) fn coefficient_bytes(file: &[u8]) -> u64 {
    JpegHeader::read(file).map_or(u64::MAX, |jpeg| jpeg.coefficients() / 64 * (2 * 64 + 8))
}

/// Decodes the components as they are stored, subsampled chroma at half the scale if that is enough.
pub(crate) fn planes(file: &[u8], scale: Scale, half_chroma: bool, budget: &Budget) -> Result<Planes, Error> {
    decoded(decoder(scale, half_chroma, budget), file)
}

/// What a decoder makes of a whole file.
pub(crate) fn decoded(mut decoder: Decoder, file: &[u8]) -> Result<Planes, Error> {
    decoder.push(file).and_then(|()| decoder.finish()).map_err(undecoded)
}

/// What does the same with a file that comes in pieces.
pub(crate) fn decoder(scale: Scale, half_chroma: bool, budget: &Budget) -> Decoder {
    let limits = Limits {
        // The header's size is within the budget's bytes already.
        max_pixels: budget.pixel_bytes,
        max_scans: budget.scans,
        max_visits: budget.visits,
    };
    let decoder = Decoder::new(scale, &limits);
    if half_chroma {
        decoder.with_half_chroma()
    } else {
        decoder
    }
}

/// Why a file could not be decoded.
pub(crate) fn undecoded(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::Unsupported(_) => Error::Unsupported,
        jpeg::Error::TooManyScans => Error::OverBudget(Excess::Scans),
        jpeg::Error::TooMuchWork => Error::OverBudget(Excess::Work),
        _ => Error::Malformed,
    }
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    JpegHeader::read(file).ok()?.assembled_profile()
}
