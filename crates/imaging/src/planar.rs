//! Pictures as planes of Y, Cb and Cr: the form in which JPEG and lossy WebP keep them. Most JPEG originals are never anything
//! else on their way to such an output.

mod colour;
mod lanes;
mod resample;
mod resize;
mod weights;

use jpeg::Sampling;
use operations::Colour;
use watermark::Overlay;

use crate::plan::Padding;
use crate::raster::{Layout, Raster};
use crate::turn::Turn;

pub(crate) use colour::into_raster;
pub(crate) use resample::{Crop, resampled_pixels};
pub(crate) use resize::{half_chroma, resize, scale, scratch};
pub(crate) use weights::Weights;

/// A picture in YCbCr, full range, BT.601 (ITU-T T.871 section 7), 8 bits a sample, rows from the top without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planar {
    pub width: u32,
    pub height: u32,
    /// Says the sides of the chroma planes.
    pub sampling: Sampling,
    /// Y, Cb, Cr.
    pub planes: [Vec<u8>; 3],
}

impl Planar {
    /// Takes the planes of a grey or colour picture; grey gets flat chroma.
    pub fn new(mut planes: Vec<Vec<u8>>, sampling: Sampling, (width, height): (u32, u32)) -> Option<Self> {
        if planes.len() == 1 {
            let (wide, high) = match sampling {
                Sampling::Yuv420 => (width.div_ceil(2), height.div_ceil(2)),
                Sampling::Yuv444 => (width, height),
            };
            planes.resize(3, vec![128; wide as usize * high as usize]);
        }
        Some(Self {
            width,
            height,
            sampling,
            planes: planes.try_into().ok()?,
        })
    }

    /// Lays the picture, which must not be subsampled, on a canvas of the background's colour.
    pub fn padded(self, canvas: (u32, u32), place: Padding, background: Colour) -> Self {
        let colour = colour::ycc([background.red, background.green, background.blue]);
        let (stride, width) = (canvas.0 as usize, self.width as usize);
        let mut fill = colour.into_iter();
        let planes = self.planes.map(|plane| {
            let mut padded = vec![fill.next().unwrap_or_default(); stride * canvas.1 as usize];
            let rows = padded.chunks_exact_mut(stride).skip(place.top as usize);
            for (target, source) in rows.zip(plane.chunks_exact(width)) {
                let target = target
                    .get_mut(place.left as usize..)
                    .and_then(|row| row.get_mut(..width));
                if let Some(target) = target {
                    target.copy_from_slice(source);
                }
            }
            padded
        });
        Self {
            width: canvas.0,
            height: canvas.1,
            planes,
            ..self
        }
    }

    /// Halves the sides of the chroma planes, if they are not yet: each sample the mean of four, an odd last one repeated.
    pub fn subsampled(mut self) -> Self {
        if self.sampling == Sampling::Yuv444 {
            self.sampling = Sampling::Yuv420;
            let width = self.width as usize;
            for plane in self.planes.iter_mut().skip(1) {
                let mut halved = Vec::with_capacity(width.div_ceil(2) * (self.height as usize).div_ceil(2));
                for rows in plane.chunks(width * 2) {
                    let (upper, lower) = rows.split_at(width);
                    let lower = if lower.is_empty() { upper } else { lower };
                    halved.extend(upper.chunks(2).zip(lower.chunks(2)).map(|(upper, lower)| {
                        let sum = |pair: &[u8]| pair.iter().map(|&sample| u16::from(sample)).sum::<u16>();
                        let count = 2 * upper.len() as u16;
                        ((sum(upper) + sum(lower) + count / 2) / count) as u8
                    }));
                }
                *plane = halved;
            }
        }
        self
    }

    /// Paints the visible mark.
    pub fn paint(&mut self, overlay: &Overlay) {
        let planes = self.planes.each_mut().map(Vec::as_mut_slice);
        overlay.paint_ycc(planes, self.width, self.height, self.sampling == Sampling::Yuv420);
    }
}

/// Turns one plane.
fn turned(samples: Vec<u8>, (width, height): (u32, u32), turn: Turn) -> Vec<u8> {
    let plane = Raster {
        width,
        height,
        layout: Layout::Grey,
        samples,
    };
    turn.apply(plane).samples
}
