//! Reading originals: headers first, pixels only once the header has been held against the budget.

pub(crate) mod animation;
mod bmp;
mod canvas;
mod exif;
mod gif;
pub(crate) mod jpeg;
mod jpeg_header;
mod png;
mod tiff;
mod vp8l;
mod webp;
pub(crate) mod webp_frames;
mod webp_header;

use ::jpeg::{Planes, Scale};

use animation::Motion;

use crate::raster::{Layout, Raster};
use crate::{Budget, Error, Excess, SourceFormat};

/// What a file's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Format, by the first bytes.
    pub format: SourceFormat,
    /// Columns as stored, before the orientation is applied.
    pub width: u32,
    /// Rows as stored, before the orientation is applied.
    pub height: u32,
    /// Whether the pixels may be transparent.
    pub alpha: bool,
    /// EXIF orientation, 1..=8; 1 when absent or out of range.
    pub orientation: u8,
    /// Frames; 1 for a picture that does not move.
    pub frames: u32,
}

/// A header with what its decoder needs.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    pub probe: Probe,
    /// Channels that the decoder will give.
    pub layout: Layout,
    /// Bytes that the decoder itself takes while it runs, in addition to the pixels.
    pub scratch: u64,
    /// What all frames of an animation take, if it is one.
    pub motion: Option<Motion>,
}

/// Reads a file's header; allocates nothing for pixels.
///
/// # Errors
/// [`Error::Unsupported`] if the file is not of a format we read, [`Error::Malformed`] if its header is damaged.
pub fn probe(file: &[u8]) -> Result<Probe, Error> {
    header(file).map(|header| header.probe)
}

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let header = match SourceFormat::sniff(file).ok_or(Error::Unsupported)? {
        SourceFormat::Jpeg => jpeg::header(file),
        SourceFormat::Png => png::header(file),
        SourceFormat::WebP => webp::header(file),
        SourceFormat::Gif => gif::header(file),
        SourceFormat::Tiff => tiff::header(file),
        SourceFormat::Bmp => bmp::header(file),
    }?;
    if header.probe.width == 0 || header.probe.height == 0 {
        return Err(Error::Malformed);
    }
    Ok(header)
}

impl Header {
    /// Bytes of the decoded pixels, or of a JPEG's planes at the scale they are decoded at and what else grows with them.
    pub fn decoded_bytes(&self, file: &[u8], scale: Scale) -> u64 {
        match self.probe.format {
            SourceFormat::Jpeg => jpeg::plane_bytes(file, scale),
            _ => self.pixel_bytes(),
        }
    }

    /// Holds everything that the file promises before its pixels against the budget.
    pub fn check(&self, file: &[u8], scale: Scale, budget: &Budget) -> Result<(), Error> {
        budget.check_pixels(self.pixel_bytes())?;
        let taken = self.decoded_bytes(file, scale).saturating_add(self.scratch);
        budget.check_working(taken)?;
        if self.probe.format == SourceFormat::WebP {
            let codes = webp::code_bytes(file, budget.working_bytes)?;
            budget.check_working(taken.saturating_add(codes))?;
        }
        Ok(())
    }

    /// Bytes of the whole picture's pixels.
    fn pixel_bytes(&self) -> u64 {
        self.layout.bytes(self.probe.width, self.probe.height)
    }

    /// Decodes the pixels as they are stored; JPEG has [`Header::planes`] instead. Call [`Header::check`] first.
    pub fn decode(&self, file: &[u8]) -> Result<Raster, Error> {
        // `check` has bounded it; on 32 bits it must fit as well.
        usize::try_from(self.pixel_bytes()).map_err(|_| Error::OverBudget(Excess::PixelBytes))?;
        let mut raster = Raster::zeros(self.probe.width, self.probe.height, self.layout);
        match self.probe.format {
            SourceFormat::Jpeg => Err(Error::Unsupported),
            SourceFormat::Png => png::decode(file, &mut raster),
            SourceFormat::WebP => webp::decode(file, &mut raster),
            SourceFormat::Gif => gif::decode(file, &mut raster),
            SourceFormat::Tiff => tiff::decode(file, &mut raster),
            SourceFormat::Bmp => bmp::decode(file, &mut raster),
        }?;
        Ok(raster)
    }

    /// Decodes a JPEG's components, subsampled chroma at half the scale if that is enough. Call [`Header::check`] first.
    pub fn planes(&self, file: &[u8], scale: Scale, half_chroma: bool, budget: &Budget) -> Result<Planes, Error> {
        jpeg::planes(file, scale, half_chroma, budget)
    }

    /// Bytes of a JPEG's coefficients.
    pub fn coefficient_bytes(&self, file: &[u8]) -> u64 {
        jpeg::coefficient_bytes(file)
    }

    /// The embedded colour profile, if there is one that can be read. A damaged profile counts as none.
    pub fn profile(&self, file: &[u8]) -> Option<Vec<u8>> {
        match self.probe.format {
            SourceFormat::Jpeg => jpeg::profile(file),
            SourceFormat::Png => png::profile(file),
            SourceFormat::WebP => webp::profile(file),
            SourceFormat::Tiff => tiff::profile(file),
            SourceFormat::Bmp => bmp::profile(file),
            // Profiles in GIF are nobody's standard; browsers take the values for sRGB.
            SourceFormat::Gif => None,
        }
    }
}

#[cfg(test)]
mod tests;
