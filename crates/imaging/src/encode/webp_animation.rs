//! Animated WebP (RFC 9649 section 2.7.1): frames that are each a picture of their own, with a mark of its own.

use watermark::Fragile;

use super::encode as encode_still;
use crate::source::animation::Frame;
use crate::source::webp_frames::put;
use crate::{Error, OutputFormat};

/// The longest time that a frame can be given, in milliseconds.
const LONGEST: u32 = (1 << 24) - 1;

/// Adds a frame; one that shows what the last one did makes that last longer.
pub(crate) fn push(frames: &mut Vec<Frame>, frame: Frame) {
    match frames.last_mut() {
        Some(last) if last.picture == frame.picture => last.duration = last.duration.saturating_add(frame.duration),
        _ => frames.push(frame),
    }
}

/// Marks and encodes the frames, which are all of one size and layout. `plays` is how often they are shown; 0 is without end.
///
/// # Errors
/// As [`super::encode`].
pub(crate) fn encode(
    frames: Vec<Frame>,
    plays: u16,
    format: OutputFormat,
    quality: u8,
    mark: &Fragile,
) -> Result<Vec<u8>, Error> {
    let first = &frames.first().ok_or(Error::Encode)?.picture;
    let (alpha, [w0, w1, w2, _], [h0, h1, h2, _]) = (
        first.layout.has_alpha(),
        first.width.saturating_sub(1).to_le_bytes(),
        first.height.saturating_sub(1).to_le_bytes(),
    );
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    let flags = 0x02 | if alpha { 0x10 } else { 0 };
    let [low, high] = plays.to_le_bytes();
    put(&mut file, *b"VP8X", &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]).ok_or(Error::Encode)?;
    // The background is transparent black.
    put(&mut file, *b"ANIM", &[0, 0, 0, 0, low, high]).ok_or(Error::Encode)?;
    for frame in frames {
        let [d0, d1, d2, _] = frame.duration.min(LONGEST).to_le_bytes();
        // In the corner, as large as the canvas, in place of what was there.
        let mut body = vec![0, 0, 0, 0, 0, 0, w0, w1, w2, h0, h1, h2, d0, d1, d2, 0x02];
        let still = encode_still(frame.picture, format, quality, mark)?;
        body.extend_from_slice(still.get(12..).ok_or(Error::Encode)?);
        put(&mut file, *b"ANMF", &body).ok_or(Error::Encode)?;
    }
    let length = u32::try_from(file.len() - 8).map_err(|_| Error::Encode)?.to_le_bytes();
    file.get_mut(4..8).ok_or(Error::Encode)?.copy_from_slice(&length);
    Ok(file)
}
