//! Decoded planes to the plan's size, each resampled once.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use jpeg::{Planes, Sampling, Scale};

use super::turned;
use crate::plan::Plan;
use crate::turn::Rectangle;
use crate::{Error, kernel};

/// The scale that an original is decoded at: sharp's rule, so that as much detail is left for the resize. A denominator that the
/// reduction only just reaches is not taken.
pub(crate) fn scale(plan: &Plan) -> Scale {
    let reduction = reduction(plan);
    if reduction >= 9.0 {
        Scale::Eighth
    } else if reduction >= 5.0 {
        Scale::Quarter
    } else if reduction >= 3.0 {
        Scale::Half
    } else {
        Scale::Full
    }
}

/// By how much both sides shrink at least. Where the sides keep their ratio the longer one says so, because the shorter one
/// is rounded more coarsely.
fn reduction(plan: &Plan) -> f64 {
    let (width, height) = (f64::from(plan.scaled.0.max(1)), f64::from(plan.scaled.1.max(1)));
    let (x, y) = (plan.window.width / width, plan.window.height / height);
    let (long, short, rounded) = if width >= height {
        (x, plan.window.height, height)
    } else {
        (y, plan.window.width, width)
    };
    if (short / long - rounded).abs() <= 0.501 {
        long
    } else {
        x.min(y)
    }
}

/// Bytes that [`resize`] takes beside the decoded planes, at most: `count` planes of the output, one more while it is turned, and
/// the decoded columns of one at the output's height.
pub(crate) fn scratch(plan: &Plan, scale: Scale, count: u64) -> u64 {
    let (width, height) = (u64::from(plan.scaled.0), u64::from(plan.scaled.1));
    let columns = u64::from(plan.crop[2].div_ceil(scale.divisor())).saturating_add(1);
    width
        .saturating_mul(height)
        .saturating_mul(count.saturating_add(1))
        .saturating_add(columns.saturating_mul(height))
}

/// Cuts the plan's window out of every plane, scales and turns it. With `sampling` subsampled, the second and third planes get
/// their halved sides at once. Chroma samples lie in the middle of the pixels they stand for, so the same window, in
/// the plane's own measure, is right for every plane.
pub(crate) fn resize(source: Planes, scale: Scale, plan: &Plan, sampling: Sampling) -> Result<Vec<Vec<u8>>, Error> {
    let factor = |of: fn(&jpeg::Plane) -> u8| source.planes.iter().map(of).max().unwrap_or(1);
    let (most_h, most_v) = (factor(|plane| plane.h), factor(|plane| plane.v));
    let whole = plan.turn.sides(plan.scaled);
    let options = ResizeOptions::new().resize_alg(kernel::algorithm(plan.kernel));
    let mut resizer = Resizer::new();
    let planes = source.planes.into_iter().enumerate().map(|(index, plane)| {
        let halved = sampling == Sampling::Yuv420 && matches!(index, 1 | 2);
        // Samples of the output, and how many of its columns and rows they stand for: an odd last one is left out, and the
        // sample before it is repeated.
        let (sides, covered) = if halved {
            let (columns, rows) = (halves(whole.0), halves(whole.1));
            ((columns.0, rows.0), (columns.1, rows.1))
        } else {
            (whole, whole)
        };
        let per_sample = (
            f64::from(most_h) * f64::from(scale.divisor()) / f64::from(plane.h.max(1)),
            f64::from(most_v) * f64::from(scale.divisor()) / f64::from(plane.v.max(1)),
        );
        let area = measured(plan, covered, whole, per_sample);
        let samples = resample(&mut resizer, &options, &plane, area, plan.turn.sides(sides))?;
        drop(plane);
        let samples = turned(samples, plan.turn.sides(sides), plan.turn);
        let wanted = if halved {
            (whole.0.div_ceil(2), whole.1.div_ceil(2))
        } else {
            whole
        };
        Ok(extended(samples, sides, wanted))
    });
    planes.collect()
}

/// How many samples a halved side has without an odd last one, and how many pixels they stand for.
fn halves(side: u32) -> (u32, u32) {
    if side < 2 { (side, side) } else { (side / 2, side & !1) }
}

