//! What the chips of a container are: for whoever looks for them in a leak.

use crate::container::Format;
use crate::picture::Shape;
use crate::{Container, Error};

impl Container {
    /// The samples of two copies, one with every symbol at 0, one with every symbol at 1: rows from the top, channels interleaved.
    /// Every chip changes one block of 8 x 8 pixels, and a codeword's symbols are in the order of these blocks, row
    /// by row.
    ///
    /// # Errors
    /// [`Error::Container`] if the container is not one that this crate made.
    pub fn inspect(&self) -> Result<[Vec<u8>; 2], Error> {
        let copy = |symbol: bool| {
            let file = self.copy(&vec![symbol; self.chips()], std::iter::repeat(false))?;
            let samples = match self.format {
                Format::Png => of_png(&file, self.shape),
                Format::WebP => of_webp(&file, self.shape),
            };
            samples.ok_or(Error::Container(chips::Error::Damaged))
        };
        Ok([copy(false)?, copy(true)?])
    }
}

/// No deflate stream becomes longer than so many times its length.
const MOST_EXPANDED: u64 = 1032;

fn of_png(file: &[u8], shape: Shape) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().ok()?;
    let info = reader.info();
    let found = (info.width as usize, info.height as usize, info.color_type.samples());
    let expanded = shape.filtered() / MOST_EXPANDED <= file.len() as u64;
    if found != (shape.width, shape.height, shape.channels) || info.bits_per_pixel() != 8 * shape.channels || !expanded
    {
        return None;
    }
    let mut samples = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut samples).ok()?;
    Some(samples)
}

/// Pixels of a byte, at most: the longest run has so many, and more than eight bits.
const MOST_PIXELS: u64 = 4096;

fn of_webp(file: &[u8], shape: Shape) -> Option<Vec<u8>> {
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(file)).ok()?;
    let (width, height) = decoder.dimensions();
    let found = (width as usize, height as usize, if decoder.has_alpha() { 4 } else { 3 });
    let expanded = (shape.width as u64 * shape.height as u64) / MOST_PIXELS <= file.len() as u64;
    if found != (shape.width, shape.height, shape.channels) || decoder.is_animated() || !expanded {
        return None;
    }
    let mut samples = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut samples).ok()?;
    Some(samples)
}
