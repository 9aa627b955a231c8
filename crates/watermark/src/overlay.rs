//! The visible mark: the brand's picture, blended into the middle of every picture served.

mod composite;
mod lanes;
mod placement;
mod resample;

pub use placement::Placement;

use crate::Error;
use resample::Taps;
use std::fmt;

/// The longest side of an overlay in pixels.
pub const MAX_SIDE: u32 = 4096;

/// The visible mark. How transparent it is, is up to its own alpha channel.
///
/// It is scaled to the largest size that [`Placement`] allows, up as well as down: a small overlay on a big picture is
/// soft, but it is as large as the rule lets it be.
#[derive(Clone)]
pub struct Overlay {
    width: u32,
    height: u32,
    /// RGBA, row by row, colours multiplied by alpha: the form in which pixels can be averaged.
    premultiplied: Vec<u8>,
}

impl Overlay {
    /// Takes 8-bit RGBA pixels with straight alpha, row by row without padding.
    ///
    /// # Errors
    /// [`Error::OverlaySides`] for a side of zero or above [`MAX_SIDE`], [`Error::OverlayLength`] for a buffer of another
    /// length than `4 * width * height`, [`Error::OverlayInvisible`] if no pixel has any opacity.
    pub fn from_rgba(width: u32, height: u32, mut rgba: Vec<u8>) -> Result<Self, Error> {
        if [width, height].iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            return Err(Error::OverlaySides { width, height });
        }
        // At most 2^26.
        let expected = width as usize * height as usize * 4;
        if rgba.len() != expected {
            return Err(Error::OverlayLength {
                actual: rgba.len(),
                expected,
            });
        }
        let visible = rgba.as_chunks::<4>().0.iter().fold(0, |all, pixel| all | pixel[3]) > 0;
        lanes::premultiply(&mut rgba);
        if visible {
            Ok(Self {
                width,
                height,
                premultiplied: rgba,
            })
        } else {
            Err(Error::OverlayInvisible)
        }
    }

    /// Where this overlay goes on a picture of `w` by `h` pixels.
    #[must_use]
    pub fn place(&self, w: u32, h: u32) -> Placement {
        Placement::new((self.width, self.height), (w, h))
    }

    /// Blends the overlay into an opaque picture: `w` by `h` pixels of 8-bit RGB, row by row without padding. Pixels
    /// that `canvas` does not hold are not painted.
    pub fn paint_rgb(&self, canvas: &mut [u8], w: u32, h: u32) {
        self.paint::<3>(canvas, w, h, composite::over_rgb);
    }

    /// Blends the overlay into a picture of 8-bit RGBA with straight alpha. Transparent pixels take on the overlay's
    /// opacity, so that the mark shows there, too. Pixels that `canvas` does not hold are not painted.
    pub fn paint_rgba(&self, canvas: &mut [u8], w: u32, h: u32) {
        self.paint::<4>(canvas, w, h, composite::over_rgba);
    }

    /// Blends the overlay into a picture of `w` by `h` pixels held as planes of Y, Cb and Cr (full range, ITU-T T.871),
    /// row by row without padding. With `halved` the sides of the chroma planes are half of the picture's, rounded up, and
    /// a sample takes the mean of what covers its four pixels. Samples that the planes do not hold are not painted.
    pub fn paint_ycc(&self, planes: [&mut [u8]; 3], w: u32, h: u32, halved: bool) {
        let [luma, mut chroma @ ..] = planes;
        let Placement { x, y, width, height } = self.place(w, h);
        let shift = u32::from(halved);
        let (x, wide) = (x as usize, w as usize);
        let chroma_wide = wide.div_ceil(1 << shift);
        // Columns of chroma that the overlay touches, and what covers each of them so far.
        let left = x >> shift;
        let columns = (x + width as usize).div_ceil(1 << shift) - left;
        let mut covers = vec![composite::Cover::default(); columns];
        let mut luma_rows = luma.chunks_exact_mut(wide.max(1)).skip(y as usize);
        self.scaled_rows(width, height, |row, scaled| {
            if let Some(target) = luma_rows.next().and_then(|row| row.get_mut(x..)) {
                let (sources, rest) = scaled.as_chunks();
                let (target, last) = target.split_at_mut(sources.as_flattened().len().min(target.len()));
                for (sources, luma) in sources.iter().zip(target.as_chunks_mut().0) {
                    lanes::over_eight(sources, luma);
                }
                for (&source, luma) in rest.iter().zip(last) {
                    composite::over_luma(source, luma);
                }
            }
            // With an odd start the first has but one column of pixels.
            let (alone, pairs) = scaled.split_at(if halved {
                (x & 1).min(scaled.len())
            } else {
                scaled.len()
            });
            let (first, behind) = covers.split_at_mut(alone.len());
            for (cover, &source) in first.iter_mut().zip(alone) {
                cover.add(source);
            }
            lanes::add_pairs(behind, pairs);
            // The row of chroma is complete at its last row of pixels, or the overlay's.
            let row = y as usize + row;
            if halved && row & 1 == 0 && row + 1 < (y + height) as usize {
                return;
            }
            let start = (row >> shift) * chroma_wide + left;
            let whole = if halved { columns / 4 * 4 } else { 0 };
            let [blue, red] = chroma.each_mut().map(|plane| {
                let samples = plane.get_mut(start..start + whole).unwrap_or_default();
                samples.as_chunks_mut().0
            });
            for ((covers, blue), red) in covers.as_chunks().0.iter().zip(blue).zip(red) {
                lanes::over_four(covers, [blue, red]);
            }
            for (n, cover) in covers.iter().enumerate().skip(whole) {
                for (plane, difference) in chroma.iter_mut().zip(cover.chroma()) {
                    if let Some(sample) = plane.get_mut(start + n) {
                        *sample = cover.over(difference, *sample, 2 * shift);
                    }
                }
            }
            covers.fill(composite::Cover::default());
        });
    }

    /// Scales and blends row by row, so that the memory needed is two rows, however large the picture.
    fn paint<const N: usize>(&self, canvas: &mut [u8], w: u32, h: u32, blend: fn([u8; 4], &mut [u8; N])) {
        debug_assert_eq!(
            canvas.len() as u64,
            u64::from(w) * u64::from(h) * N as u64,
            "a canvas of another size"
        );
        let Placement { x, y, width, height } = self.place(w, h);
        let mut canvas_rows = canvas
            .as_chunks_mut::<N>()
            .0
            .chunks_exact_mut(w.max(1) as usize)
            .skip(y as usize);
        self.scaled_rows(width, height, |_, scaled| {
            if let Some(target) = canvas_rows.next() {
                for (&source, pixel) in scaled.iter().zip(target.iter_mut().skip(x as usize)) {
                    blend(source, pixel);
                }
            }
        });
    }

    /// Scales to `width` by `height` and hands over each row, premultiplied, with its number.
    fn scaled_rows(&self, width: u32, height: u32, mut each: impl FnMut(usize, &[[u8; 4]])) {
        let rows = Taps::new(self.height, height);
        let columns = Taps::new(self.width, width);
        let mut blended = vec![0; self.width as usize * 4];
        let mut scaled = vec![[0; 4]; width as usize];
        for row in 0..height as usize {
            rows.blend_rows(row, &self.premultiplied, &mut blended);
            columns.blend_columns(&blended, &mut scaled);
            each(row, &scaled);
        }
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