/// What of a plane is used.
struct Area {
    /// The crop: left, top, right, bottom. Nothing outside it is looked at.
    crop: [f64; 4],
    /// What fills the output.
    window: Rectangle,
}

/// The plan's crop and window in a plane's samples, `per_sample` pixels each, for the part of the turned output that is
/// `covered`.
fn measured(plan: &Plan, covered: (u32, u32), whole: (u32, u32), (dx, dy): (f64, f64)) -> Area {
    let [left, top, width, height] = plan.crop.map(f64::from);
    let part = Rectangle {
        left: 0.0,
        top: 0.0,
        width: f64::from(covered.0),
        height: f64::from(covered.1),
    };
    let part = plan.turn.origin_of(part, (f64::from(whole.0), f64::from(whole.1)));
    let (x, y) = (
        plan.window.width / f64::from(plan.scaled.0.max(1)),
        plan.window.height / f64::from(plan.scaled.1.max(1)),
    );
    Area {
        crop: [left / dx, top / dy, (left + width) / dx, (top + height) / dy],
        window: Rectangle {
            left: (left + plan.window.left + part.left * x) / dx,
            top: (top + plan.window.top + part.top * y) / dy,
            width: part.width * x / dx,
            height: part.height * y / dy,
        },
    }
}

fn resample(
    resizer: &mut Resizer,
    options: &ResizeOptions,
    plane: &jpeg::Plane,
    area: Area,
    (width, height): (u32, u32),
) -> Result<Vec<u8>, Error> {
    let side = |side: usize| u32::try_from(side).map_err(|_| Error::Encode);
    let (plane_width, plane_height) = (side(plane.width)?, side(plane.height)?);
    let [left, top, right, bottom] = area.crop;
    let (left, top) = (
        outer(left.floor(), plane_width - 1),
        outer(top.floor(), plane_height - 1),
    );
    let (right, bottom) = (outer(right.ceil(), plane_width), outer(bottom.ceil(), plane_height));
    let (crop_width, crop_height) = (right.saturating_sub(left).max(1), bottom.saturating_sub(top).max(1));
    let whole = ImageRef::new(plane_width, plane_height, &plane.samples, PixelType::U8).map_err(|_| Error::Encode)?;
    let crop = CroppedImage::new(&whole, left, top, crop_width, crop_height).map_err(|_| Error::Encode)?;
    let (x, columns) = within(area.window.left - f64::from(left), area.window.width, crop_width);
    let (y, rows) = within(area.window.top - f64::from(top), area.window.height, crop_height);
    let mut output = Image::new(width, height, PixelType::U8);
    resizer
        .resize(&crop, &mut output, &options.crop(x, y, columns, rows))
        .map_err(|_| Error::Encode)?;
    Ok(output.into_vec())
}

/// A whole coordinate, at most `most`; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn outer(value: f64, most: u32) -> u32 {
    (value as u32).min(most)
}

/// A window that rounding has not moved out of the side.
fn within(start: f64, length: f64, side: u32) -> (f64, f64) {
    let start = start.clamp(0.0, f64::from(side));
    (start, length.min(f64::from(side) - start))
}

/// Repeats the last column and row until the plane has the wanted sides.
fn extended(mut samples: Vec<u8>, (width, height): (u32, u32), wanted: (u32, u32)) -> Vec<u8> {
    if width < wanted.0 {
        let rows = samples.chunks_exact(width as usize);
        let missing = (wanted.0 - width) as usize;
        samples = rows
            .flat_map(|row| {
                let last = row.last().copied().unwrap_or_default();
                row.iter().copied().chain(std::iter::repeat_n(last, missing))
            })
            .collect();
    }
    for _ in height..wanted.1 {
        samples.extend_from_within(samples.len() - wanted.0 as usize..);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_last_line_is_repeated() {
        assert_eq!(extended(vec![1, 2, 3, 4], (2, 2), (3, 3)), [1, 2, 2, 3, 4, 4, 3, 4, 4]);
        assert_eq!(extended(vec![7], (1, 1), (1, 1)), [7]);
        assert_eq!((halves(1), halves(2), halves(533)), ((1, 1), (1, 2), (266, 532)));
    }
}
