//! Decoded planes to the plan's size, each resampled once.

use jpeg::{Planes, Sampling, Scale};
use operations::Kernel;

use super::resample::{Crop, resampled};
use super::turned;
use super::weights::Weights;
use crate::Error;
use crate::plan::Plan;
use crate::turn::Rectangle;

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

/// Whether chroma that has half of luma's samples on both sides, and keeps having it, may be decoded at half of luma's scale. Nobody
/// sees what sharp's rule would leave of it beyond that.
pub(crate) fn half_chroma(plan: &Plan, scale: Scale) -> bool {
    reduction(plan) >= f64::from(2 * scale.divisor())
}

/// By how much both sides shrink at least.
fn reduction(plan: &Plan) -> f64 {
    let (width, height) = (f64::from(plan.scaled.0.max(1)), f64::from(plan.scaled.1.max(1)));
    // Sides that keep their ratio differ by the last digits.
    (plan.window.width / width).min(plan.window.height / height) + 1e-9
}

/// Bytes that [`resize`] takes beside the decoded planes, at most: `count` planes of the output, one more while it is turned, and
/// weights: nine for each sample of a side that becomes smaller, eight for each of the output's, and the turns that they are made of.
pub(crate) fn scratch(plan: &Plan, scale: Scale, count: u64) -> u64 {
    let (width, height) = (u64::from(plan.scaled.0), u64::from(plan.scaled.1));
    let decoded = |side: u32| u64::from(side.div_ceil(scale.divisor()));
    let sides = [width, height, decoded(plan.crop[2]), decoded(plan.crop[3])];
    width
        .saturating_mul(height)
        .saturating_mul(count.saturating_add(1))
        .saturating_add(sides.iter().sum::<u64>().saturating_mul(80))
}

/// Cuts the plan's window out of every plane, scales and turns it. With `sampling` subsampled, the second and third planes get
/// their halved sides at once. Chroma samples lie in the middle of the pixels they stand for, so the same window, in
/// the plane's own measure, is right for every plane.
pub(crate) fn resize(source: Planes, plan: &Plan, sampling: Sampling) -> Result<Vec<Vec<u8>>, Error> {
    let factor = |of: fn(&jpeg::Plane) -> u8| source.planes.iter().map(of).max().unwrap_or(1);
    let (most_h, most_v) = (factor(|plane| plane.h), factor(|plane| plane.v));
    let whole = plan.turn.sides(plan.scaled);
    let mut weighed: Option<(Task, [Weights; 2])> = None;
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
            f64::from(most_h) * f64::from(plane.scale.divisor()) / f64::from(plane.h.max(1)),
            f64::from(most_v) * f64::from(plane.scale.divisor()) / f64::from(plane.v.max(1)),
        );
        let area = measured(plan, covered, whole, per_sample);
        let task = Task::new(&plane, &area, plan.turn.sides(sides))?;
        let [columns, rows] = match weighed.take() {
            Some((same, weights)) if same == task => weights,
            _ => task.weights(plan.kernel),
        };
        let samples = resampled(plane, &task.crop, &columns, &rows);
        weighed = Some((task, [columns, rows]));
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

/// What is resampled to what; planes that have it in common have the same weights.
#[derive(PartialEq)]
struct Task {
    crop: Crop,
    /// Start and length within the crop.
    across: (f64, f64),
    down: (f64, f64),
    /// Columns and rows of the output.
    sides: (u32, u32),
}

impl Task {
    fn new(plane: &jpeg::Plane, area: &Area, sides: (u32, u32)) -> Result<Self, Error> {
        let side = |side: usize| u32::try_from(side).map_err(|_| Error::Encode);
        let (plane_width, plane_height) = (side(plane.width)?, side(plane.height)?);
        let [left, top, right, bottom] = area.crop;
        let (left, top) = (
            outer(left.floor(), plane_width - 1),
            outer(top.floor(), plane_height - 1),
        );
        let (right, bottom) = (outer(right.ceil(), plane_width), outer(bottom.ceil(), plane_height));
        let (width, height) = (right.saturating_sub(left).max(1), bottom.saturating_sub(top).max(1));
        Ok(Self {
            across: (area.window.left - f64::from(left), area.window.width),
            down: (area.window.top - f64::from(top), area.window.height),
            crop: Crop {
                left: left as usize,
                top: top as usize,
                width: width as usize,
                height: height as usize,
            },
            sides,
        })
    }

    /// For the columns and for the rows.
    fn weights(&self, kernel: Kernel) -> [Weights; 2] {
        [
            Weights::of_kernel(kernel, self.crop.width, self.across, self.sides.0),
            Weights::of_kernel(kernel, self.crop.height, self.down, self.sides.1),
        ]
    }
}

/// A whole coordinate, at most `most`; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn outer(value: f64, most: u32) -> u32 {
    (value as u32).min(most)
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
