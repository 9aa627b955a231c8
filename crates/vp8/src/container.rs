//! The RIFF container of WebP (RFC 9649 section 2).

use crate::Error;

/// Wraps a VP8 frame into a simple lossy WebP file, one `VP8 ` chunk, and says where in it the frame begins.
///
/// # Errors
/// [`Error::TooLarge`] when the 32-bit size fields cannot say the length.
pub(crate) fn wrap(frame: &[u8]) -> Result<(Vec<u8>, usize), Error> {
    let padded = frame.len().checked_next_multiple_of(2).ok_or(Error::TooLarge)?;
    let riff = u32::try_from(padded)
        .ok()
        .and_then(|n| n.checked_add(12))
        .ok_or(Error::TooLarge)?;
    let length = u32::try_from(frame.len()).map_err(|_| Error::TooLarge)?;
    let mut file = Vec::with_capacity(padded + 20);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&riff.to_le_bytes());
    file.extend_from_slice(b"WEBPVP8 ");
    file.extend_from_slice(&length.to_le_bytes());
    let start = file.len();
    file.extend_from_slice(frame);
    file.resize(padded + 20, 0);
    Ok((file, start))
}

/// The VP8 frame of a simple or extended file, found without regard to other chunks.
///
/// # Errors
/// [`Error::NotWebP`], [`Error::NoVp8Frame`], or [`Error::Truncated`] when the chunk says more bytes than the file has.
pub(crate) fn frame(file: &[u8]) -> Result<&[u8], Error> {
    let (Some(b"RIFF"), Some(b"WEBP")) = (file.get(..4), file.get(8..12)) else {
        return Err(Error::NotWebP);
    };
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((header, body)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *header;
        let length = usize::try_from(u32::from_le_bytes(size)).unwrap_or(usize::MAX);
        if [a, b, c, d] == *b"VP8 " {
            return body.get(..length).ok_or(Error::Truncated);
        }
        let Some(next) = length.checked_next_multiple_of(2).and_then(|n| body.get(n..)) else {
            break;
        };
        rest = next;
    }
    Err(Error::NoVp8Frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_frames_are_padded_and_found_again() {
        for length in [0usize, 1, 2, 7, 10] {
            let body = vec![7u8; length];
            let (file, _) = wrap(&body).unwrap();
            assert_eq!(file.len() % 2, 0);
            assert_eq!(
                u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize,
                file.len() - 8
            );
            assert_eq!(frame(&file), Ok(&body[..]));
        }
    }

    #[test]
    fn other_chunks_are_passed_over() {
        let (simple, _) = wrap(&[1, 2, 3]).unwrap();
        let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0".to_vec();
        file.extend_from_slice(&[0; 10]);
        file.extend_from_slice(b"ICCP\x03\0\0\0abc\0");
        file.extend_from_slice(&simple[12..]);
        assert_eq!(frame(&file), Ok(&[1u8, 2, 3][..]));
    }

    #[test]
    fn strangers_are_refused() {
        assert_eq!(frame(b""), Err(Error::NotWebP));
        assert_eq!(frame(b"RIFF\0\0\0\0WAVEVP8 "), Err(Error::NotWebP));
        assert_eq!(frame(b"RIFF\0\0\0\0WEBPVP8L\x01\0\0\0a\0"), Err(Error::NoVp8Frame));
        assert_eq!(
            frame(b"RIFF\0\0\0\0WEBPVP8L\xff\xff\xff\xffa\0"),
            Err(Error::NoVp8Frame)
        );
        assert_eq!(frame(b"RIFF\0\0\0\0WEBPVP8 \xff\0\0\0a\0"), Err(Error::Truncated));
    }
}
