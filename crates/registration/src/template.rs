//! The leak slid over the rendition at several scales, for leaks with too few points that stand out.

use crate::{Homography, Plane};
use rayon::prelude::*;

/// Scales of the leak that are tried: pixels of the leak for one of the reference.
const SCALES: [f64; 13] = [1.0, 0.9, 0.8, 0.75, 0.7, 2.0 / 3.0, 0.6, 0.5, 0.4, 0.25, 1.25, 1.5, 2.0];
/// The search is done at a size at which the reference's longer side has this many pixels.
const LONG_SIDE: f64 = 200.0;
/// Sides of a leak, at that size, below which anything looks like anything.
const LEAST: usize = 12;

/// Where the leak fits best, and how well: the correlation coefficient, up to 1.
pub(crate) fn template(reference: &Plane, leak: &Plane) -> Option<(f64, Homography)> {
    let shrink = (LONG_SIDE / reference.width().max(reference.height()) as f64).min(1.0);
    let small = reference.scaled(shrink);
    SCALES
        .par_iter()
        .filter_map(|&scale| {
            let patch = leak.scaled(shrink / scale);
            let fits = patch.width() <= small.width() && patch.height() <= small.height();
            let large = patch.width().min(patch.height()) >= LEAST;
            if !fits || !large {
                return None;
            }
            let (likeness, x, y) = best_place(&small, &patch)?;
            let (x, y) = (x as f64 / shrink, y as f64 / shrink);
            Some((
                likeness,
                Homography::scale(scale, scale).after(&Homography::shift(-x, -y)),
            ))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

fn best_place(picture: &Plane, patch: &Plane) -> Option<(f64, usize, usize)> {
    let (width, height) = (patch.width(), patch.height());
    let n = (width * height) as f64;
    let mean = patch.samples().iter().map(|&value| f64::from(value)).sum::<f64>() / n;
    let centred: Vec<f32> = patch.samples().iter().map(|&value| value - mean as f32).collect();
    let norm: f64 = centred.iter().map(|&value| f64::from(value * value)).sum();
    if norm < n {
        return None;
    }
    let mut best: Option<(f64, usize, usize)> = None;
    for top in 0..=picture.height() - height {
        for left in 0..=picture.width() - width {
            let (mut dot, mut sum, mut squares) = (0.0_f64, 0.0_f64, 0.0_f64);
            for (row, patch) in centred.chunks_exact(width).enumerate() {
                let line = &picture.samples()[(top + row) * picture.width() + left..][..width];
                let (mut d, mut s, mut q) = ([0.0_f32; 8], [0.0_f32; 8], [0.0_f32; 8]);
                for (line, patch) in line.chunks(8).zip(patch.chunks(8)) {
                    for (at, (value, weight)) in line.iter().zip(patch).enumerate() {
                        d[at] += value * weight;
                        s[at] += value;
                        q[at] += value * value;
                    }
                }
                dot += f64::from(d.iter().sum::<f32>());
                sum += f64::from(s.iter().sum::<f32>());
                squares += f64::from(q.iter().sum::<f32>());
            }
            let variance = squares - sum * sum / n;
            let likeness = if variance > n {
                dot / (variance * norm).sqrt()
            } else {
                0.0
            };
            if best.is_none_or(|best| likeness > best.0) {
                best = Some((likeness, left, top));
            }
        }
    }
    best
}
