//! TIFF originals: the first picture of the file, grey, RGB or CMYK of 8 or 16 bits, uncompressed or by LZW, deflate or PackBits.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, Limits};
use tiff::tags::Tag;

use super::{Header, Probe, exif};
use crate::ink::Inks;
use crate::raster::{Layout, Raster};
use crate::{Error, Excess, SourceFormat};

/// Bytes that the decoder may take for a tag's values and for one strip or tile. Pixels go to our own buffer.
const DECODER_BYTES: usize = 4 << 20;
/// Most strips or tiles. Each sets a decompressor up, however little it holds; writers make strips of 8 KiB and more.
const MOST_CHUNKS: usize = 1 << 14;

/// How the file stores a pixel.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stored {
    layout: Layout,
    /// Cyan, magenta, yellow and key instead of red, green and blue.
    cmyk: bool,
    /// 16 bits a channel instead of 8.
    deep: bool,
}

impl Stored {
    /// Bytes of a pixel.
    fn bytes(self) -> u64 {
        let channels = if self.cmyk { 4 } else { self.layout.channels() as u64 };
        channels << u32::from(self.deep)
    }

    /// Whether the decoder's bytes are the picture's.
    fn is_plain(self) -> bool {
        !self.cmyk && !self.deep
    }
}

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let mut decoder = decoder(file)?;
    let stored = stored(&mut decoder)?;
    let (width, height) = decoder.dimensions().map_err(refused)?;
    check_chunks(file, &mut decoder)?;
    let copy = if stored.is_plain() {
        0
    } else {
        u64::from(width)
            .saturating_mul(u64::from(height))
            .saturating_mul(stored.bytes())
    };
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Tiff,
            width,
            height,
            alpha: stored.layout.has_alpha(),
            orientation: exif::orientation(file),
            frames: 1,
        },
        layout: stored.layout,
        scratch: copy.saturating_add(2 * DECODER_BYTES as u64),
        motion: None,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let mut decoder = decoder(file)?;
    let stored = stored(&mut decoder)?;
    let layout = decoder.image_buffer_layout().map_err(refused)?;
    // Two readers of one header must agree on it before one relies on the other's buffer.
    let pixels = raster.width as usize * raster.height as usize;
    if layout.planes != 1 || stored.layout != raster.layout {
        return Err(Error::Unsupported);
    }
    if u64::try_from(layout.complete_len) != Ok(pixels as u64 * stored.bytes()) {
        return Err(Error::Malformed);
    }
    let premultiplied = is_premultiplied(&mut decoder)?;
    if stored.is_plain() {
        decoder.read_image_bytes(&mut raster.samples).map_err(refused)?;
        if premultiplied {
            divide(raster);
        }
        return Ok(());
    }
    let mut bytes = vec![0; layout.complete_len];
    decoder.read_image_bytes(&mut bytes).map_err(refused)?;
    if stored.deep {
        // The decoder gives the machine's own byte order; the eight upper bits are the sample.
        for index in 0..bytes.len() / 2 {
            bytes[index] = u16::from_ne_bytes([bytes[index * 2], bytes[index * 2 + 1]]).to_be_bytes()[0];
        }
        bytes.truncate(bytes.len() / 2);
    }
    if stored.cmyk {
        let inks = Inks::new(profile(file).as_deref());
        // By rows, so that there are not two more pictures.
        let width = raster.width as usize;
        let rows = raster.samples.chunks_exact_mut(width * 3);
        for (row, inked) in rows.zip(bytes.as_chunks().0.chunks_exact(width)) {
            row.copy_from_slice(&inks.light(inked));
        }
    } else {
        raster.samples = bytes;
    }
    if premultiplied {
        divide(raster);
    }
    Ok(())
}

/// Whether colours are stored multiplied by alpha (TIFF 6.0 section 18, "associated").
fn is_premultiplied(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<bool, Error> {
    let kinds = decoder
        .find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)
        .map_err(refused)?;
    Ok(kinds.is_some_and(|kinds| kinds.first() == Some(&1)))
}

/// Divides colours by alpha.
fn divide(raster: &mut Raster) {
    if !raster.layout.has_alpha() {
        return;
    }
    for pixel in raster.samples.chunks_exact_mut(raster.layout.channels()) {
        let Some((alpha, colours)) = pixel.split_last_mut() else {
            continue;
        };
        let alpha = u16::from(*alpha);
        for colour in colours.iter_mut().filter(|_| alpha > 0) {
            // A colour above its alpha makes no sense, and is all of it.
            *colour = u8::try_from((u16::from(*colour) * 255 + alpha / 2) / alpha).unwrap_or(u8::MAX);
        }
    }
}

pub(crate) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    decoder(file).ok()?.get_tag_u8_vec(Tag::IccProfile).ok()
}

fn decoder(file: &[u8]) -> Result<Decoder<Cursor<&[u8]>>, Error> {
    let mut limits = Limits::default();
    limits.ifd_value_size = DECODER_BYTES;
    limits.intermediate_buffer_size = DECODER_BYTES;
    Ok(Decoder::new(Cursor::new(file)).map_err(refused)?.with_limits(limits))
}

fn stored(decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<Stored, Error> {
    // Whole numbers without a sign, or it is not a picture as we know it.
    let formats = decoder
        .find_tag_unsigned_vec::<u16>(Tag::SampleFormat)
        .map_err(refused)?;
    if formats.is_some_and(|formats| formats.iter().any(|format| *format != 1)) {
        return Err(Error::Unsupported);
    }
    let (layout, cmyk, bits) = match decoder.colortype().map_err(refused)? {
        ColorType::Gray(bits) => (Layout::Grey, false, bits),
        ColorType::GrayA(bits) => (Layout::GreyAlpha, false, bits),
        ColorType::RGB(bits) => (Layout::Rgb, false, bits),
        ColorType::RGBA(bits) => (Layout::Rgba, false, bits),
        ColorType::CMYK(bits) => (Layout::Rgb, true, bits),
        _ => return Err(Error::Unsupported),
    };
    match bits {
        8 => Ok(Stored {
            layout,
            cmyk,
            deep: false,
        }),
        16 => Ok(Stored {
            layout,
            cmyk,
            deep: true,
        }),
        _ => Err(Error::Unsupported),
    }
}

/// Strips and tiles are few and do not lie on top of each other, so that a small file cannot have its bytes unpacked again
/// and again.
fn check_chunks(file: &[u8], decoder: &mut Decoder<Cursor<&[u8]>>) -> Result<(), Error> {
    let mut chunks = 0;
    let mut bytes = 0u64;
    for tag in [Tag::StripByteCounts, Tag::TileByteCounts] {
        let counts = decoder
            .find_tag_unsigned_vec::<u64>(tag)
            .map_err(refused)?
            .unwrap_or_default();
        chunks += counts.len();
        bytes = counts.iter().fold(bytes, |sum, count| sum.saturating_add(*count));
    }
    if chunks > MOST_CHUNKS || bytes > file.len() as u64 {
        return Err(Error::OverBudget(Excess::Work));
    }
    Ok(())
}

fn refused(error: tiff::TiffError) -> Error {
    match error {
        tiff::TiffError::UnsupportedError(_) => Error::Unsupported,
        tiff::TiffError::LimitsExceeded => Error::OverBudget(Excess::WorkingBytes),
        _ => Error::Malformed,
    }
}
