//! Points that can be found again, and what their surroundings look like.

use crate::homography::Pair;
use crate::plane::Plane;
use crate::scale_space::{Extremum, Octave, extrema, octaves};
use rayon::prelude::*;
use std::f32::consts::TAU;

/// Cells each way, and directions in each, of a descriptor.
const CELLS: usize = 4;
const DIRECTIONS: usize = 8;
pub(crate) const LENGTH: usize = CELLS * CELLS * DIRECTIONS;
/// How much nearer the best pair must be than the second best (Lowe's ratio).
const RATIO: f32 = 0.8;

/// A point, and what is around it, independent of scale and angle.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub at: [f64; 2],
    /// A unit vector times 512, rounded.
    pub descriptor: [i16; LENGTH],
}

/// The features of a picture, `most` at most; those of the greatest contrast stay. Of a large picture the finest details are not
/// looked at.
pub(crate) fn features(picture: &Plane, most: usize) -> Vec<Feature> {
    let shrink = (LARGE / (picture.width() * picture.height()) as f64).sqrt();
    if shrink >= 1.0 {
        return found(picture, most);
    }
    let mut features = found(&picture.scaled(shrink), most);
    for feature in &mut features {
        feature.at = feature.at.map(|at| (at + 0.5) / shrink - 0.5);
    }
    features
}

/// Pixels in which features are looked for.
const LARGE: f64 = 2e6;

fn found(picture: &Plane, most: usize) -> Vec<Feature> {
    let octaves = octaves(picture);
    let mut points: Vec<Extremum> = octaves
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, octave)| extrema(index, octave))
        .collect();
    points.sort_by(|a, b| b.contrast.total_cmp(&a.contrast));
    points.truncate(most);
    points
        .par_iter()
        .flat_map_iter(|point| {
            let octave = &octaves[point.octave];
            angles(octave, point).into_iter().map(|angle| {
                // A pixel of an octave stands at the first of the pixels that it stands for. In a doubled picture the first pixel's
                // centre is a quarter of a pixel before that of the picture itself.
                let shift = if octaves[0].step < 1.0 { -0.25 } else { 0.0 };
                Feature {
                    at: [point.x, point.y].map(|at| f64::from(at * octave.step) + shift),
                    descriptor: describe(octave, point, angle),
                }
            })
        })
        .collect()
}

/// The features of `to` that look like those of `from`, and like no other of them.
pub(crate) fn pairs(from: &[Feature], to: &[Feature]) -> Vec<Pair> {
    to.par_iter()
        .filter_map(|feature| {
            let (mut best, mut second, mut found) = (i32::MIN, i32::MIN, None);
            for other in from {
                let likeness = dot(&feature.descriptor, &other.descriptor);
                if likeness > best {
                    // The same point with another angle, or at a neighbouring scale, is no rival.
                    if found.is_none_or(|found: &Feature| !near(found.at, other.at)) {
                        second = best;
                    }
                    (best, found) = (likeness, Some(other));
                } else if likeness > second && found.is_none_or(|found| !near(found.at, other.at)) {
                    second = likeness;
                }
            }
            let distance = |likeness: i32| (2.0 - 2.0 * (likeness.max(0) as f32 / (512.0 * 512.0))).max(0.0).sqrt();
            let found = found?;
            (distance(best) < RATIO * distance(second)).then_some(Pair {
                from: found.at,
                to: feature.at,
            })
        })
        .collect()
}

