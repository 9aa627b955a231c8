//! The eight ways to lay a rectangle onto itself: EXIF orientations, mirrors and quarter turns.

use operations::Rotation;

use crate::raster::{Layout, Raster};

/// An optional transposition (rows become columns), then an optional mirror left to right (`flop`) and top to bottom
/// (`flip`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    pub transpose: bool,
    pub flop: bool,
    pub flip: bool,
}

/// A rectangle in pixels, or parts of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rectangle {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Turn {
    /// What makes a picture with this EXIF orientation (CIPA DC-008, tag 0x0112) upright. Unknown values leave it as it is.
    pub fn from_exif(orientation: u8) -> Self {
        let (transpose, flop, flip) = match orientation {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transpose, flop, flip }
    }

    /// A clockwise rotation by quarter turns; one by any other angle leaves a rectangle no rectangle, and is none here.
    pub fn from_rotation(rotation: Rotation) -> Self {
        Self::from_exif(match rotation {
            Rotation::R0 | Rotation::Free(_) => 1,
            Rotation::R90 => 6,
            Rotation::R180 => 3,
            Rotation::R270 => 8,
        })
    }

    /// This, and then `next`.
    pub fn then(self, next: Self) -> Self {
        // A mirror of columns becomes one of rows when a transposition follows it.
        let (flop, flip) = if next.transpose {
            (self.flip, self.flop)
        } else {
            (self.flop, self.flip)
        };
        Self {
            transpose: self.transpose ^ next.transpose,
            flop: flop ^ next.flop,
            flip: flip ^ next.flip,
        }
    }

    /// The sides after the turn.
    pub fn sides<T>(self, (width, height): (T, T)) -> (T, T) {
        if self.transpose {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Where a rectangle of the turned picture, whose sides are `turned`, lies in the picture before.
    pub fn origin_of(self, area: Rectangle, turned: (f64, f64)) -> Rectangle {
        let left = if self.flop {
            turned.0 - area.left - area.width
        } else {
            area.left
        };
        let top = if self.flip {
            turned.1 - area.top - area.height
        } else {
            area.top
        };
        let ((left, top), (width, height)) = (self.sides((left, top)), self.sides((area.width, area.height)));
        Rectangle {
            left,
            top,
            width,
            height,
        }
    }

    /// Turns a picture; without transposition in place.
    pub fn apply(self, raster: Raster) -> Raster {
        match raster.layout {
            Layout::Grey => self.apply_pixels::<1>(raster),
            Layout::GreyAlpha => self.apply_pixels::<2>(raster),
            Layout::Rgb => self.apply_pixels::<3>(raster),
            Layout::Rgba => self.apply_pixels::<4>(raster),
        }
    }

    fn apply_pixels<const N: usize>(self, mut raster: Raster) -> Raster {
        if self.transpose {
            raster = transpose::<N>(&raster);
        }
        let width = raster.width as usize;
        let (pixels, _) = raster.samples.as_chunks_mut::<N>();
        if self.flop && self.flip {
            pixels.reverse();
        } else if self.flop {
            pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
        } else if self.flip {
            let (upper, lower) = pixels.split_at_mut(pixels.len() / 2 / width * width);
            let rows = lower.chunks_exact_mut(width).rev();
            upper
                .chunks_exact_mut(width)
                .zip(rows)
                .for_each(|(above, below)| above.swap_with_slice(below));
        }
        raster
    }
}

/// Works in squares, so that both pictures stay in the cache.
fn transpose<const N: usize>(raster: &Raster) -> Raster {
    const SQUARE: usize = 32;
    let (width, height) = (raster.width as usize, raster.height as usize);
    let (from, _) = raster.samples.as_chunks::<N>();
    let mut to = vec![[0u8; N]; from.len()];
    for top in (0..height).step_by(SQUARE) {
        for left in (0..width).step_by(SQUARE) {
            for y in top..height.min(top + SQUARE) {
                for x in left..width.min(left + SQUARE) {
                    to[x * height + y] = from[y * width + x];
                }
            }
        }
    }
    Raster {
        width: raster.height,
        height: raster.width,
        layout: raster.layout,
        samples: to.into_flattened(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three columns, two rows: abc / def.
    fn turned(turn: Turn) -> (u32, Vec<u8>) {
        let raster = Raster {
            width: 3,
            height: 2,
            layout: Layout::Grey,
            samples: b"abcdef".to_vec(),
        };
        let raster = turn.apply(raster);
        (raster.width, raster.samples)
    }

    #[test]
    fn every_orientation() {
        let expected: [(u8, u32, &[u8]); 9] = [
            (0, 3, b"abcdef"),
            (1, 3, b"abcdef"),
            (2, 3, b"cbafed"),
            (3, 3, b"fedcba"),
            (4, 3, b"defabc"),
            (5, 2, b"adbecf"),
            (6, 2, b"daebfc"),
            (7, 2, b"fcebda"),
            (8, 2, b"cfbead"),
        ];
        for (orientation, width, samples) in expected {
            assert_eq!(
                turned(Turn::from_exif(orientation)),
                (width, samples.to_vec()),
                "orientation {orientation}"
            );
        }
    }

    #[test]
    fn composition_is_one_after_the_other() {
        for first in 1..=8 {
            for second in 1..=8 {
                let (first, second) = (Turn::from_exif(first), Turn::from_exif(second));
                let raster = Raster {
                    width: 3,
                    height: 2,
                    layout: Layout::GreyAlpha,
                    samples: (0..12).collect(),
                };
                let apart = second.apply(first.apply(raster.clone()));
                assert_eq!(first.then(second).apply(raster), apart, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn a_rectangle_is_found_where_it_came_from() {
        for orientation in 1..=8 {
            let turn = Turn::from_exif(orientation);
            let raster = Raster {
                width: 3,
                height: 2,
                layout: Layout::Grey,
                samples: b"abcdef".to_vec(),
            };
            let turned = turn.apply(raster.clone());
            for (index, sample) in turned.samples.iter().enumerate() {
                let (x, y) = (index % turned.width as usize, index / turned.width as usize);
                let area = Rectangle {
                    left: x as f64,
                    top: y as f64,
                    width: 1.0,
                    height: 1.0,
                };
                let origin = turn.origin_of(area, (f64::from(turned.width), f64::from(turned.height)));
                let at = origin.top as usize * 3 + origin.left as usize;
                assert_eq!(raster.samples[at], *sample, "orientation {orientation}");
            }
        }
    }
}
