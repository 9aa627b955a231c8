//! The one tag of EXIF that matters here: orientation.

/// The orientation in a TIFF block (EXIF without its `Exif\0\0` prefix), 1..=8; 1 if there is none or it makes no sense.
/// Only the first directory is read and no offset is followed but its own, so the work is bounded by the block's length.
pub(crate) fn orientation(tiff: &[u8]) -> u8 {
    find(tiff)
        .filter(|value| (1..=8).contains(value))
        .and_then(|value| u8::try_from(value).ok())
        .unwrap_or(1)
}

/// TIFF 6.0 section 2: byte order, offset of the first directory, its entries of 12 bytes.
fn find(tiff: &[u8]) -> Option<u16> {
    const ORIENTATION: u16 = 0x0112;
    const SHORT: u16 = 3;
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let long = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<4>()?;
        Some(if big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = directory.checked_add(2)?;
    for index in 0..usize::from(short(directory)?) {
        let entry = entries.checked_add(index * 12)?;
        if short(entry)? == ORIENTATION {
            let plain = short(entry.checked_add(2)?)? == SHORT && long(entry.checked_add(4)?)? == 1;
            return if plain { short(entry.checked_add(8)?) } else { None };
        }
    }
    None
}
