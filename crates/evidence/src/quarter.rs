//! What a frequency of a block of 4x4 pixels is in the block of 8x8 around it.

use crate::blocks::SIDE;
use std::sync::LazyLock;

/// Side of the blocks of WebP.
const QUARTER: usize = SIDE / 2;
/// Shares of the amplitude that are worth looking at.
const LEAST: f32 = 0.1;

/// A frequency of one of the four blocks of 4x4 in a block, row by row: places, and the share of the amplitude that each has. The
/// squares add up to nearly one.
pub(crate) fn quarter(quarter: usize, across: usize, down: usize) -> Option<&'static [(usize, f32)]> {
    static QUARTERS: LazyLock<Vec<Vec<(usize, f32)>>> = LazyLock::new(|| {
        let all = (0..4).flat_map(|quarter| {
            (0..QUARTER).flat_map(move |down| (0..QUARTER).map(move |across| spread(quarter, across, down)))
        });
        all.collect()
    });
    let number = (across < QUARTER && down < QUARTER).then_some((quarter * QUARTER + down) * QUARTER + across)?;
    QUARTERS.get(number).map(Vec::as_slice)
}

fn spread(quarter: usize, across: usize, down: usize) -> Vec<(usize, f32)> {
    let (columns, rows) = (projection(quarter % 2, across), projection(quarter / 2, down));
    let all = (0..SIDE * SIDE).map(|place| (place, (rows[place / SIDE] * columns[place % SIDE]) as f32));
    all.filter(|(_, weight)| weight.abs() > LEAST).collect()
}

/// Each frequency's share of a frequency of the first or second half.
fn projection(half: usize, frequency: usize) -> [f64; SIDE] {
    let cosine = |at: usize, frequency: usize, side: usize| {
        let scale = if frequency == 0 { 1.0 } else { 2.0_f64 } / side as f64;
        scale.sqrt() * (std::f64::consts::PI * (2 * at + 1) as f64 * frequency as f64 / (2 * side) as f64).cos()
    };
    std::array::from_fn(|whole| {
        (0..QUARTER)
            .map(|at| cosine(half * QUARTER + at, whole, SIDE) * cosine(at, frequency, QUARTER))
            .sum()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn patterns_are_nearly_orthonormal() {
        let patterns: Vec<&[(usize, f32)]> = (0..64)
            .filter_map(|n| super::quarter(n / 16, n % 4, n / 4 % 4))
            .collect();
        assert_eq!(patterns.len(), 64);
        for (a, one) in patterns.iter().enumerate() {
            for (b, other) in patterns.iter().enumerate() {
                let product: f32 = one
                    .iter()
                    .flat_map(|(place, x)| other.iter().filter(move |(at, _)| at == place).map(move |(_, y)| x * y))
                    .sum();
                assert!(
                    (product - f32::from(u8::from(a == b))).abs() < 0.15,
                    "{a} {b} {product}"
                );
            }
        }
        assert_eq!(super::quarter(0, 4, 0), None);
    }
}
