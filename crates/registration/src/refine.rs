//! From about right to a fraction of a pixel.

use crate::linear::solve;
use crate::warp::{Mask, warp};
use crate::{Homography, Plane};
use rayon::prelude::*;

/// Degrees of freedom of a homography, and after them gain and offset of the leak's tones.
const GEOMETRY: usize = 8;
const UNKNOWNS: usize = GEOMETRY + 2;
/// Steps of Gauss and Newton's method at each blur.
const STEPS: usize = 12;
/// Movement of a corner, in pixels, from which on another step is not worth it.
const STILL: f64 = 0.004;
/// Fewer covered pixels than this cannot place eight degrees of freedom.
const LEAST: usize = 2500;

/// The homography near `map` under which `leak` looks most like `reference`: least squares of `a·R(x) + b - L(map(x))` over map, `a`
/// and `b`, with large residuals held down (Huber), since a leak may have something drawn over it. `None` if it runs away.
pub(crate) fn refine(reference: &Plane, leak: &Plane, map: &Homography, blurs: &[f32]) -> Option<Homography> {
    let (width, height) = (reference.width(), reference.height());
    let mut found = *map;
    for &blur in blurs {
        let smooth = reference.blurred(blur);
        for _ in 0..STEPS {
            let warped = warp(leak, &found, width, height)?;
            let step = step(&smooth, &warped.plane.blurred(blur), &warped.mask)?;
            found = found.after(&step);
            let moved = step.distance(&Homography::IDENTITY, width, height);
            if !moved.is_finite() || moved > width.max(height) as f64 / 8.0 {
                return None;
            }
            if moved < STILL {
                break;
            }
        }
    }
    Some(found)
}

/// One step: the small homography that makes the leak, already about in place, fit better.
fn step(reference: &Plane, leak: &Plane, mask: &Mask) -> Option<Homography> {
    let (width, height) = (reference.width(), reference.height());
    if mask.count() < LEAST {
        return None;
    }
    // Coordinates from -1 to 1 keep the eight unknowns of one size.
    let half = width.max(height) as f64 / 2.0;
    let (middle_x, middle_y) = (width as f64 / 2.0, height as f64 / 2.0);
    let (gain, offset) = tones(reference, leak, mask);
    let spread = residual_spread(reference, leak, mask, gain, offset);
    let sums = (1..height - 1)
        .into_par_iter()
        .fold(
            || ([[0.0_f64; UNKNOWNS]; UNKNOWNS], [0.0_f64; UNKNOWNS]),
            |(mut a, mut b), y| {
                for x in 1..width - 1 {
                    let index = y * width + x;
                    if !mask.covered[index] {
                        continue;
                    }
                    let (model, seen) = (reference.samples()[index], leak.samples()[index]);
                    let residual = seen - gain * model - offset;
                    let weight = f64::from((spread / residual.abs().max(1e-6)).min(1.0));
                    // The leak's own gradient: the step moves the leak's coordinates.
                    let [dx, dy] = leak.gradient(x, y).map(|slope| f64::from(slope) * half);
                    let (u, v) = ((x as f64 - middle_x) / half, (y as f64 - middle_y) / half);
                    let along = -(dx * u + dy * v);
                    let row = [
                        dx * u,
                        dx * v,
                        dx,
                        dy * u,
                        dy * v,
                        dy,
                        along * u,
                        along * v,
                        f64::from(model),
                        1.0,
                    ];
                    for i in 0..UNKNOWNS {
                        let weighted = weight * row[i];
                        for (sum, other) in a[i][..=i].iter_mut().zip(&row) {
                            *sum += weighted * other;
                        }
                        b[i] += weighted * f64::from(residual);
                    }
                }
                (a, b)
            },
        )
        .reduce(
            || ([[0.0; UNKNOWNS]; UNKNOWNS], [0.0; UNKNOWNS]),
            |(mut a, mut b), (other_a, other_b)| {
                for i in 0..UNKNOWNS {
                    for j in 0..=i {
                        a[i][j] += other_a[i][j];
                    }
                    b[i] += other_b[i];
                }
                (a, b)
            },
        );
    let (a, b) = sums;
    let solution = solve(a.iter().map(|row| row.to_vec()).collect(), b.to_vec())?;
    // The residual is explained by moving the leak back: its gradient times the movement, and by tones.
    let p: Vec<f64> = solution[..GEOMETRY].iter().map(|value| -value).collect();
    let inner = Homography([1.0 + p[0], p[1], p[2], p[3], 1.0 + p[4], p[5], p[6], p[7], 1.0]);
    let unit = Homography([
        1.0 / half,
        0.0,
        -middle_x / half,
        0.0,
        1.0 / half,
        -middle_y / half,
        0.0,
        0.0,
        1.0,
    ]);
    Some(unit.inverse()?.after(&inner).after(&unit))
}

/// Gain and offset of the leak's tones against the reference's.
fn tones(reference: &Plane, leak: &Plane, mask: &Mask) -> (f32, f32) {
    let moments = Moments::of(reference, leak, mask);
    let gain = if moments.xx > 0.0 { moments.xy / moments.xx } else { 1.0 };
    (gain as f32, (moments.y - gain * moments.x) as f32)
}

/// The residual beyond which a pixel is held down.
fn residual_spread(reference: &Plane, leak: &Plane, mask: &Mask, gain: f32, offset: f32) -> f32 {
    let pixels = reference
        .samples()
        .iter()
        .zip(leak.samples())
        .zip(&mask.covered)
        .filter(|(_, covered)| **covered);
    let mut residuals: Vec<f32> = pixels
        .step_by(17)
        .map(|((model, seen), _)| (seen - gain * model - offset).abs())
        .collect();
    let middle = residuals.len() / 2;
    if residuals.is_empty() {
        return 1.0;
    }
    let (_, median, _) = residuals.select_nth_unstable_by(middle, f32::total_cmp);
    3.0 * *median + 0.3
}

/// How alike two pictures are where the mask covers: the correlation coefficient.
pub(crate) fn correlation(reference: &Plane, leak: &Plane, mask: &Mask) -> f64 {
    let Moments { xx, yy, xy, .. } = Moments::of(reference, leak, mask);
    if xx > 0.0 && yy > 0.0 {
        xy / (xx * yy).sqrt()
    } else {
        0.0
    }
}

/// Means, and central second moments.
struct Moments {
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Moments {
    fn of(reference: &Plane, leak: &Plane, mask: &Mask) -> Self {
        let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for ((model, seen), covered) in reference.samples().iter().zip(leak.samples()).zip(&mask.covered) {
            if *covered {
                let (model, seen) = (f64::from(*model), f64::from(*seen));
                n += 1.0;
                x += model;
                y += seen;
                xx += model * model;
                yy += seen * seen;
                xy += model * seen;
            }
        }
        let n = f64::max(n, 1.0);
        let (x, y) = (x / n, y / n);
        Self {
            x,
            y,
            xx: xx / n - x * x,
            yy: yy / n - y * y,
            xy: xy / n - x * y,
        }
    }
}
