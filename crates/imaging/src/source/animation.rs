//! The frames of an animation, one after the other, each as it is seen.

use super::canvas::Canvas;
use super::{Header, gif, webp_frames};
use crate::raster::{Layout, Raster};
use crate::{Budget, Error, SourceFormat};

/// What an animation's headers say of all frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Motion {
    /// Frames that are there.
    pub frames: u32,
    /// Pixels that all frames together are decoded to.
    pub pixels: u64,
    /// Bytes that decoding the most demanding frame takes, with its pixels.
    pub scratch: u64,
    /// How often it is shown; 0 is without end.
    pub plays: u16,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The whole canvas as it is seen.
    pub picture: Raster,
    /// How long, in milliseconds.
    pub duration: u32,
}

/// The frames of a file, which is a GIF or an animated WebP. Each is decoded when it is asked for.
pub(crate) struct Frames<'a> {
    decoder: Decoder<'a>,
    canvas: Canvas,
    layout: Layout,
    left: u32,
}

enum Decoder<'a> {
    Gif(Box<gif::Frames<'a>>),
    WebP(webp_frames::Frames<'a>),
}

impl<'a> Frames<'a> {
    /// The caller has held the canvas and the header's [`Motion`] against the budget.
    ///
    /// # Errors
    /// [`Error::Malformed`], or [`Error::Unsupported`] for formats without frames.
    pub fn new(file: &'a [u8], header: &Header, budget: &'a Budget) -> Result<Self, Error> {
        let probe = &header.probe;
        let decoder = match probe.format {
            SourceFormat::Gif => Decoder::Gif(Box::new(gif::Frames::new(file)?)),
            SourceFormat::WebP => Decoder::WebP(webp_frames::Frames::new(file, budget)),
            _ => return Err(Error::Unsupported),
        };
        Ok(Self {
            decoder,
            canvas: Canvas::new(probe.width, probe.height),
            layout: header.layout,
            left: header.motion.map_or(1, |motion| motion.frames),
        })
    }

    fn frame(&mut self) -> Result<Option<Frame>, Error> {
        let shown = match &mut self.decoder {
            Decoder::Gif(frames) => frames.show(&mut self.canvas)?,
            Decoder::WebP(frames) => frames.show(&mut self.canvas)?,
        };
        Ok(shown.map(|duration| Frame {
            picture: self.canvas.picture(self.layout),
            duration,
        }))
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        self.frame().transpose()
    }
}
