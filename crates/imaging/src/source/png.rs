//! PNG originals.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::{Header, Probe, exif};
use crate::raster::{Layout, Raster};
use crate::{Error, Excess, SourceFormat};

/// Bytes that the decoder may take for chunks (an inflated colour profile, EXIF) and rows. Pixels go to our own buffer.
const DECODER_BYTES: usize = 4 << 20;
/// Compressed pixels may have twice the pixels' bytes and these: more than the worst encoder needs, whose blocks are stored.
/// Blocks without content cost work and give nothing, so there is no other end to them.
const COMPRESSED_SLACK: u64 = 64 << 10;

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let reader = reader(file, Profile::Skip)?;
    let info = reader.info();
    let layout = layout(&reader)?;
    let row = (u64::from(info.width) * info.bits_per_pixel() as u64).div_ceil(8) + 1;
    let most = row.saturating_mul(u64::from(info.height)).saturating_mul(2);
    if compressed_bytes(file) > most.saturating_add(COMPRESSED_SLACK) {
        return Err(Error::OverBudget(Excess::Work));
    }
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Png,
            width: info.width,
            height: info.height,
            alpha: layout.has_alpha(),
            orientation: info.exif_metadata.as_deref().map_or(1, exif::orientation),
            frames: 1,
        },
        layout,
        scratch: DECODER_BYTES as u64,
        motion: None,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let mut reader = reader(file, Profile::Skip)?;
    if reader.output_buffer_size() != Some(raster.samples.len()) || layout(&reader)? != raster.layout {
        return Err(Error::Malformed);
    }
    let frame = reader.next_frame(&mut raster.samples).map_err(|_| Error::Malformed)?;
    // An animation's first frame may claim to be a part; as the picture it is all of it (PNG 3 section 11.3.6.2).
    if (frame.width, frame.height) == (raster.width, raster.height) {
        Ok(())
    } else {
        Err(Error::Malformed)
    }
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    reader(file, Profile::Read)
        .ok()?
        .info()
        .icc_profile
        .as_deref()
        .map(<[u8]>::to_vec)
}

/// Bytes of the file's pixels (`IDAT`), whichever of them a decoder will read.
fn compressed_bytes(file: &[u8]) -> u64 {
    let mut rest = file.get(8..).unwrap_or_default();
    let mut bytes = 0;
    while let Some((length, after)) = rest.split_first_chunk::<4>()
        && let Ok(length) = usize::try_from(u32::from_be_bytes(*length))
    {
        if after.starts_with(b"IDAT") {
            bytes += length.min(after.len()) as u64;
        }
        // Name, body and checksum.
        rest = length
            .checked_add(8)
            .and_then(|end| after.get(end..))
            .unwrap_or_default();
    }
    bytes
}

/// Whether a colour profile is inflated, which may take as long as the pixels do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Read,
    Skip,
}

/// A reader that has seen everything before the pixels and gives 8 bits a channel without palette.
fn reader(file: &[u8], profile: Profile) -> Result<Reader<Cursor<&[u8]>>, Error> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: DECODER_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(profile == Profile::Skip);
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
