//! A rendition in which nobody's invisible mark is yet.

use chips::Container;
use fingerprint::Code;
use watermark::{MarkKey, Payload};

use crate::planar::Planar;
use crate::raster::Raster;
use crate::{Error, OutputFormat, Rendition, encode};

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
    Spliced(Container),
    /// To be marked and encoded.
    Pixels(Raster),
    /// To be marked and encoded.
    Planes(Planar),
}

impl Unmarked {
    /// What a format that marks are spliced into is kept as; `None` for the others.
    #[must_use]
    pub fn container(&self) -> Option<&Container> {
        match &self.picture {
            Picture::Spliced(container) => Some(container),
            Picture::Pixels(_) | Picture::Planes(_) => None,
        }
    }

    /// Puts a client's marks in.
    ///
    /// # Errors
    /// [`Error::TooSmall`], or [`Error::Encode`] if the encoder fails.
    pub fn mark(self, key: &MarkKey, payload: &Payload) -> Result<Rendition, Error> {
        let fragile = key.seal(payload);
        let (bytes, traceable) = match self.picture {
            Picture::Spliced(container) => {
                let code = Code::new(key, &container.variant());
                let symbols = code.codeword(&code.recipe(container.chips()), &payload.subject, &payload.reference);
                let copy = container.mark(&symbols, &fragile).map_err(encode::refused)?;
                (copy, container.is_traceable())
            }
            Picture::Pixels(raster) => (encode::encode(raster, self.format, self.quality, &fragile)?, false),
            Picture::Planes(planes) => (
                encode::encode_planes(&planes, self.format, self.quality, &fragile)?,
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
