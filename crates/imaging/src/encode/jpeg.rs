//! JPEG, whose marks are spliced into it: see the crate `chips`.

use jpeg::{Pixels, Sampling, Spectrum};

use crate::Error;

/// From this quality on, and for pictures below [`SMALL`] pixels, chroma is not subsampled: who asks for more wants sharp
/// colour edges, and a thumbnail needs the room for its mark.
const DENSE_QUALITY: u8 = 90;
const SMALL: u64 = 128 * 128;

/// The coefficients of an RGB picture, or of planes in their own sampling, before quantisation.
pub(crate) fn spectrum(
    pixels: Pixels<'_>,
    (width, height): (u32, u32),
    sampling: Sampling,
    quality: u8,
) -> Result<Spectrum, Error> {
    let side = |side: u32| u16::try_from(side).map_err(|_| Error::Encode);
    jpeg::spectrum(pixels, side(width)?, side(height)?, quality, sampling).map_err(|_| Error::Encode)
}

/// How densely chroma is written.
pub(crate) fn sampling(quality: u8, (width, height): (u32, u32)) -> Sampling {
    if quality >= DENSE_QUALITY || u64::from(width) * u64::from(height) < SMALL {
        Sampling::Yuv444
    } else {
        Sampling::Yuv420
    }
}
