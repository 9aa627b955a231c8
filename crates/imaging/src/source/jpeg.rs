//! JPEG originals.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use super::jpeg_header::JpegHeader;
use super::{Header, Probe};
use crate::raster::{Layout, Raster};
use crate::{Error, SourceFormat};

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
    // A progressive picture, and one whose components come in scans of their own, is held as coefficients of 16 bits.
    let whole = jpeg.progressive || usize::from(jpeg.first_scan) != jpeg.sampling.len();
    let (scans, visits) = if whole { later_scans(file, &jpeg) } else { (1, 0) };
    let rows = u64::from(jpeg.width).saturating_mul(512);
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Jpeg,
            width: u32::from(jpeg.width),
            height: u32::from(jpeg.height),
            alpha: false,
            orientation: jpeg.orientation,
        },
        layout,
        scratch: rows + if whole { jpeg.coefficients() * 2 } else { 0 },
        scans,
        visits,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let start = JpegHeader::read(file)?.scan_start;
    // The decoder fills what a truncated file lacks with grey; such a file must not pass for the picture.
    if !file
        .get(start..)
        .is_some_and(|scan| scan.windows(2).rev().any(|pair| pair == [0xFF, 0xD9]))
    {
        return Err(Error::Malformed);
    }
    let space = if raster.layout == Layout::Grey {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(raster.width as usize)
        .set_max_height(raster.height as usize)
        .jpeg_set_out_colorspace(space);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| Error::Malformed)?;
    // Two readers of one header must agree on it before one relies on the other's buffer.
    let agreed = decoder.dimensions() == Some((raster.width as usize, raster.height as usize))
        && decoder.output_buffer_size() == Some(raster.samples.len());
    if !agreed {
        return Err(Error::Malformed);
    }
    decoder.decode_into(&mut raster.samples).map_err(|_| Error::Malformed)
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    JpegHeader::read(file).ok()?.assembled_profile()
}

/// Counts scans and the coefficients that they visit. In entropy-coded data 0xFF is always followed by 0 or a marker, so a
/// scan's marker cannot be mistaken.
fn later_scans(file: &[u8], jpeg: &JpegHeader<'_>) -> (u32, u64) {
    let rest = file.get(jpeg.scan_start..).unwrap_or_default();
    let later = rest.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]);
    // The first scan, whatever it says, counts as one over everything.
    later.fold((1, jpeg.coefficients()), |(scans, visits): (u32, u64), (at, _)| {
        let segment = rest.get(at + 4..).unwrap_or_default();
        (scans.saturating_add(1), visits.saturating_add(jpeg.visits(segment)))
    })
}
