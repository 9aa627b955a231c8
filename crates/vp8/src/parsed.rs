//! Reading the frame header (RFC 6386 sections 9 and 19.2), as far as coefficients depend on it.

use crate::Error;
use crate::bool_decoder::BoolDecoder;
use crate::header::START_CODE;
use crate::tables::{AC_STEP, DC_STEP, DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};

/// What reading the coefficients needs to know of a frame.
pub(crate) struct Parsed<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// Index into the step tables.
    pub(crate) quantiser: u8,
    /// Probabilities of the segment tree, when macroblocks say their segment.
    pub(crate) segments: Option<[u8; 3]>,
    /// Quantisation steps of each segment's luma.
    pub(crate) steps: [Steps; 4],
    pub(crate) probabilities: TokenProbabilities,
    /// Probability that a macroblock is not skipped, when they say it.
    pub(crate) skip: Option<u8>,
    /// The first partition, standing at the first macroblock.
    pub(crate) modes: BoolDecoder<'a>,
    /// One to eight token partitions.
    pub(crate) tokens: Vec<BoolDecoder<'a>>,
}

/// Quantisation steps of luma, for averages and for other coefficients (RFC 6386 section 14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Of blocks; their averages only with sub-block modes. An orthonormal transform's are half of these.
    pub blocks: [u16; 2],
    /// Of second-order blocks. An orthonormal transform's of the macroblock are a quarter of these.
    pub second_order: [u16; 2],
}

impl Steps {
    /// Those of a quantiser with the frame's differences, of which the first three are luma's.
    fn new(quantiser: i32, [average, second_average, second, ..]: [i32; 5]) -> Self {
        // The frame's own or the segment's is held within the tables, and then the sum is.
        let index = |delta: i32| (quantiser.clamp(0, 127) + delta).clamp(0, 127).unsigned_abs() as usize;
        Self {
            blocks: [DC_STEP[index(average)], AC_STEP[index(0)]],
            second_order: [
                DC_STEP[index(second_average)] * 2,
                (AC_STEP[index(second)] * 155 / 100).max(8),
            ],
        }
    }
}

impl Parsed<'_> {
    /// Columns and rows of macroblocks.
    pub(crate) fn macroblocks(&self) -> (usize, usize) {
        (
            usize::from(self.width).div_ceil(16),
            usize::from(self.height).div_ceil(16),
        )
    }
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
        for _ in 0..8 {
            optional(&mut modes, 7); // loop filter deltas
        }
    }
    let partitions = 1usize << modes.literal(2);
    let quantiser = modes.literal(7) as u8;
    // Of luma's averages, of second-order averages and others, and two of chroma.
    let deltas: [i32; 5] = std::array::from_fn(|_| optional(&mut modes, 5));
    let steps = segments
        .quantisers
        .map(|own| Steps::new(own + if segments.relative { i32::from(quantiser) } else { 0 }, deltas));
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
        segments: segments.map,
        steps,
        probabilities,
        skip,
        modes,
        tokens,
    })
}

/// What the segment header says.
struct Segments {
    /// Probabilities of the tree by which macroblocks say their segment.
    map: Option<[u8; 3]>,
    /// Whether `quantisers` are added to the frame's.
    relative: bool,
    quantisers: [i32; 4],
}

fn segments(modes: &mut BoolDecoder<'_>) -> Segments {
    let mut segments = Segments {
        map: None,
        relative: true,
        quantisers: [0; 4],
    };
    if !modes.flag() {
        return segments;
    }
    let (map, values) = (modes.flag(), modes.flag());
    if values {
        segments.relative = !modes.flag();
        segments.quantisers = std::array::from_fn(|_| optional(modes, 8));
        for _ in 0..4 {
            optional(modes, 7); // filter levels
        }
    }
    segments.map = map.then(|| std::array::from_fn(|_| if modes.flag() { modes.literal(8) as u8 } else { 255 }));
    segments
}

/// Reads a value that a flag announces, its sign in the last bit, or 0.
fn optional(modes: &mut BoolDecoder<'_>, bits: u32) -> i32 {
    if !modes.flag() {
        return 0;
    }
    let magnitude = modes.literal(bits - 1).cast_signed();
    if modes.flag() { -magnitude } else { magnitude }
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
