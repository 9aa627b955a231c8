//! What the chips of a container are: for whoever looks for them in a leak.

use crate::picture::Shape;
use crate::{Container, Error};

impl Container {
    /// The samples of two copies, one with every symbol at 0, one with every symbol at 1: rows from the top, channels interleaved.
    /// Every chip changes one block of 8 x 8 pixels, and a codeword's symbols are in the order of these blocks, row
    /// by row.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the container is not one that this crate made.
    pub fn inspect(&self) -> Result<[Vec<u8>; 2], Error> {
        let copy = |symbol: bool| {
            let file = self.copy(&vec![symbol; self.chips()], std::iter::repeat(false))?;
            samples(&file, self.shape).ok_or(Error::Damaged)
        };
        Ok([copy(false)?, copy(true)?])
    }
}

/// No deflate stream becomes longer than so many times its length.
const MOST_EXPANDED: u64 = 1032;

fn samples(file: &[u8], shape: Shape) -> Option<Vec<u8>> {
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
