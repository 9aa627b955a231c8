//! Leaks that are much smaller than the rendition, read in their own pixels.
//!
//! Brought to the rendition's grid, a small leak has more pixels than it says anything of, and what it folded of fine texture into
//! coarse waves is noise there. In its own grid each pixel is a weighted sum of the rendition's around it, for which the weights can be
//! fitted. What then differs, weighed by how sure each of its frequencies is, is spread back to the rendition by the same weights: at each
//! chip that gives what a matched filter would.

use crate::blocks::Blocks;
use crate::filter::{LEAST, REACH, TAPS, UNKNOWNS, fitted};
use crate::noise::Noise;
use rayon::prelude::*;
use registration::{Homography, Plane};

/// Pixels of the leak for one of the rendition, each way, at which it is read like this.
const SCALES: std::ops::Range<f64> = 0.05..0.7;
/// Pixels of a leak that is too large for this, and needs it least.
const MOST: usize = 1 << 21;

/// For every frequency of every block of the rendition, what of it is in the leak beyond `toned`, the rendition in the leak's tones, over
/// the variance of the noise. `None` where the leak is not that small, covers too little, or has too many pixels.
pub(crate) fn reduced(toned: &Plane, leak: &Plane, map: &Homography) -> Option<Blocks> {
    let (width, height) = (toned.width(), toned.height());
    let step = map.magnification(width, height);
    let back = map.inverse().filter(|_| SCALES.contains(&step))?;
    // Two taps for each pixel of the leak, each a small blur wide.
    let spacing = 0.5 / step as f32;
    let blur = 0.5 * spacing;
    let soft = toned.blurred(blur);
    let place = |at: usize| {
        let [x, y] = back.apply((at % leak.width()) as f64, (at / leak.width()) as f64);
        [x as f32, y as f32]
    };
    let taps = |[x, y]: [f32; 2]| {
        let offset = |at: usize| (at.cast_signed() - REACH) as f32 * spacing;
        let side = 2 * REACH.unsigned_abs() + 1;
        (0..TAPS).map(move |tap| [x + offset(tap % side), y + offset(tap / side)])
    };
    let row = |at: usize| {
        let mut row = [1.0; UNKNOWNS];
        for (sample, [x, y]) in row.iter_mut().zip(taps(place(at))) {
            *sample = soft.cubic(x, y) - 128.0;
        }
        row
    };
    let is_covered = |&at: &usize| {
        let [x, y] = place(at);
        (-0.5..width as f32 - 0.5).contains(&x) && (-0.5..height as f32 - 0.5).contains(&y)
    };
    let pixels = leak.width() * leak.height();
    let covered: Vec<usize> = (0..pixels).filter(is_covered).collect();
    if !(LEAST..MOST).contains(&covered.len()) {
        return None;
    }
    let weights = fitted(covered.clone(), row, |at| leak.samples()[at])?;

    let mut model = vec![0.0; pixels];
    let (mut residual, mut inside) = (model.clone(), vec![0.0; pixels]);
    let predicted = |&at: &usize| {
        128.0
            + row(at)
                .iter()
                .zip(&weights)
                .map(|(sample, tap)| sample * tap)
                .sum::<f32>()
    };
    let predicted: Vec<f32> = covered.par_iter().map(predicted).collect();
    for (&at, predicted) in covered.iter().zip(predicted) {
        (model[at], residual[at], inside[at]) = (predicted, leak.samples()[at] - predicted, 1.0);
    }
    let plane = |samples| Plane::new(leak.width(), leak.height(), samples);
    let whole = Blocks::means(leak.width(), leak.height(), |at| inside[at]);
    let whole: Vec<bool> = whole.into_iter().map(|share| share > 0.999).collect();
    let mut weighed = Blocks::of(&plane(residual)?);
    let noise = Noise::of(&weighed, &Blocks::of(&plane(model)?), &whole);
    for ((values, class), whole) in weighed.values.iter_mut().zip(&noise.class).zip(whole) {
        for (value, variance) in values.iter_mut().zip(&noise.variance[*class]) {
            *value *= if whole { 1.0 / variance } else { 0.0 };
        }
    }
    let weighed = weighed.plane(leak.width(), leak.height())?;

    let mut spread = vec![0.0; width * height];
    for &at in &covered {
        let value = weighed.samples()[at];
        for ([x, y], weight) in taps(place(at)).zip(&weights) {
            add(&mut spread, width, [x, y], value * weight);
        }
    }
    Some(Blocks::of(&Plane::new(width, height, spread)?.blurred(blur)))
}

/// Adds to the four pixels around a point; beyond the edge there is nothing.
fn add(samples: &mut [f32], width: usize, [x, y]: [f32; 2], value: f32) {
    if x < 0.0 || y < 0.0 {
        return;
    }
    let (column, row) = (x as usize, y as usize);
    let (right, below) = (x.fract(), y.fract());
    for (row, share) in [(row, 1.0 - below), (row + 1, below)] {
        for (column, share) in [(column, share * (1.0 - right)), (column + 1, share * right)] {
            if column < width
                && let Some(sample) = samples.get_mut(row * width + column)
            {
                *sample += value * share;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_read_from_a_sixteenth_of_the_pixels() {
        let (width, height) = (320, 240);
        let random = |at: usize, salt: u32| (at as u32 ^ salt).wrapping_mul(2_654_435_761) >> 16;
        let texture: Vec<f32> = (0..width * height).map(|at| (random(at, 7) % 256) as f32).collect();
        let plain = Plane::new(width, height, texture).unwrap().blurred(1.0);
        // Half a grey level up or down in every block.
        let sign = |block: usize| if random(block, 99) % 2 == 1 { 0.5 } else { -0.5 };
        let block = |at: usize| at / width / 8 * (width / 8) + at % width / 8;
        let pairs = plain.samples().iter().enumerate();
        let marked = pairs.map(|(at, sample)| sample + sign(block(at))).collect();
        let leak = Plane::new(width, height, marked).unwrap().scaled(0.25);
        let map = Homography::scale(0.25, 0.25);
        let read = reduced(&plain, &leak, &map).unwrap();
        let right = (0..read.values.len()).filter(|&block| read.values[block][0] * sign(block) > 0.0);
        let (right, all) = (right.count(), read.values.len());
        // What neighbours add is noise to each other.
        assert!(right * 100 > all * 85, "{right} of {all}");
        assert!(reduced(&plain, &plain, &Homography::IDENTITY).is_none());
    }
}
