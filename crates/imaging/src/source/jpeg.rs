//! JPEG originals.

use jpeg::{Decoder, Limits, Planes, Scale};

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
    // A progressive picture, and one whose components come in scans of their own, is gone over more than once.
    let whole = jpeg.progressive || usize::from(jpeg.first_scan) != jpeg.sampling.len();
    let (scans, visits) = if whole { later_scans(file, &jpeg) } else { (1, 0) };
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
        scans,
        visits,
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
    let limits = Limits {
        // The header's size is within the budget's bytes already.
        max_pixels: budget.pixel_bytes,
        max_scans: budget.scans,
        max_visits: budget.visits,
    };
    let mut decoder = Decoder::new(scale, &limits);
    if half_chroma {
        decoder = decoder.with_half_chroma();
    }
    decoder
        .push(file)
        .and_then(|()| decoder.finish())
        .map_err(|error| match error {
            jpeg::Error::Unsupported(_) => Error::Unsupported,
            jpeg::Error::TooManyScans => Error::OverBudget(Excess::Scans),
            jpeg::Error::TooMuchWork => Error::OverBudget(Excess::Work),
            _ => Error::Malformed,
        })
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    JpegHeader::read(file).ok()?.assembled_profile()
}

/// Counts scans and the coefficients that they visit. In entropy-coded data 0xFF is always followed by 0 or a marker, so a
/// scan's marker cannot be mistaken.
fn later_scans(file: &[u8], jpeg: &JpegHeader<'_>) -> (u32, u64) {
    let mut rest = file.get(jpeg.scan_start..).unwrap_or_default();
    // The first scan, whatever it says, counts as one over everything.
    let (mut scans, mut visits) = (1_u32, jpeg.coefficients());
    while let Some(segment) = behind_start_of_scan(rest) {
        rest = segment;
        scans = scans.saturating_add(1);
        visits = visits.saturating_add(jpeg.visits(segment.get(2..).unwrap_or_default()));
    }
    (scans, visits)
}

/// What follows the next marker of a scan.
fn behind_start_of_scan(mut data: &[u8]) -> Option<&[u8]> {
    /// Bytes that are looked at together: next to none of them are 0xFF.
    const BYTES: usize = 32;
    while let Some((bytes, behind)) = data.split_first_chunk::<BYTES>() {
        if !bytes.iter().fold(false, |ones, &byte| ones | (byte == 0xFF)) {
            data = behind;
            continue;
        }
        // The last of them may be the first half of a marker.
        let pairs = data.get(..BYTES + 1).unwrap_or(data).windows(2);
        match pairs.clone().position(|pair| pair == [0xFF, 0xDA]) {
            Some(place) => return data.get(place + 2..),
            None => data = behind,
        }
    }
    let place = data.windows(2).position(|pair| pair == [0xFF, 0xDA])?;
    data.get(place + 2..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_scan_is_found(
            data in proptest::collection::vec(prop_oneof![8 => any::<u8>(), 1 => Just(0xFF), 1 => Just(0xDA)], 0..300),
        ) {
            let mut expected = data.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]);
            let mut rest = data.as_slice();
            while let Some(behind) = behind_start_of_scan(rest) {
                prop_assert_eq!(expected.next().map(|(place, _)| place + 2), Some(data.len() - behind.len()));
                rest = behind;
            }
            prop_assert!(expected.next().is_none());
        }
    }
}
