//! The bytes around a PNG's pixels, whose lengths are known beforehand (PNG, third edition, sections 5 and 11).

use crate::Error;
use crate::picture::Shape;

/// Signature, header chunk, length and name of the pixels' chunk, and the two bytes of a zlib stream's header.
pub(crate) const BEFORE: usize = 8 + 25 + 8 + 2;
/// Adler-32, the chunk's checksum, and the last chunk.
pub(crate) const BEHIND: usize = 4 + 4 + 12;

/// The greatest prime below 2^16 (RFC 1950 section 8.2).
pub(crate) const ADLER_MODULUS: u32 = 65_521;

/// What stands before the compressed pixels. The chunk's length is not known yet.
pub(crate) fn head(shape: Shape) -> Vec<u8> {
    let mut head = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut fields = b"IHDR".to_vec();
    for side in [shape.width, shape.height] {
        // A shape's sides fit.
        fields.extend((side as u32).to_be_bytes());
    }
    let colour_type = [0, 4, 2, 6].get(shape.channels.wrapping_sub(1)).copied().unwrap_or(2);
    fields.extend([8, colour_type, 0, 0, 0]);
    head.extend(13_u32.to_be_bytes());
    head.extend(&fields);
    head.extend(crc32fast::hash(&fields).to_be_bytes());
    head.extend([0; 4]);
    head.extend(b"IDAT");
    // Deflate with a window of 32 KiB, no level said.
    head.extend([0x78, 0x01]);
    head
}

/// Adds what stands behind the compressed pixels, and the length of their chunk.
///
/// # Errors
/// [`Error::Picture`] if a chunk cannot be as long.
pub(crate) fn finish(file: &mut Vec<u8>, adler: u32) -> Result<(), Error> {
    file.extend(adler.to_be_bytes());
    let start = BEFORE - 2;
    let length = i32::try_from(file.len().saturating_sub(start)).map_err(|_| Error::Picture)?;
    if let Some(place) = file.get_mut(start - 8..start - 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    file.extend([0; 4]);
    file.extend(b"\0\0\0\0IEND\xAE\x42\x60\x82");
    Ok(())
}

/// The Adler-32 of the pixels in a file.
pub(crate) fn adler(file: &[u8]) -> Option<u32> {
    let (place, _) = file.get(file.len().checked_sub(BEHIND)?..)?.split_first_chunk()?;
    Some(u32::from_be_bytes(*place))
}

/// Puts the checksums in: the pixels' Adler-32, and the chunk's CRC-32 of what is there then.
pub(crate) fn seal(file: &mut [u8], adler: u32) -> Option<()> {
    let end = file.len().checked_sub(BEHIND)?;
    file.get_mut(end..end + 4)?.copy_from_slice(&adler.to_be_bytes());
    let checksum = crc32fast::hash(file.get(BEFORE - 6..end + 4)?);
    file.get_mut(end + 4..end + 8)?.copy_from_slice(&checksum.to_be_bytes());
    Some(())
}

/// An Adler-32 whose two sums have grown.
pub(crate) fn grown(adler: u32, [first, second]: [u64; 2]) -> u32 {
    let modulus = u64::from(ADLER_MODULUS);
    let (low, high) = (u64::from(adler & 0xFFFF), u64::from(adler >> 16));
    let sum = |old: u64, more: u64| ((old + more % modulus) % modulus) as u32;
    sum(high, second) << 16 | sum(low, first)
}
