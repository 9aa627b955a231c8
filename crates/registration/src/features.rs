//! Points that can be found again, and what their surroundings look like.

use crate::homography::Pair;
use crate::plane::Plane;
use crate::scale_space::{Extremum, Octave, extrema, octaves};
use rayon::prelude::*;
use std::f32::consts::TAU;

/// Cells each way, and directions in each, of a descriptor.
const CELLS: usize = 4;
const DIRECTIONS: usize = 8;
const LENGTH: usize = CELLS * CELLS * DIRECTIONS;
/// How much nearer the best pair must be than the second best (Lowe's ratio).
const RATIO: f32 = 0.8;

/// A point, and what is around it, independent of scale and angle.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    pub at: [f64; 2],
    /// A unit vector times 512, rounded.
    descriptor: [i16; LENGTH],
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

/// Magnitude and direction of the gradient at a pixel, the direction as a share of the full circle.
fn polar(plane: &Plane, x: usize, y: usize) -> (f32, f32) {
    let [dx, dy] = plane.gradient(x, y);
    (dx.hypot(dy), (dy.atan2(dx) / TAU).rem_euclid(1.0))
}

/// The directions that prevail around a point, in radians: usually one.
fn angles(octave: &Octave, point: &Extremum) -> Vec<f32> {
    const BINS: usize = 36;
    let plane = &octave.blurred[point.level];
    let sigma = 1.5 * point.sigma;
    let mut histogram = [0.0_f32; BINS];
    each_within(plane, point, 3.0 * sigma, |x, y, dx, dy| {
        let (magnitude, direction) = polar(plane, x, y);
        let bin = (direction * BINS as f32) as usize % BINS;
        histogram[bin] += magnitude * (-(dx * dx + dy * dy) / (2.0 * sigma * sigma)).exp();
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

/// Histograms of gradient directions in four by four cells around a point, turned by its angle.
fn describe(octave: &Octave, point: &Extremum, angle: f32) -> [i16; LENGTH] {
    let plane = &octave.blurred[point.level];
    let cell = 3.0 * point.sigma;
    let (sin, cos) = angle.sin_cos();
    let mut histogram = [0.0_f32; LENGTH];
    each_within(
        plane,
        point,
        cell * (CELLS as f32 + 1.0) * 0.5 * std::f32::consts::SQRT_2,
        |x, y, dx, dy| {
            let (along, across) = ((cos * dx + sin * dy) / cell, (cos * dy - sin * dx) / cell);
            let middle = CELLS as f32 / 2.0 - 0.5;
            let (column, row) = (along + middle, across + middle);
            if column <= -1.0 || row <= -1.0 || column >= CELLS as f32 || row >= CELLS as f32 {
                return;
            }
            let (magnitude, direction) = polar(plane, x, y);
            let weight = magnitude * (-(along * along + across * across) / (CELLS * CELLS) as f32 * 2.0).exp();
            let turned = (direction - angle / TAU).rem_euclid(1.0) * DIRECTIONS as f32;
            // Each pixel counts for the two nearest columns, rows and directions, by nearness.
            for (row, by_row) in spread(row) {
                for (column, by_column) in spread(column) {
                    for (bin, by_bin) in spread(turned) {
                        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else {
                            continue;
                        };
                        if row < CELLS && column < CELLS {
                            let bin = bin.rem_euclid(DIRECTIONS.cast_signed()) as usize;
                            histogram[(row * CELLS + column) * DIRECTIONS + bin] +=
                                weight * by_row * by_column * by_bin;
                        }
                    }
                }
            }
        },
    );
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
    unit(unit(histogram).map(|value| value.min(0.2))).map(|value| (value * 512.0).round() as i16)
}

/// The two integers around a number, with their weights.
fn spread(at: f32) -> [(isize, f32); 2] {
    let low = at.floor();
    [(low as isize, 1.0 - (at - low)), (low as isize + 1, at - low)]
}

/// Calls `visit` with every pixel within `radius` of a point, and its offset from it.
fn each_within(plane: &Plane, point: &Extremum, radius: f32, mut visit: impl FnMut(usize, usize, f32, f32)) {
    let range = |at: f32, side: usize| {
        (
            (at - radius).max(1.0) as usize,
            ((at + radius) as usize + 1).min(side - 1),
        )
    };
    let ((left, right), (top, bottom)) = (range(point.x, plane.width()), range(point.y, plane.height()));
    for y in top..bottom {
        for x in left..right {
            visit(x, y, x as f32 - point.x, y as f32 - point.y);
        }
    }
}
