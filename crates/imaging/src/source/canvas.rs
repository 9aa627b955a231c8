//! What an animation shows: its frames laid over each other.

use crate::raster::{Layout, Raster};

/// The part of the canvas that a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// What becomes of a frame's area before the next one is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// It stays.
    Keep,
    /// It becomes transparent, which is what browsers take for the background.
    Clear,
    /// It is again what it was before the frame.
    Restore,
}

/// A canvas, transparent at first.
pub(crate) struct Canvas {
    /// Red, green, blue and alpha.
    picture: Raster,
    /// What is to be undone before the next frame, with what was there.
    last: Option<(Area, Disposal, Vec<u8>)>,
}

impl Canvas {
    /// The caller has held its size against the budget.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            picture: Raster::zeros(width, height, Layout::Rgba),
            last: None,
        }
    }

    /// Shows a frame: `pixel` gives those of its area by their number, row by row. What reaches outside the canvas is not shown.
    /// `blend` lays a frame over what is there; else it takes its place.
    pub fn show(&mut self, area: Area, disposal: Disposal, blend: bool, pixel: impl Fn(usize) -> [u8; 4]) {
        match self.last.take() {
            Some((area, Disposal::Clear, _)) => self.rows(area, |_, row| row.as_flattened_mut().fill(0)),
            Some((_, Disposal::Restore, before)) => self.picture.samples = before,
            _ => {}
        }
        let before = match disposal {
            Disposal::Restore => self.picture.samples.clone(),
            Disposal::Keep | Disposal::Clear => Vec::new(),
        };
        let width = area.width as usize;
        self.rows(area, |y, row| {
            for (x, under) in row.iter_mut().enumerate() {
                let over = pixel(y * width + x);
                *under = if blend { blended(over, *under) } else { over };
            }
        });
        self.last = Some((area, disposal, before));
    }

    /// What is seen now, of three or four channels.
    pub fn picture(&self, layout: Layout) -> Raster {
        if layout == Layout::Rgba {
            return self.picture.clone();
        }
        let pixels = self.picture.samples.as_chunks::<4>().0;
        Raster {
            layout: Layout::Rgb,
            samples: pixels
                .iter()
                .flat_map(|[red, green, blue, _]| [*red, *green, *blue])
                .collect(),
            ..self.picture
        }
    }

    /// What is seen at last.
    pub fn into_picture(self, layout: Layout) -> Raster {
        match layout {
            Layout::Rgba => self.picture,
            _ => self.picture(layout),
        }
    }

    /// Visits the rows of an area, as far as they are on the canvas.
    fn rows(&mut self, area: Area, mut visit: impl FnMut(usize, &mut [[u8; 4]])) {
        let stride = self.picture.width as usize;
        let (left, right) = (
            area.left as usize,
            (area.left as usize).saturating_add(area.width as usize),
        );
        let pixels = self.picture.samples.as_chunks_mut::<4>().0;
        let rows = pixels.chunks_exact_mut(stride.max(1)).skip(area.top as usize);
        for (y, row) in rows.take(area.height as usize).enumerate() {
            if let Some(seen) = row.get_mut(left..right.min(stride)) {
                visit(y, seen);
            }
        }
    }
}

/// One pixel over another (RFC 9649 section 2.7.1.1).
fn blended(over: [u8; 4], under: [u8; 4]) -> [u8; 4] {
    match (over[3], under[3]) {
        (255, _) | (_, 0) => over,
        (0, _) => under,
        (above, below) => {
            let (above, below) = (u32::from(above), u32::from(below));
            // In 255ths of 255ths: at most 255 * 255, and above zero because `above` is.
            let shine = below * (255 - above);
            let alpha = above * 255 + shine;
            let mix = |n: usize| {
                let sum = u32::from(over[n]) * above * 255 + u32::from(under[n]) * shine;
                u8::try_from((sum + alpha / 2) / alpha).unwrap_or(u8::MAX)
            };
            let opacity = u8::try_from((alpha + 127) / 255).unwrap_or(u8::MAX);
            [mix(0), mix(1), mix(2), opacity]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const CLEAR: [u8; 4] = [0; 4];

    fn area(left: u32, width: u32) -> Area {
        Area {
            left,
            top: 0,
            width,
            height: 1,
        }
    }

    fn shown(canvas: &Canvas) -> Vec<[u8; 4]> {
        canvas.picture(Layout::Rgba).samples.as_chunks().0.to_vec()
    }

    #[test]
    fn frames_are_kept_cleared_and_restored() {
        let mut canvas = Canvas::new(3, 1);
        canvas.show(area(0, 3), Disposal::Keep, true, |_| RED);
        canvas.show(area(1, 1), Disposal::Restore, true, |_| BLUE);
        assert_eq!(shown(&canvas), [RED, BLUE, RED]);
        canvas.show(area(0, 1), Disposal::Clear, true, |_| BLUE);
        assert_eq!(shown(&canvas), [BLUE, RED, RED]);
        canvas.show(area(2, 1), Disposal::Keep, true, |_| BLUE);
        assert_eq!(shown(&canvas), [CLEAR, RED, BLUE]);
    }

    #[test]
    fn what_lies_outside_is_not_shown() {
        let mut canvas = Canvas::new(3, 1);
        canvas.show(area(2, u32::MAX), Disposal::Keep, true, |_| RED);
        assert_eq!(shown(&canvas), [CLEAR, CLEAR, RED]);
        canvas.show(area(9, 9), Disposal::Clear, true, |_| BLUE);
        canvas.show(area(0, 1), Disposal::Keep, true, |_| BLUE);
        assert_eq!(shown(&canvas), [BLUE, CLEAR, RED]);
        assert_eq!(canvas.picture(Layout::Rgb).samples, [0, 0, 255, 0, 0, 0, 255, 0, 0]);
    }

    #[test]
    fn half_a_pixel_is_mixed_and_replaces() {
        assert_eq!(blended([255, 0, 0, 128], BLUE), [128, 0, 127, 255]);
        assert_eq!(blended([200, 0, 0, 128], [0, 0, 200, 128]), [134, 0, 66, 192]);
        assert_eq!((blended(CLEAR, RED), blended(RED, CLEAR)), (RED, RED));
        let mut canvas = Canvas::new(1, 1);
        canvas.show(area(0, 1), Disposal::Keep, false, |_| RED);
        canvas.show(area(0, 1), Disposal::Keep, false, |_| CLEAR);
        assert_eq!(shown(&canvas), [CLEAR]);
    }
}
