//! A rendition in which nobody's invisible mark is yet.

use chips::{Container, webp};
use fingerprint::{Code, Variant};
use watermark::{MarkKey, Payload};

use crate::encode::gif::{self, Sequence};
use crate::encode::webp_animation;
use crate::raster::Raster;
use crate::source::animation::Frame;
use crate::{Error, OutputFormat, Rendition, encode};

/// Versions of the encoders that choose where marks are. What was kept under others is not to be used: its variant would not be
/// the one that the same original and operations have now.
pub const ENCODERS: [u16; 3] = [chips::ENCODER, chips::webp::ENCODER, lossless::ENCODER];

/// Bytes behind the container of a rendition that is kept.
const KEPT_TAIL: usize = 9;

/// A rendition with the visible mark, before anybody's invisible one: the same for every client. It is not a file that could be
/// delivered; [`Unmarked::mark`] makes one.
#[derive(Debug)]
pub struct Unmarked {
    pub(crate) picture: Picture,
    pub(crate) format: OutputFormat,
    pub(crate) quality: u8,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A picture on the way to its file.
#[derive(Debug)]
pub(crate) enum Picture {
    /// Encoded but for the symbols of a client.
    Jpeg(Container),
    /// The same.
    WebP(webp::Container),
    /// The same: a PNG or a lossless WebP.
    Lossless(lossless::Container),
    /// To be marked and encoded.
    Pixels(Raster),
    /// To be marked and written.
    Gif(Sequence),
    /// To be marked and encoded one by one; how often they are shown.
    Frames(Vec<Frame>, u16),
}

impl Unmarked {
    /// What a JPEG is kept as; `None` for other formats.
    #[must_use]
    pub fn container(&self) -> Option<&Container> {
        match &self.picture {
            Picture::Jpeg(container) => Some(container),
            _ => None,
        }
    }

    /// What a lossy WebP is kept as; `None` for other formats.
    #[must_use]
    pub fn webp(&self) -> Option<&webp::Container> {
        match &self.picture {
            Picture::WebP(container) => Some(container),
            _ => None,
        }
    }

    /// What a PNG or a lossless WebP is kept as; `None` for other formats, and for a WebP that has no chips.
    #[must_use]
    pub fn lossless(&self) -> Option<&lossless::Container> {
        match &self.picture {
            Picture::Lossless(container) => Some(container),
            _ => None,
        }
    }

    /// Whether a copy can be expected to name its client after an ordinary attack. If not, only the untouched file can.
    #[must_use]
    pub fn is_traceable(&self) -> bool {
        match &self.picture {
            Picture::Jpeg(container) => container.is_traceable(),
            Picture::WebP(container) => container.is_traceable(),
            Picture::Lossless(container) => container.is_traceable(),
            _ => false,
        }
    }

    /// Names the rendition, where it can be traced: what its tracing code is derived from.
    #[must_use]
    pub fn variant(&self) -> Option<Variant> {
        match &self.picture {
            Picture::Jpeg(container) => Some(container.variant()),
            Picture::WebP(container) => Some(container.variant()),
            Picture::Lossless(container) => Some(container.variant()),
            _ => None,
        }
    }

    /// Its format.
    #[must_use]
    pub fn format(&self) -> OutputFormat {
        self.format
    }

    /// The bytes to keep, from which every client's copy can be made without a codec: the container, and behind it the format
    /// (1 byte) and the sides (4 bytes each, big-endian). `None` for a format that has no container.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let container = match &self.picture {
            Picture::Jpeg(container) => container.as_bytes(),
            Picture::WebP(container) => container.as_bytes(),
            Picture::Lossless(container) => container.as_bytes(),
            _ => return None,
        };
        let mut bytes = Vec::with_capacity(container.len().saturating_add(KEPT_TAIL));
        bytes.extend(container);
        bytes.push(self.format.to_byte());
        bytes.extend(self.width.to_be_bytes());
        bytes.extend(self.height.to_be_bytes());
        Some(bytes)
    }

    /// Reads what [`Unmarked::to_bytes`] gave. Nothing is copied, and no checksum looked at: whoever keeps the bytes has to know that
    /// nobody changed them.
    ///
    /// # Errors
    /// [`Error::Container`]: bytes that are not one, of another version, or of another length.
    pub fn from_authentic(mut bytes: Vec<u8>) -> Result<Self, Error> {
        let (container, tail) = bytes.split_last_chunk::<KEPT_TAIL>().ok_or(Error::Container)?;
        let side = |at: usize| u32::from_be_bytes(std::array::from_fn(|i| tail[at + i]));
        let (format, width, height) = (OutputFormat::from_byte(tail[0]), side(1), side(5));
        let length = container.len();
        bytes.truncate(length);
        let picture = match format {
            Some(OutputFormat::Jpeg) => Container::from_authentic(bytes).ok().map(Picture::Jpeg),
            Some(OutputFormat::WebPLossy) => webp::Container::from_authentic(bytes).ok().map(Picture::WebP),
            Some(OutputFormat::Png | OutputFormat::WebPLossless) => {
                lossless::Container::from_authentic(bytes).ok().map(Picture::Lossless)
            }
            _ => None,
        };
        Ok(Self {
            picture: picture.ok_or(Error::Container)?,
            format: format.ok_or(Error::Container)?,
            // Its container is encoded.
            quality: 0,
            width,
            height,
        })
    }

    /// Puts a client's marks in.
    ///
    /// # Errors
    /// [`Error::TooSmall`], or [`Error::Encode`] if the encoder fails.
    pub fn mark(self, key: &MarkKey, payload: &Payload) -> Result<Rendition, Error> {
        let fragile = key.seal(payload);
        let symbols = |variant: &Variant, chips: usize| {
            let code = Code::new(key, variant);
            code.codeword(&code.recipe(chips), &payload.subject, &payload.reference)
        };
        let (bytes, traceable) = match self.picture {
            Picture::Jpeg(container) => {
                let symbols = symbols(&container.variant(), container.chips());
                let copy = container.mark(&symbols, &fragile).map_err(encode::refused)?;
                (copy, container.is_traceable())
            }
            Picture::WebP(container) => {
                let symbols = symbols(&container.variant(), container.chips());
                let copy = container.mark(&symbols, &fragile).map_err(encode::refused)?;
                (copy, container.is_traceable())
            }
            Picture::Lossless(container) => {
                let symbols = symbols(&container.variant(), container.chips());
                let copy = container.mark(&symbols, &fragile).map_err(encode::lossless_refused)?;
                (copy, container.is_traceable())
            }
            Picture::Pixels(raster) => (encode::encode(raster, self.format, self.quality, &fragile)?, false),
            Picture::Gif(sequence) => (gif::encode(&sequence, &fragile)?, false),
            Picture::Frames(frames, plays) => (
                webp_animation::encode(frames, plays, self.format, self.quality, &fragile)?,
                false,
            ),
        };
        Ok(Rendition {
            bytes,
            traceable,
            format: self.format,
            width: self.width,
            height: self.height,
        })
    }
}
