//! Pixels in memory.

use crate::Error;

/// Most columns and rows: what keeps every position in a file within 32 bits is far less.
const MAX_SIDE: u32 = 1 << 16;

/// A picture of 8-bit samples: rows from the top, pixels from the left, channels interleaved, no padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub(crate) shape: Shape,
    pub(crate) samples: Vec<u8>,
}

/// What a picture's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub width: usize,
    pub height: usize,
    /// 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGB and alpha.
    pub channels: usize,
}

impl Picture {
    /// Takes samples of 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 channels (and alpha), straight.
    ///
    /// # Errors
    /// [`Error::Picture`].
    pub fn new(width: u32, height: u32, channels: usize, samples: Vec<u8>) -> Result<Self, Error> {
        let shape = Shape::new(width, height, channels)?;
        if shape.row().checked_mul(shape.height) != Some(samples.len()) {
            return Err(Error::Picture);
        }
        Ok(Self { shape, samples })
    }

    /// The samples, given back.
    #[must_use]
    pub fn into_samples(self) -> Vec<u8> {
        self.samples
    }
}

impl Shape {
    pub fn new(width: u32, height: u32, channels: usize) -> Result<Self, Error> {
        if width == 0 || height == 0 || width.max(height) > MAX_SIDE || !(1..=4).contains(&channels) {
            return Err(Error::Picture);
        }
        // Checked again as a product wherever memory is taken.
        Ok(Self {
            width: width as usize,
            height: height as usize,
            channels,
        })
    }

    /// Channels but alpha.
    pub fn colours(self) -> usize {
        if self.channels < 3 { 1 } else { 3 }
    }

    /// Samples of a row.
    pub fn row(self) -> usize {
        self.width * self.channels
    }

    /// Bytes of the filtered picture: a filter type before each row.
    pub fn filtered(self) -> u64 {
        (self.row() as u64 + 1) * self.height as u64
    }
}
