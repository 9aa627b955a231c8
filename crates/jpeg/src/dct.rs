//! Forward 8x8 DCT and quantisation of one block.
//!
//! The one-dimensional transform is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 12 multiplications, in 13-bit
//! fixed point. Each pass is a loop over eight columns doing the same arithmetic, which compiles to SIMD.

use crate::coefficients::ZIGZAG;

/// Fixed-point bits of the constants.
const BITS: u32 = 13;
/// Extra bits kept between the passes.
const PASS_BITS: u32 = 2;

/// The k-th zigzag coefficient's place in a transposed block.
const TRANSPOSED_ZIGZAG: [u8; 64] = transposed_zigzag();

/// Quantisation steps prepared for [`forward`].
pub struct Reciprocals([f32; 64]);

impl Reciprocals {
    /// From steps (at least 1) in zigzag order.
    pub fn new(quant: &[u16; 64]) -> Self {
        let mut reciprocals = [0.0; 64];
        for (&step, &place) in quant.iter().zip(&TRANSPOSED_ZIGZAG) {
            // The transform leaves coefficients eight times too large.
            reciprocals[usize::from(place & 63)] = 1.0 / (8.0 * f32::from(step));
        }
        Self(reciprocals)
    }

    /// Leaves the coefficients as the transform makes them, eight times too large.
    pub fn unit() -> Self {
        Self([1.0; 64])
    }
}

/// Quantises a block that the transform made with [`Reciprocals::unit`], in zigzag order; equal to quantising at once.
pub fn quantise(block: &mut [i16; 64], quant: &[u16; 64]) {
    for (value, &step) in block.iter_mut().zip(quant) {
        *value = round(f32::from(*value) * (1.0 / (8.0 * f32::from(step))));
    }
}

/// The nearest integer, of ties the even one; for magnitudes up to 2^15.
#[inline(always)]
fn round(value: f32) -> i16 {
    // Adding 1.5 * 2^23 leaves the sum no fraction bits: it rounds to nearest and the integer stands in the low mantissa bits.
    (value + 12_582_912.0).to_bits() as i16
}

/// Quantised coefficients in zigzag order of a block of samples less 128, row by row.
#[inline]
pub fn forward(samples: &[i16; 64], reciprocals: &Reciprocals) -> [i16; 64] {
    let mut columns = [0; 64];
    pass::<{ BITS - PASS_BITS }>(samples, &mut columns);
    let mut transposed = [0; 64];
    for row in 0..8 {
        for column in 0..8 {
            transposed[column * 8 + row] = columns[row * 8 + column];
        }
    }
    pass::<{ BITS + PASS_BITS }>(&transposed, &mut columns);
    let mut quantised = [0; 64];
    for ((out, &coefficient), &reciprocal) in quantised.iter_mut().zip(&columns).zip(&reciprocals.0) {
        *out = round(f32::from(coefficient) * reciprocal);
    }
    TRANSPOSED_ZIGZAG.map(|place| quantised[usize::from(place & 63)])
}

