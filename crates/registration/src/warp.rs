use crate::plane::antialias;
use crate::{Homography, Plane};

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
}

/// Pixels of the grid next to the leak's edge that are not trusted: interpolation there looks beyond it.
const BORDER: usize = 2;

/// Brings a leak to the grid of a `width` x `height` reference; `map` takes points of the reference to points of the leak.
pub(crate) fn warp(leak: &Plane, map: &Homography, width: usize, height: usize) -> Option<Warped> {
    let step = map.magnification(width, height);
    if !(0.02..50.0).contains(&step) {
        return None;
    }
    let source = if step > 1.05 {
        leak.blurred(antialias(step))
    } else {
        leak.clone()
    };
    let grid = Plane::new(width, height, vec![0.0; width * height])?;
    let at = |x: usize, y: usize| map.apply(x as f64, y as f64);
    let plane = grid.map(|x, y| {
        let [u, v] = at(x, y);
        source.cubic(u as f32, v as f32)
    });
    // Half a pixel beyond the centres of the outermost pixels the leak ends.
    let inside = |at: f64, side: usize| at >= -0.5 && at <= side as f64 - 0.5;
    let reached = |x: usize, y: usize| {
        let [u, v] = at(x, y);
        inside(u, leak.width()) && inside(v, leak.height())
    };
    let covered = (0..width * height)
        .map(|index| {
            let (x, y) = (index % width, index / width);
            let sides = |at: usize, side: usize| [at.saturating_sub(BORDER), (at + BORDER).min(side - 1)];
            // What a leak covers is convex, so its corners tell of the whole neighbourhood. At the reference's own edge there is
            // nothing to lose: a whole copy keeps all of its blocks.
            sides(x, width)
                .iter()
                .all(|&x| sides(y, height).iter().all(|&y| reached(x, y)))
        })
        .collect();
    Some(Warped {
        plane,
        mask: Mask { covered },
    })
}
