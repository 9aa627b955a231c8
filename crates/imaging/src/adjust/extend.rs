//! A wider canvas.

use operations::{Colour, Extend, ExtendWith};

use crate::pad::pad;
use crate::plan::Padding;
use crate::raster::Raster;

/// Adds pixels to each side. `size` is the canvas, which the caller has held against the budget.
pub(super) fn extend(raster: Raster, extend: Extend, size: (u32, u32), background: Colour, alpha: bool) -> Raster {
    if extend.with == ExtendWith::Background {
        let place = Padding {
            left: extend.left,
            top: extend.top,
        };
        return pad(raster, size, place, background, alpha);
    }
    let (width, height) = (raster.width as usize, raster.height as usize);
    let channels = raster.layout.channels();
    let columns = sources(extend.left, size.0, width, extend.with);
    let rows = sources(extend.top, size.1, height, extend.with);
    let mut samples = Vec::with_capacity(columns.len() * rows.len() * channels);
    for row in rows {
        let line = raster.samples.get(row * width * channels..).unwrap_or_default();
        for column in &columns {
            let pixel = line.get(column * channels..(column + 1) * channels);
            samples.extend_from_slice(pixel.unwrap_or_default());
        }
    }
    Raster {
        width: size.0,
        height: size.1,
        layout: raster.layout,
        samples,
    }
}

/// For each pixel of the wider side, the pixel of the picture that it shows.
fn sources(before: u32, size: u32, side: usize, with: ExtendWith) -> Vec<usize> {
    let (side, before) = (i64::try_from(side).unwrap_or(1).max(1), i64::from(before));
    (0..i64::from(size))
        .map(|at| {
            let at = at - before;
            let place = match with {
                ExtendWith::Repeat => at.rem_euclid(side),
                ExtendWith::Mirror => {
                    let folded = at.rem_euclid(2 * side);
                    folded.min(2 * side - 1 - folded)
                }
                ExtendWith::Copy | ExtendWith::Background => at.clamp(0, side - 1),
            };
            usize::try_from(place).unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond() {
        assert_eq!(sources(2, 7, 3, ExtendWith::Copy), [0, 0, 0, 1, 2, 2, 2]);
        assert_eq!(sources(2, 7, 3, ExtendWith::Repeat), [1, 2, 0, 1, 2, 0, 1]);
        assert_eq!(sources(4, 9, 3, ExtendWith::Mirror), [2, 2, 1, 0, 0, 1, 2, 2, 1]);
    }
}
