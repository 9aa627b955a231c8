//! A file's samples, plane by plane, at full size or a power of two smaller.
//!
//! Smaller sizes come from the transform itself: the inverse DCT of 4, 2 or 1 points over a block's lowest frequencies gives the
//! block at that many samples a side (T.81 A.3.3 with N in place of 8).

mod inverse;
pub(crate) mod lanes;
mod planar;

use crate::parser::frame::Frame;
use crate::parser::{Application, Parser};
use crate::{Error, Limits};
use planar::Planar;

/// How many samples a block's side of 8 becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// All 8.
    #[default]
    Full,
    /// 4: the picture at half its size.
    Half,
    /// 2.
    Quarter,
    /// 1: each block's mean.
    Eighth,
}

impl Scale {
    /// By how much a side is divided: 1, 2, 4 or 8.
    pub const fn divisor(self) -> u32 {
        match self {
            Self::Full => 1,
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }

    /// The next smaller one, down to an eighth.
    const fn half(self) -> Self {
        match self {
            Self::Full => Self::Half,
            Self::Half => Self::Quarter,
            Self::Quarter | Self::Eighth => Self::Eighth,
        }
    }

    /// Samples of a block's side.
    const fn side(self) -> usize {
        8 / self.divisor() as usize
    }
}

/// The samples of one component, as stored: nothing is upsampled or converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// Samples of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Horizontal sampling factor, 1..=4: a sample stands for `h_max / h` columns of the picture.
    pub h: u8,
    /// Vertical sampling factor, 1..=4.
    pub v: u8,
    /// What it was decoded at.
    pub scale: Scale,
    /// `width * height` samples, row by row from the top, without padding.
    pub samples: Vec<u8>,
}

/// What the components stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// One component.
    Grey,
    /// Full-range YCbCr of BT.601 (T.871).
    YCbCr,
    /// Red, green, blue: Adobe's marker or the components' identifiers say so.
    Rgb,
    /// Cyan, magenta, yellow, black.
    Cmyk,
    /// CMYK whose first three components are transformed like RGB: Adobe's marker says so.
    Ycck,
}

/// A decoded picture. A side of `n` pixels has `ceil(n / divisor)` at a smaller [`Scale`]; a component sampled less densely has
/// `ceil(n * h / (h_max * divisor))` samples, with the divisor of its own scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    /// Width in pixels at the scale asked for.
    pub width: u32,
    /// Height in pixels at the scale asked for.
    pub height: u32,
    /// What the planes stand for.
    pub colours: Colours,
    /// Whether Adobe's APP14 is there: such files store CMYK inverted. Without it nobody knows.
    pub adobe: bool,
    /// 1, 3 or 4 planes, in the order of the frame header.
    pub planes: Vec<Plane>,
}

/// Decodes what [`read`](crate::read) reads, except files of two components. Scans and, in a progressive file at a smaller scale,
/// bits that the scale does not need are passed over: what is damaged in them goes unnoticed.
///
/// # Errors
/// As [`read`](crate::read).
pub fn decode(file: &[u8], scale: Scale, limits: &Limits) -> Result<Planes, Error> {
    let mut decoder = Decoder::new(scale, limits);
    decoder.parser.advance(file, true)?;
    decoder.planes()
}

/// [`decode`] for a file that comes in pieces: planes grow by rows of MCUs, and of the file only what a segment or an MCU may still
/// be continued by is kept.
pub struct Decoder {
    parser: AnyParser,
    scale: Scale,
    /// Data that could not be used before what follows it is there.
    kept: Vec<u8>,
}

impl Decoder {
    /// At the start of a file.
    pub fn new(scale: Scale, limits: &Limits) -> Self {
        Self {
            parser: AnyParser::new(scale, *limits),
            scale,
            kept: Vec::new(),
        }
    }

