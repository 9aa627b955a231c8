//! What the chips of a container are: for whoever looks for them in a leak.

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
            samples(&file, self.channels()).ok_or(Error::Damaged)
        };
        Ok([copy(false)?, copy(true)?])
    }
}

fn samples(file: &[u8], channels: usize) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().ok()?;
    let mut samples = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut samples).ok()?;
    (reader.info().color_type.samples() == channels).then_some(samples)
}
