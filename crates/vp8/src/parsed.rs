//! Reading the frame header (RFC 6386 sections 9 and 19.2), as far as coefficients depend on it.

use crate::Error;
use crate::bool_decoder::BoolDecoder;
use crate::header::START_CODE;
use crate::tables::{DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};

/// What reading the coefficients needs to know of a frame.
pub(crate) struct Parsed<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Index into the step tables.
    pub(crate) quantiser: u8,
    /// Probabilities of the segment tree, when macroblocks say their segment.
    pub(crate) segments: Option<[u8; 3]>,
    pub(crate) probabilities: TokenProbabilities,
    /// Probability that a macroblock is not skipped, when they say it.
    pub(crate) skip: Option<u8>,
    /// The first partition, standing at the first macroblock.
    pub(crate) modes: BoolDecoder<'a>,
    /// One to eight token partitions.
    pub(crate) tokens: Vec<BoolDecoder<'a>>,
}

/// Width and height of a key frame, before anything is allocated for it.
///
/// # Errors
/// [`Error::Truncated`], [`Error::NotAKeyFrame`] or [`Error::Dimensions`] when a side is 0.
pub(crate) fn dimensions(frame: &[u8]) -> Result<(u16, u16), Error> {
    let Some(&[tag, _, _, a, b, c, w0, w1, h0, h1]) = frame.first_chunk::<10>() else {
        return Err(Error::Truncated);
    };
    // Bit 0 is clear in key frames, bits 1 to 3 are the version, of which four are known.
    if tag & 1 != 0 || (tag >> 1) & 7 > 3 || [a, b, c] != START_CODE {
        return Err(Error::NotAKeyFrame);
    }
    // The upper two bits ask for scaling on display.
    let (width, height) = (
        u16::from_le_bytes([w0, w1]) & 0x3fff,
        u16::from_le_bytes([h0, h1]) & 0x3fff,
    );
    if width == 0 || height == 0 {
        Err(Error::Dimensions)
    } else {
        Ok((width, height))
    }
}

/// Reads the frame header.
///
/// # Errors
/// As [`dimensions`], and [`Error::Truncated`] when a partition lies outside the frame.
pub(crate) fn parse(frame: &[u8]) -> Result<Parsed<'_>, Error> {
    let (width, height) = dimensions(frame)?;
    let (tag, body) = (
        frame.get(..3).ok_or(Error::Truncated)?,
        frame.get(10..).ok_or(Error::Truncated)?,
    );
    let length = usize::from(tag[0] >> 5) | usize::from(tag[1]) << 3 | usize::from(tag[2]) << 11;
    let (first, rest) = body.split_at_checked(length).ok_or(Error::Truncated)?;
    let mut modes = BoolDecoder::new(first);
    modes.literal(2); // colour space and clamping
    let segments = segments(&mut modes);
    modes.literal(1 + 6 + 3); // loop filter kind, level and sharpness
    if modes.flag() && modes.flag() {
        (0..8).for_each(|_| optional(&mut modes, 7)); // loop filter deltas
    }
    let partitions = 1usize << modes.literal(2);
    let quantiser = modes.literal(7) as u8;
    (0..5).for_each(|_| optional(&mut modes, 5)); // quantiser deltas
    modes.literal(1); // whether probabilities outlive the frame
    let mut probabilities = DEFAULT_TOKENS;
    let flat = probabilities.as_flattened_mut().as_flattened_mut().as_flattened_mut();
    for (probability, &update) in flat
        .iter_mut()
        .zip(TOKEN_UPDATES.as_flattened().as_flattened().as_flattened())
    {
        if modes.get(update) {
            *probability = modes.literal(8) as u8;
        }
    }
    let skip = modes.flag().then(|| modes.literal(8) as u8);
    let tokens = self::partitions(rest, partitions)?;
    Ok(Parsed {
        width,
        height,
        quantiser,
        segments,
        probabilities,
        skip,
        modes,
        tokens,
    })
}

/// Reads the segment header; only the probabilities of the map matter to coefficients.
fn segments(modes: &mut BoolDecoder<'_>) -> Option<[u8; 3]> {
    if !modes.flag() {
        return None;
    }
    let (map, values) = (modes.flag(), modes.flag());
    if values {
        modes.literal(1); // absolute or relative
        (0..4).for_each(|_| optional(modes, 8)); // quantisers
        (0..4).for_each(|_| optional(modes, 7)); // filter levels
    }
    map.then(|| std::array::from_fn(|_| if modes.flag() { modes.literal(8) as u8 } else { 255 }))
}

/// Passes over a value that a flag announces.
fn optional(modes: &mut BoolDecoder<'_>, bits: u32) {
    if modes.flag() {
        modes.literal(bits);
    }
}

/// Splits the token partitions: three-byte lengths of all but the last stand in front.
fn partitions(rest: &[u8], count: usize) -> Result<Vec<BoolDecoder<'_>>, Error> {
    let (lengths, mut rest) = rest.split_at_checked((count - 1) * 3).ok_or(Error::Truncated)?;
    let mut out = Vec::with_capacity(count);
    for &[a, b, c] in lengths.as_chunks::<3>().0 {
        let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        let (partition, after) = rest.split_at_checked(length).ok_or(Error::Truncated)?;
        out.push(BoolDecoder::new(partition));
        rest = after;
    }
    out.push(BoolDecoder::new(rest));
    Ok(out)
}