    /// Has the second and third of three components at half of the scale, but not below an eighth, if they have at most half of the
    /// densest one's samples both across and down: for outputs that need no more chroma than that.
    #[must_use]
    pub fn with_half_chroma(mut self) -> Self {
        self.parser.halve_chroma();
        self
    }

    /// Decodes the next piece of the file, as far as possible.
    ///
    /// # Errors
    /// As [`decode`]; the decoder is of no use then.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Error> {
        if self.kept.is_empty() {
            self.kept = self.parser.advance(piece, false)?.to_vec();
            return Ok(());
        }
        self.kept.extend_from_slice(piece);
        let left = self.parser.advance(&self.kept, false)?.len();
        self.kept.drain(..self.kept.len() - left);
        Ok(())
    }

    /// The planes, when the whole file has been pushed.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn finish(mut self) -> Result<Planes, Error> {
        self.parser.advance(&self.kept, true)?;
        self.planes()
    }

    fn planes(self) -> Result<Planes, Error> {
        let divisor = self.scale.divisor();
        let (frame, application, planes) = self.parser.finish()?;
        Ok(Planes {
            width: u32::from(frame.width).div_ceil(divisor),
            height: u32::from(frame.height).div_ceil(divisor),
            colours: colours(&frame, application),
            adobe: application.adobe.is_some(),
            planes,
        })
    }
}

/// A parser for each scale: how many coefficients of a block are wanted is known when it is compiled.
enum AnyParser {
    Full(Parser<64, Planar<64>>),
    Half(Parser<16, Planar<16>>),
    Quarter(Parser<4, Planar<4>>),
    Eighth(Parser<1, Planar<1>>),
}

impl AnyParser {
    fn new(scale: Scale, limits: Limits) -> Self {
        match scale {
            Scale::Full => Self::Full(Parser::new(Planar::default(), limits)),
            Scale::Half => Self::Half(Parser::new(Planar::default(), limits)),
            Scale::Quarter => Self::Quarter(Parser::new(Planar::default(), limits)),
            Scale::Eighth => Self::Eighth(Parser::new(Planar::default(), limits)),
        }
    }

    fn halve_chroma(&mut self) {
        match self {
            Self::Full(parser) => parser.sink.halves_chroma = true,
            Self::Half(parser) => parser.sink.halves_chroma = true,
            Self::Quarter(parser) => parser.sink.halves_chroma = true,
            Self::Eighth(parser) => parser.sink.halves_chroma = true,
        }
    }

    fn advance<'d>(&mut self, data: &'d [u8], complete: bool) -> Result<&'d [u8], Error> {
        match self {
            Self::Full(parser) => parser.advance(data, complete),
            Self::Half(parser) => parser.advance(data, complete),
            Self::Quarter(parser) => parser.advance(data, complete),
            Self::Eighth(parser) => parser.advance(data, complete),
        }
    }

    fn finish(self) -> Result<(Frame, Application, Vec<Plane>), Error> {
        match self {
            Self::Full(parser) => finish(parser),
            Self::Half(parser) => finish(parser),
            Self::Quarter(parser) => finish(parser),
            Self::Eighth(parser) => finish(parser),
        }
    }
}

fn finish<const K: usize>(parser: Parser<K, Planar<K>>) -> Result<(Frame, Application, Vec<Plane>), Error> {
    let frame = parser.frame.ok_or(Error::Malformed("no frame"))?;
    let planes = parser.sink.finish(&frame)?;
    Ok((frame, parser.application, planes))
}

/// What libjpeg makes of the markers: JFIF is YCbCr, else Adobe's transform flag decides, else the identifiers.
fn colours(frame: &Frame, application: Application) -> Colours {
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    match (ids.as_slice(), application.adobe) {
        ([_], _) => Colours::Grey,
        ([_, _, _, _], Some(2)) => Colours::Ycck,
        ([_, _, _, _], _) => Colours::Cmyk,
        _ if application.jfif => Colours::YCbCr,
        (_, Some(0)) | (b"RGB", None) => Colours::Rgb,
        _ => Colours::YCbCr,
    }
}
