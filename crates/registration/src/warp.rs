use crate::plane::antialias;
use crate::{Homography, Plane};
use rayon::prelude::*;

/// Which pixels of a grid a leak covers: `true` where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// Row by row.
    pub covered: Vec<bool>,
}

impl Mask {
    /// How many pixels are covered.
    #[must_use]
    pub fn count(&self) -> usize {
        self.covered.iter().filter(|covered| **covered).count()
    }
}

/// A leak on the reference's grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Warped {
    /// The leak's samples; meaningless where it does not reach.
    pub plane: Plane,
    /// Where it reaches.
    pub mask: Mask,
    /// The leak's own pixels, upright, and where a point of the grid is among them.
    pub source: Option<(Plane, Homography)>,
}

/// Pixels of the grid next to the leak's edge that are not trusted: interpolation there looks beyond it.
const BORDER: usize = 2;

/// Brings a leak to the grid of a `width` x `height` reference; `map` takes points of the reference to points of the leak. `None` if
/// one is far too small in the other to be seen.
pub(crate) fn warp(leak: &Plane, map: &Homography, width: usize, height: usize) -> Option<Warped> {
    resampled(&softened(leak, map, width, height)?, map, width, height)
}

/// The leak, blurred against aliasing as far as `map` makes it smaller.
pub(crate) fn softened(leak: &Plane, map: &Homography, width: usize, height: usize) -> Option<Plane> {
    let step = map.magnification(width, height);
    if !(0.02..50.0).contains(&step) {
        return None;
    }
    Some(if step > 1.05 {
        leak.blurred(antialias(step))
    } else {
        leak.clone()
    })
}

/// The samples of the grid, by interpolation alone.
pub(crate) fn resampled(leak: &Plane, map: &Homography, width: usize, height: usize) -> Option<Warped> {
    let mut samples = vec![0.0; width * height];
    let mut reached = vec![false; width * height];
    // Half a pixel beyond the centres of the outermost pixels the leak ends.
    let (right, bottom) = (leak.width() as f64 - 0.5, leak.height() as f64 - 0.5);
    let Homography([a, b, c, d, e, f, g, h, i]) = *map;
    samples
        .par_chunks_exact_mut(width)
        .zip(reached.par_chunks_exact_mut(width))
        .enumerate()
        .for_each(|(y, (samples, reached))| {
            let y = y as f64;
            let (u0, v0, w0) = (b * y + c, e * y + f, h * y + i);
            for (x, (sample, reached)) in samples.iter_mut().zip(reached).enumerate() {
                let x = x as f64;
                let scale = 1.0 / (g * x + w0);
                let (u, v) = ((a * x + u0) * scale, (d * x + v0) * scale);
                *reached = u >= -0.5 && u <= right && v >= -0.5 && v <= bottom;
                *sample = if *reached {
                    leak.cubic(u as f32, v as f32)
                } else {
                    leak.at(u.round() as isize, v.round() as isize)
                };
            }
        });
    // What a leak covers is convex, so its corners tell of the whole neighbourhood. At the reference's own edge there is nothing to
    // lose: a whole copy keeps all of its blocks.
    let near = |at: usize, side: usize| [at.saturating_sub(BORDER), (at + BORDER).min(side - 1)];
    let mut covered = vec![false; width * height];
    covered
        .par_chunks_exact_mut(width)
        .enumerate()
        .for_each(|(y, covered)| {
            let rows = near(y, height).map(|y| &reached[y * width..][..width]);
            for (x, covered) in covered.iter_mut().enumerate() {
                *covered = near(x, width).iter().all(|&x| rows[0][x] && rows[1][x]);
            }
        });
    Some(Warped {
        plane: Plane::new(width, height, samples)?,
        mask: Mask { covered },
        source: None,
    })
}
