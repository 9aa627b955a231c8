//! From about right to a fraction of a pixel.

use crate::linear::solve;
use crate::warp::{Mask, resampled, softened};
use crate::{Homography, Plane};
use rayon::prelude::*;

/// Degrees of freedom of a homography, and after them gain and offset of the leak's tones.
const GEOMETRY: usize = 8;
const UNKNOWNS: usize = GEOMETRY + 2;
/// Unknowns as whole vectors of four have room for.
const ROOM: usize = 12;
/// Steps of Gauss and Newton's method at each level.
const STEPS: usize = 12;
/// Fewer covered pixels of the whole reference than this cannot place eight degrees of freedom.
pub(crate) const LEAST: usize = 2500;

/// The reference as one level of the search sees it.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    /// Blurred, and every second pixel of every second row if it is `halved`.
    plane: Plane,
    halved: bool,
    /// The blur in pixels of the plane.
    blur: f32,
    /// Movement of a corner, in pixels of the reference, from which on another step is not worth it.
    still: f64,
}

/// From coarse to fine.
pub(crate) fn levels(reference: &Plane) -> [Level; 2] {
    let coarse = Level {
        plane: reference.blurred(3.0).decimated(),
        halved: true,
        blur: 1.5,
        still: 0.03,
    };
    let fine = Level {
        plane: reference.blurred(1.0),
        halved: false,
        blur: 1.0,
        still: 0.004,
    };
    [coarse, fine]
}

/// The homography near `map` under which `leak` looks most like the reference: least squares of `a·R(x) + b - L(map(x))` over map,
/// `a` and `b`, with large residuals held down (Huber), since a leak may have something drawn over it. `None` if it runs away.
pub(crate) fn refine(levels: &[Level], leak: &Plane, map: &Homography) -> Option<Homography> {
    let mut found = *map;
    for level in levels {
        let (width, height) = (level.plane.width(), level.plane.height());
        let (scale, least) = if level.halved { (2.0, LEAST / 4) } else { (1.0, LEAST) };
        // Decimation keeps the first pixel where it is.
        let grow = Homography([scale, 0.0, 0.0, 0.0, scale, 0.0, 0.0, 0.0, 1.0]);
        let mut here = found.after(&grow);
        let soft = softened(leak, &here, width, height)?;
        for _ in 0..STEPS {
            let warped = resampled(&soft, &here, width, height)?;
            let step = step(&level.plane, &warped.plane.blurred(level.blur), &warped.mask, least)?;
            here = here.after(&step);
            let moved = step.distance(&Homography::IDENTITY, width, height);
            if !moved.is_finite() || moved > width.max(height) as f64 / 8.0 {
                return None;
            }
            if moved * scale < level.still {
                break;
            }
        }
        found = here.after(&grow.inverse()?);
    }
    Some(found)
}

/// What one row of pixels adds to the normal equations; of the matrix the lower triangle counts.
struct Sums {
    a: [[f32; ROOM]; UNKNOWNS],
    b: [f32; ROOM],
}

/// One step: the small homography that makes the leak, already about in place, fit better.
fn step(reference: &Plane, leak: &Plane, mask: &Mask, least: usize) -> Option<Homography> {
    let (width, height) = (reference.width(), reference.height());
    if mask.count() < least {
        return None;
    }
    // Coordinates from -1 to 1, and tones of about one, keep the unknowns of one size.
    let half = width.max(height) as f32 / 2.0;
    let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
    let (gain, offset) = tones(reference, leak, mask);
    let spread = residual_spread(reference, leak, mask, gain, offset);
    let of_row = |y: usize| {
        let mut sums = Sums {
            a: [[0.0; ROOM]; UNKNOWNS],
            b: [0.0; ROOM],
        };
        let line = |y: usize| &leak.samples()[y * width..][..width];
        let (above, here, below) = (line(y - 1), line(y), line(y + 1));
        let model = &reference.samples()[y * width..][..width];
        let covered = &mask.covered[y * width..][..width];
        let v = (y as f32 - middle_y) / half;
        for x in 1..width - 1 {
            if !covered[x] {
                continue;
            }
            let residual = here[x] - gain * model[x] - offset;
            let weight = (spread / residual.abs().max(1e-6)).min(1.0);
            // The leak's own gradient: the step moves the leak's coordinates.
            let (dx, dy) = ((here[x + 1] - here[x - 1]) / 2.0, (below[x] - above[x]) / 2.0);
            let u = (x as f32 - middle_x) / half;
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
                model[x] * (1.0 / 64.0),
                1.0,
                0.0,
                0.0,
            ];
            for (sums, value) in sums.a.iter_mut().zip(row) {
                let weighted = weight * value;
                for (sum, other) in sums.iter_mut().zip(&row) {
                    *sum += weighted * other;
                }
            }
            let weighted = weight * residual;
            for (sum, value) in sums.b.iter_mut().zip(&row) {
                *sum += weighted * value;
            }
        }
        sums
    };
    let zero = || ([[0.0_f64; UNKNOWNS]; UNKNOWNS], [0.0_f64; UNKNOWNS]);
    let (a, b) = (1..height - 1)
        .into_par_iter()
        .fold(zero, |(mut a, mut b), y| {
            let sums = of_row(y);
            for (a, row) in a.iter_mut().zip(&sums.a) {
                a.iter_mut().zip(row).for_each(|(a, value)| *a += f64::from(*value));
            }
            b.iter_mut().zip(&sums.b).for_each(|(b, value)| *b += f64::from(*value));
            (a, b)
        })
        .reduce(zero, |(mut a, mut b), (other_a, other_b)| {
            for (a, other) in a.iter_mut().flatten().zip(other_a.iter().flatten()) {
                *a += other;
            }
            b.iter_mut().zip(other_b).for_each(|(b, other)| *b += other);
            (a, b)
        });
    let solution = solve(a.iter().map(|row| row.to_vec()).collect(), b.to_vec())?;
    // The residual is explained by moving the leak back: its gradient times the movement, and by tones.
    let half = f64::from(half);
    let p: Vec<f64> = solution[..GEOMETRY].iter().map(|value| -value / half).collect();
    let inner = Homography([1.0 + p[0], p[1], p[2], p[3], 1.0 + p[4], p[5], p[6], p[7], 1.0]);
    let unit = Homography([
        1.0 / half,
        0.0,
        -f64::from(middle_x) / half,
        0.0,
        1.0 / half,
        -f64::from(middle_y) / half,
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
