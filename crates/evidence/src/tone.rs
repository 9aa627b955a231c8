//! The curve by which a leak's tones follow from the rendition's: brightness, contrast, gamma, and much else.

use registration::{Plane, Warped};

/// Grey levels of one point of the curve.
const WIDTH: f32 = 4.0;
const POINTS: usize = 64;
/// Pixels that a point of the curve needs to be believed.
const ENOUGH: f32 = 200.0;

/// The mean tone of the leak for each tone of the rendition, smoothed.
#[derive(Clone, Debug)]
pub(crate) struct Curve([f32; POINTS]);

impl Curve {
    /// Estimates the curve; where the rendition has too few pixels of a tone, it goes on as it does before.
    pub fn between(rendition: &Plane, leak: &Warped) -> Self {
        let (mut sums, mut counts) = ([0.0_f64; POINTS], [0.0_f32; POINTS]);
        for ((&model, &seen), covered) in rendition
            .samples()
            .iter()
            .zip(leak.plane.samples())
            .zip(&leak.mask.covered)
        {
            if *covered {
                let point = (model.max(0.0) / WIDTH) as usize;
                sums[point.min(POINTS - 1)] += f64::from(seen - model);
                counts[point.min(POINTS - 1)] += 1.0;
            }
        }
        let middle = |point: usize| (point as f32 + 0.5) * WIDTH;
        let known: Vec<usize> = (0..POINTS).filter(|&point| counts[point] >= ENOUGH).collect();
        if known.len() < 4 {
            return Self(std::array::from_fn(middle));
        }
        // The mean change, and not the mean tone: the tones of a point need not lie evenly around its middle.
        let mean = |point: usize| middle(point) + sums[point] as f32 / counts[point];
        let raw: [f32; POINTS] = std::array::from_fn(|point| {
            let after = known.partition_point(|&other| other < point).min(known.len() - 1);
            let before = if known[after] <= point {
                after
            } else {
                after.saturating_sub(1)
            };
            let (low, high) = (known[before], known[after]);
            if point <= known[0] {
                mean(known[0]) - (middle(known[0]) - middle(point))
            } else if low == high || point >= known[known.len() - 1] {
                mean(low) + (middle(point) - middle(low))
            } else {
                let share = (point - low) as f32 / (high - low) as f32;
                mean(low) + share * (mean(high) - mean(low))
            }
        });
        let at = |point: usize, offset: isize| raw[point.saturating_add_signed(offset).min(POINTS - 1)];
        Self(std::array::from_fn(|point| {
            if point < 2 || point + 2 >= POINTS {
                return raw[point];
            }
            [(-2, 0.1), (-1, 0.2), (0, 0.4), (1, 0.2), (2, 0.1)]
                .iter()
                .map(|&(offset, weight)| weight * at(point, offset))
                .sum()
        }))
    }

    /// The leak's tone for one of the rendition, between points by straight lines.
    pub fn at(&self, tone: f32) -> f32 {
        let place = (tone / WIDTH - 0.5).clamp(-0.5, POINTS as f32 - 0.5);
        let low = (place.max(0.0) as usize).min(POINTS - 2);
        let share = place - low as f32;
        self.0[low] + share * (self.0[low + 1] - self.0[low])
    }

    /// How much the leak's tone moves with the rendition's.
    pub fn slope(&self, tone: f32) -> f32 {
        ((self.at(tone + WIDTH) - self.at(tone - WIDTH)) / (2.0 * WIDTH)).clamp(-3.0, 3.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use registration::Mask;

    #[test]
    fn a_curve_is_found_again() {
        let samples: Vec<f32> = (0..160 * 160).map(|at| 40.0 + (at % 160) as f32).collect();
        let treated = samples.iter().map(|tone| 255.0 * (tone / 255.0).powf(0.7)).collect();
        let plane = Plane::new(160, 160, samples).unwrap();
        let leak = Warped {
            plane: Plane::new(160, 160, treated).unwrap(),
            mask: Mask {
                covered: vec![true; 160 * 160],
            },
            source: None,
        };
        let curve = Curve::between(&plane, &leak);
        for tone in [60.0_f32, 100.0, 177.0] {
            assert!((curve.at(tone) - 255.0 * (tone / 255.0).powf(0.7)).abs() < 0.3);
            assert!((curve.slope(tone) - 0.7 * (tone / 255.0).powf(-0.3)).abs() < 0.05);
        }
        assert!((curve.at(250.0) - curve.at(240.0) - 10.0).abs() < 0.1);
    }
}
