//! The linear filter that comes nearest to what happened to a leak: blur, sharpening, resampling, and what is left of a shift.

use rayon::prelude::*;
use registration::{Plane, Warped, solve};

/// Pixels to each side that take part.
pub(crate) const REACH: isize = 4;
pub(crate) const TAPS: usize = ((2 * REACH + 1) * (2 * REACH + 1)) as usize;
/// The offset beside the taps.
pub(crate) const UNKNOWNS: usize = TAPS + 1;
/// About as many pixels are looked at.
const SAMPLES: usize = 60_000;
/// Fewer covered pixels say nothing for sure.
pub(crate) const LEAST: usize = 4000;

/// Filters `model` to be as like the leak as a linear filter makes it, in the sense of least squares over the covered pixels. The
/// model itself where there is too little to see.
pub(crate) fn filtered(model: &Plane, leak: &Warped) -> Plane {
    let covered: Vec<usize> = (0..leak.mask.covered.len())
        .filter(|&at| leak.mask.covered[at])
        .collect();
    if covered.len() < LEAST {
        return model.clone();
    }
    let width = model.width();
    let row = |at: usize| around(model, at % width, at / width);
    let taps = fitted(covered, row, |at| leak.plane.samples()[at]);
    taps.and_then(|taps| convolved(model, &taps))
        .unwrap_or_else(|| model.clone())
}

/// The taps, and the offset after them, under which rows of samples, less the middle grey, come nearest to the targets, in the sense of
/// least squares over some of `pixels`.
pub(crate) fn fitted(
    pixels: Vec<usize>,
    row: impl Fn(usize) -> [f32; UNKNOWNS] + Sync,
    target: impl Fn(usize) -> f32 + Sync,
) -> Option<Vec<f32>> {
    // An odd stride that shares no factor with the width visits every column.
    let stride = (pixels.len() / SAMPLES).max(1) | 1;
    let chosen: Vec<usize> = pixels.into_iter().step_by(stride).collect();
    let zero = || (vec![0.0_f32; UNKNOWNS * UNKNOWNS], vec![0.0_f32; UNKNOWNS]);
    let (a, b) = chosen
        .par_chunks(512)
        .map(|chosen| {
            // Single precision is enough for a few hundred pixels around the middle grey.
            let (mut a, mut b) = zero();
            for &at in chosen {
                let (row, target) = (row(at), target(at) - 128.0);
                for (i, &value) in row.iter().enumerate() {
                    for (sum, other) in a[i * UNKNOWNS..][..=i].iter_mut().zip(&row) {
                        *sum += value * other;
                    }
                    b[i] += value * target;
                }
            }
            (a, b)
        })
        .fold(
            || (vec![0.0_f64; UNKNOWNS * UNKNOWNS], vec![0.0_f64; UNKNOWNS]),
            |mut sums, (a, b)| {
                sums.0
                    .iter_mut()
                    .zip(a)
                    .for_each(|(sum, value)| *sum += f64::from(value));
                sums.1
                    .iter_mut()
                    .zip(b)
                    .for_each(|(sum, value)| *sum += f64::from(value));
                sums
            },
        )
        .reduce(
            || (vec![0.0; UNKNOWNS * UNKNOWNS], vec![0.0; UNKNOWNS]),
            |mut sums, (a, b)| {
                sums.0.iter_mut().zip(a).for_each(|(sum, value)| *sum += value);
                sums.1.iter_mut().zip(b).for_each(|(sum, value)| *sum += value);
                sums
            },
        );
    // Drawn slightly towards the filter that changes nothing: smooth pictures leave the fine taps open.
    let ridge = chosen.len() as f64 * RIDGE;
    let identity = TAPS / 2;
    let mut rows: Vec<Vec<f64>> = a.chunks_exact(UNKNOWNS).map(<[f64]>::to_vec).collect();
    let mut b = b;
    for (at, row) in rows.iter_mut().enumerate() {
        row[at] += ridge;
    }
    b[identity] += ridge;
    Some(solve(rows, b)?.into_iter().map(|tap| tap as f32).collect())
}

/// Filters a plane with the taps and the offset after them.
fn convolved(model: &Plane, taps: &[f32]) -> Option<Plane> {
    let (width, height, reach) = (model.width(), model.height(), REACH.unsigned_abs());
    let side = 2 * reach + 1;
    let offset = 128.0 + taps.get(TAPS)?;
    // The edges' pixels once more on both sides, so that no tap looks beyond.
    let padded: Vec<Vec<f32>> = (0..height)
        .map(|y| {
            let x = |at: usize| at.saturating_sub(reach).min(width - 1);
            let row = &model.samples()[y * width..][..width];
            (0..width + 2 * reach).map(|at| row[x(at)] - 128.0).collect()
        })
        .collect();
    let mut samples = vec![offset; width * height];
    samples.par_chunks_exact_mut(width).enumerate().for_each(|(y, out)| {
        for (line, taps) in taps[..TAPS].chunks_exact(side).enumerate() {
            let row = &padded[(y + line).saturating_sub(reach).min(height - 1)];
            for (shift, tap) in taps.iter().enumerate() {
                for (out, value) in out.iter_mut().zip(&row[shift..]) {
                    *out += tap * value;
                }
            }
        }
    });
    Plane::new(width, height, samples)
}

/// Weight of the wish to change nothing: the square of a grey level that is of no account.
const RIDGE: f64 = 0.25;

/// The pixels around one, less the middle grey, and 1 for the offset.
fn around(model: &Plane, x: usize, y: usize) -> [f32; UNKNOWNS] {
    const SIDE: usize = (2 * REACH + 1) as usize;
    let mut row = [1.0; UNKNOWNS];
    let (x, y) = (x.cast_signed(), y.cast_signed());
    let (width, height) = (model.width(), model.height());
    let inside = x >= REACH && y >= REACH && x + REACH < width.cast_signed() && y + REACH < height.cast_signed();
    for (line, out) in row[..TAPS].chunks_exact_mut(SIDE).enumerate() {
        let top = y + line.cast_signed() - REACH;
        if inside {
            let from = &model.samples()[top as usize * width + (x - REACH) as usize..][..SIDE];
            for (out, value) in out.iter_mut().zip(from) {
                *out = value - 128.0;
            }
        } else {
            for (column, out) in out.iter_mut().enumerate() {
                *out = model.at(x + column.cast_signed() - REACH, top) - 128.0;
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use registration::Mask;

    #[test]
    fn a_blur_is_found_again() {
        let samples: Vec<f32> = (0..120 * 90)
            .map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as f32)
            .collect();
        let plane = Plane::new(120, 90, samples).unwrap();
        let leak = Warped {
            plane: plane.blurred(0.9),
            mask: Mask {
                covered: vec![true; 120 * 90],
            },
            source: None,
        };
        let error = |model: &Plane| {
            let differences = model
                .samples()
                .iter()
                .zip(leak.plane.samples())
                .map(|(a, b)| (a - b).powi(2));
            (differences.sum::<f32>() / 10_800.0).sqrt()
        };
        assert!(error(&plane) > 30.0);
        assert!(
            error(&filtered(&plane, &leak)) < 0.5,
            "{}",
            error(&filtered(&plane, &leak))
        );
    }
}
