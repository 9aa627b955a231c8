//! What coefficients become that is not in proportion to them.

use crate::blocks::{Blocks, SIDE};

/// Units of the transform that one point of a curve stands for.
const WIDTH: f32 = 4.0;
const POINTS: usize = 24;
/// So many coefficients that nothing happened to are added to each point: a few say little.
const DOUBT: f32 = 16.0;

/// For each frequency what the residual is on average where the rendition has a coefficient of some size. A codec that drops what is
/// small leaves nothing of it, and all of what is large: in proportion to all there is a residual against the small ones.
#[derive(Clone, Debug)]
pub(crate) struct Response([[f32; POINTS]; SIDE * SIDE]);

impl Response {
    /// Looks at whole blocks where `free` says that no symbol is.
    pub fn of(residual: &Blocks, toned: &Blocks, whole: &[bool], free: &[[bool; SIDE * SIDE]]) -> Self {
        let mut sums = [[(0.0, DOUBT); POINTS]; SIDE * SIDE];
        let blocks = residual.values.iter().zip(&toned.values).zip(free).zip(whole);
        for (((residual, toned), free), _) in blocks.filter(|(_, whole)| **whole) {
            for place in 1..SIDE * SIDE {
                let point = (toned[place].abs() / WIDTH + 0.5) as usize;
                if let Some(sum) = sums[place].get_mut(point).filter(|_| free[place]) {
                    *sum = (sum.0 + residual[place] * toned[place].signum(), sum.1 + 1.0);
                }
            }
        }
        Self(sums.map(|points| points.map(|(sum, count)| sum / count)))
    }

    /// The residual to be expected of a coefficient.
    pub fn at(&self, place: usize, value: f32) -> f32 {
        let at = value.abs() / WIDTH;
        let low = at as usize;
        match self.0[place].get(low..low + 2) {
            Some(&[below, above]) => {
                let below = if low == 0 { 0.0 } else { below };
                (below + (above - below) * at.fract()) * value.signum()
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_missed_where_it_was_and_nowhere_else() {
        // Of the second frequency, what is smaller than 10 is lost.
        let value = |block: usize| (block % 61) as f32 - 30.0;
        let blocks = |at: fn(f32) -> f32| Blocks {
            wide: 610,
            high: 10,
            values: (0..6100)
                .map(|block| std::array::from_fn(|place| if place == 1 { at(value(block)) } else { 0.0 }))
                .collect(),
        };
        let toned = blocks(|value| value);
        let residual = blocks(|value| if value.abs() < 10.0 { -value } else { 0.0 });
        let seen = |whole: bool| Response::of(&residual, &toned, &[whole; 6100], &vec![[true; SIDE * SIDE]; 6100]);
        let response = seen(true);
        assert!((response.at(1, 7.0) + 7.0).abs() < 0.7 && (response.at(1, -4.0) - 4.0).abs() < 0.7);
        assert!(response.at(1, 20.0).abs() < 0.1 && response.at(2, 7.0).abs() < 0.1);
        assert_eq!((response.at(1, 0.0), response.at(1, 1e9)), (0.0, 0.0));
        assert_eq!(seen(false).at(1, 7.0), 0.0);
    }
}
