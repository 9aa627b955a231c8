use crate::Error;

/// A picture of 8-bit RGB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Three bytes for each pixel, row by row.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// Takes pixels.
    ///
    /// # Errors
    /// [`Error::Sides`] for a side of 0 or a buffer of another length.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, Error> {
        let fits = width > 0 && height > 0 && rgb.len() == width * height * 3;
        fits.then_some(Self { width, height, rgb }).ok_or(Error::Sides)
    }

    /// Scaled to a size, bicubic.
    ///
    /// # Errors
    /// [`Error::Sides`] if a side does not fit 32 bits.
    pub fn resized(&self, width: usize, height: usize) -> Result<Self, Error> {
        crate::geometry::resize(self, width, height)
    }

    /// A picture whose pixels are computed from their column and row.
    pub(crate) fn drawn(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Self {
        let rgb = (0..width * height)
            .flat_map(|at| pixel(at % width, at / width))
            .collect();
        Self { width, height, rgb }
    }

    /// The pixel at a place, or the nearest one of the picture.
    pub(crate) fn at(&self, x: isize, y: isize) -> [u8; 3] {
        let clamp = |at: isize, side: usize| usize::try_from(at).unwrap_or(0).min(side - 1);
        let start = (clamp(y, self.height) * self.width + clamp(x, self.width)) * 3;
        [self.rgb[start], self.rgb[start + 1], self.rgb[start + 2]]
    }

    /// Every byte through a function.
    pub(crate) fn bytes(&self, byte: impl Fn(f64) -> f64) -> Self {
        let table: Vec<u8> = (0..=255)
            .map(|value| byte(f64::from(value)).round().clamp(0.0, 255.0) as u8)
            .collect();
        Self {
            rgb: self.rgb.iter().map(|&value| table[usize::from(value)]).collect(),
            ..*self
        }
    }

    /// The luma of a pixel.
    pub(crate) fn luma([r, g, b]: [u8; 3]) -> f64 {
        0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)
    }
}
