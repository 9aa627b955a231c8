//! Pixels as they are predicted.

use crate::Picture;

/// Green, red and blue as what they differ from green, and alpha: in the order in which they are coded.
pub(super) type Pixel = [u8; 4];

/// A picture without green in red and blue.
pub(super) struct Pixels {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<Pixel>,
    /// Whether there is alpha, and whether any pixel is not opaque.
    pub alpha: bool,
    pub transparent: bool,
}

impl Pixels {
    /// Of a picture with three or four channels.
    pub fn of(picture: &Picture) -> Self {
        let without_green = |r: u8, g: u8, b: u8, a: u8| [g, r.wrapping_sub(g), b.wrapping_sub(g), a];
        let pixels: Vec<Pixel> = if picture.shape.channels == 3 {
            let pixels = picture.samples.as_chunks().0.iter();
            pixels.map(|[r, g, b]| without_green(*r, *g, *b, u8::MAX)).collect()
        } else {
            let pixels = picture.samples.as_chunks().0.iter();
            pixels.map(|[r, g, b, a]| without_green(*r, *g, *b, *a)).collect()
        };
        Self {
            width: picture.shape.width,
            height: picture.shape.height,
            alpha: picture.shape.channels == 4,
            transparent: pixels.iter().any(|[.., a]| *a != u8::MAX),
            pixels,
        }
    }

    /// A pixel; what is outside is black.
    #[inline(always)]
    pub fn get(&self, x: usize, y: usize) -> Pixel {
        self.pixels.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// A pixel to change.
    pub fn get_mut(&mut self, x: usize, y: usize) -> Option<&mut Pixel> {
        self.pixels.get_mut(y * self.width + x)
    }

    /// A row.
    pub fn row(&self, y: usize) -> &[Pixel] {
        self.pixels
            .get(y * self.width..(y + 1) * self.width)
            .unwrap_or_default()
    }
}