fn near(a: [f64; 2], b: [f64; 2]) -> bool {
    (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 3.0
}

fn dot(a: &[i16; LENGTH], b: &[i16; LENGTH]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

/// The directions that prevail around a point, in radians: usually one.
fn angles(octave: &Octave, point: &Extremum) -> Vec<f32> {
    const BINS: usize = 36;
    let mut histogram = [0.0_f32; BINS];
    let window = Window::new(octave, point, 4.5 * point.sigma, 1);
    window.each(octave.around(point), 1.5 * point.sigma, |_, _, weight, direction| {
        // A direction just below the full circle may be rounded to it.
        histogram[((direction * BINS as f32) as usize).min(BINS - 1)] += weight;
    });
    for _ in 0..2 {
        let around = histogram;
        for (bin, value) in histogram.iter_mut().enumerate() {
            *value = 0.25 * around[(bin + BINS - 1) % BINS] + 0.5 * around[bin] + 0.25 * around[(bin + 1) % BINS];
        }
    }
    let most = histogram.iter().copied().fold(0.0, f32::max);
    (0..BINS)
        .filter_map(|bin| {
            let [before, here, after] = [BINS - 1, 0, 1].map(|offset| histogram[(bin + offset) % BINS]);
            let peak = here > before && here > after && here >= 0.8 * most;
            let offset = 0.5 * (before - after) / (before - 2.0 * here + after);
            peak.then_some((bin as f32 + 0.5 + offset) / BINS as f32 * TAU)
        })
        .collect()
}

/// Cells each way with one more on each side, for pixels that count for a cell and for none.
const PADDED: usize = CELLS + 2;

/// Histograms of gradient directions in four by four cells around a point, turned by its angle.
fn describe(octave: &Octave, point: &Extremum, angle: f32) -> [i16; LENGTH] {
    let cell = 3.0 * point.sigma;
    let (sin, cos) = angle.sin_cos();
    let (sin, cos, turned) = (sin / cell, cos / cell, angle / TAU);
    let mut histogram = [0.0_f32; PADDED * PADDED * DIRECTIONS];
    // The plane is blurred by two pixels at least: every second of every second row says all.
    let radius = cell * (CELLS as f32 + 1.0) * 0.5 * std::f32::consts::SQRT_2;
    let window = Window::new(octave, point, radius, 2);
    let deviation = cell * CELLS as f32 / 2.0;
    window.each(octave.around(point), deviation, |dx, dy, weight, direction| {
        let middle = CELLS as f32 / 2.0 + 0.5;
        let (column, row) = (cos * dx + sin * dy + middle, cos * dy - sin * dx + middle);
        let most = CELLS as f32 + 1.0;
        if column <= 0.0 || row <= 0.0 || column >= most || row >= most {
            return;
        }
        let bin = ((direction - turned).rem_euclid(1.0) * DIRECTIONS as f32).min(DIRECTIONS as f32 - 1e-3);
        // Each pixel counts for the two nearest columns, rows and directions, by nearness.
        let (left, top, first) = (column as usize, row as usize, bin as usize);
        let (x, y, turn) = (column - left as f32, row - top as f32, bin - first as f32);
        for (row, by_row) in [(top, weight * (1.0 - y)), (top + 1, weight * y)] {
            for (column, by_column) in [(left, by_row * (1.0 - x)), (left + 1, by_row * x)] {
                let cell = &mut histogram[(row * PADDED + column) * DIRECTIONS..][..DIRECTIONS];
                cell[first % DIRECTIONS] += by_column * (1.0 - turn);
                cell[(first + 1) % DIRECTIONS] += by_column * turn;
            }
        }
    });
    let inner: [f32; LENGTH] = std::array::from_fn(|at| {
        let (row, column) = (at / DIRECTIONS / CELLS + 1, at / DIRECTIONS % CELLS + 1);
        histogram[(row * PADDED + column) * DIRECTIONS + at % DIRECTIONS]
    });
    // A change of light can make some gradients much greater: none may prevail.
    let unit = |histogram: [f32; LENGTH]| {
        let norm = histogram
            .iter()
            .map(|value| value * value)
            .sum::<f32>()
            .sqrt()
            .max(1e-6);
        histogram.map(|value| value / norm)
    };
    unit(unit(inner).map(|value| value.min(0.2))).map(|value| (value * 512.0).round() as i16)
}

/// The pixels around a point of an octave.
struct Window {
    point: [f32; 2],
    left: usize,
    top: usize,
    /// Behind the last.
    right: usize,
    bottom: usize,
    stride: usize,
    width: usize,
}

impl Window {
    /// Every `stride`-th pixel of every `stride`-th row up to `radius` away.
    fn new(octave: &Octave, point: &Extremum, radius: f32, stride: usize) -> Self {
        let [width, height] = octave.sides();
        let first = |at: f32| (at - radius).max(1.0) as usize;
        let behind = |at: f32, side: usize| ((at + radius) as usize + 1).min(side - 1);
        Self {
            point: [point.x, point.y],
            left: first(point.x),
            top: first(point.y),
            right: behind(point.x, width),
            bottom: behind(point.y, height),
            stride,
            width,
        }
    }

    /// Calls `visit` with a pixel's offset from the point, its gradient's magnitude times a Gaussian of standard deviation `deviation`,
    /// and its gradient's direction.
    fn each(&self, gradients: &[[f32; 2]], deviation: f32, mut visit: impl FnMut(f32, f32, f32, f32)) {
        let bell = |offset: f32| (-offset * offset / (2.0 * deviation * deviation)).exp();
        let columns: Vec<(f32, f32)> = (self.left..self.right)
            .step_by(self.stride)
            .map(|x| x as f32 - self.point[0])
            .map(|dx| (dx, bell(dx)))
            .collect();
        for y in (self.top..self.bottom).step_by(self.stride) {
            let dy = y as f32 - self.point[1];
            let by_row = bell(dy);
            let row = gradients[y * self.width + self.left..].iter().step_by(self.stride);
            for (&(dx, by_column), &[magnitude, direction]) in columns.iter().zip(row) {
                visit(dx, dy, magnitude * by_row * by_column, direction);
            }
        }
    }
}