/// Transforms the eight columns, scaling by sqrt(8) * 2^(13 - `SHIFT`).
#[inline(always)]
fn pass<const SHIFT: u32>(input: &[i16; 64], output: &mut [i16; 64]) {
    for x in 0..8 {
        let sample = |row: usize| i32::from(input[row * 8 + x]);
        let (s07, d07) = (sample(0) + sample(7), sample(0) - sample(7));
        let (s16, d16) = (sample(1) + sample(6), sample(1) - sample(6));
        let (s25, d25) = (sample(2) + sample(5), sample(2) - sample(5));
        let (s34, d34) = (sample(3) + sample(4), sample(3) - sample(4));
        let mut put = |row: usize, value: i32| output[row * 8 + x] = ((value + (1 << (SHIFT - 1))) >> SHIFT) as i16;

        // Even part: a four-point DCT of the sums. Constants are cosines and their sums times 2^13.
        let (outer, inner) = (s07 + s34, s16 + s25);
        let (a, b) = (s07 - s34, s16 - s25);
        put(0, (outer + inner) << BITS);
        put(4, (outer - inner) << BITS);
        let rotated = (a + b) * 4433; // sqrt2 cos(6pi/16)
        put(2, rotated + a * 6270); // sqrt2 (cos(2pi/16) - cos(6pi/16))
        put(6, rotated - b * 15137); // sqrt2 (cos(2pi/16) + cos(6pi/16))

        // Odd part: rotations that share products, named by the differences they add.
        let (z1, z2) = (d34 + d07, d25 + d16);
        let (z3, z4) = (d34 + d16, d25 + d07);
        let z5 = (z3 + z4) * 9633; // sqrt2 c3
        let (z1, z2) = (z1 * -7373, z2 * -20995); // sqrt2 (c7 - c3), sqrt2 (-c1 - c3)
        let (z3, z4) = (z3 * -16069 + z5, z4 * -3196 + z5); // sqrt2 (-c3 - c5), sqrt2 (c5 - c3)
        put(7, d34 * 2446 + z1 + z3); // sqrt2 (-c1 + c3 + c5 - c7)
        put(5, d25 * 16819 + z2 + z4); // sqrt2 (c1 + c3 - c5 + c7)
        put(3, d16 * 25172 + z2 + z3); // sqrt2 (c1 + c3 + c5 - c7)
        put(1, d07 * 12299 + z1 + z4); // sqrt2 (c1 + c3 - c5 - c7)
    }
}

const fn transposed_zigzag() -> [u8; 64] {
    let mut order = ZIGZAG;
    let mut k = 0;
    while k < 64 {
        order[k] = ZIGZAG[k] % 8 * 8 + ZIGZAG[k] / 8;
        k += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The definition (T.81 A.3.3), in zigzag order.
    fn exact(samples: &[i16; 64]) -> Vec<f64> {
        let scale = |n: f64| if n == 0.0 { 0.5f64.sqrt() } else { 1.0 };
        ZIGZAG
            .iter()
            .map(|&place| {
                let (v, u) = (f64::from(place / 8), f64::from(place % 8));
                let term = |(n, &s): (usize, &i16)| {
                    let (y, x) = ((n / 8) as f64, (n % 8) as f64);
                    f64::from(s) * ((2.0 * x + 1.0) * u * PI / 16.0).cos() * ((2.0 * y + 1.0) * v * PI / 16.0).cos()
                };
                samples.iter().enumerate().map(term).sum::<f64>() * scale(u) * scale(v) / 4.0
            })
            .collect()
    }

    fn noise(seed: u32) -> [i16; 64] {
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        [0; 64].map(|_: i16| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state % 256) as i16 - 128
        })
    }

    #[test]
    fn transform_is_within_rounding_of_the_definition() {
        for (step, bound) in [(1u16, 0.68), (7, 0.52), (255, 0.501)] {
            let reciprocals = Reciprocals::new(&[step; 64]);
            for seed in 0..500 {
                let samples = noise(seed);
                for (value, exact) in forward(&samples, &reciprocals).iter().zip(exact(&samples)) {
                    let error = (f64::from(*value) - exact / f64::from(step)).abs();
                    assert!(error < bound, "{value} {exact} step {step}");
                }
            }
        }
    }

    #[test]
    fn extreme_blocks_stay_in_the_baseline_range() {
        let reciprocals = Reciprocals::new(&[1; 64]);
        assert_eq!(forward(&[-128; 64], &reciprocals)[0], -1024);
        assert_eq!(forward(&[127; 64], &reciprocals)[0], 1016);
        for &place in &ZIGZAG {
            // The samples that drive one coefficient hardest follow the signs of its basis function.
            let (v, u) = (f64::from(place / 8), f64::from(place % 8));
            let samples = std::array::from_fn(|n| {
                let (y, x) = ((n / 8) as f64, (n % 8) as f64);
                let basis = ((2.0 * x + 1.0) * u * PI / 16.0).cos() * ((2.0 * y + 1.0) * v * PI / 16.0).cos();
                if basis < 0.0 { -128 } else { 127 }
            });
            assert!(forward(&samples, &reciprocals)[1..].iter().all(|c| c.abs() <= 1023));
        }
    }
}
