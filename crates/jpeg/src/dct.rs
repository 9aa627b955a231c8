//! Forward 8x8 DCT and quantisation of one block.
//!
//! Each pass transforms eight columns with the same arithmetic, in 13-bit fixed point. The first step is that of every fast DCT, sums
//! and differences of opposite samples; what is left is multiplied out, because processors add two products of 16 bits as fast as
//! they make one.

use crate::coefficients::ZIGZAG;
use crate::decode::lanes::{I16x8, I32x4};

/// Fixed-point bits of the constants.
const BITS: u32 = 13;
/// Extra bits kept between the passes.
const PASS_BITS: u32 = 2;

/// sqrt2 cos(k pi / 16).
const C1: i16 = 11363;
const C2: i16 = 10703;
const C3: i16 = 9633;
const C5: i16 = 6437;
const C6: i16 = 4433;
const C7: i16 = 2260;

/// The k-th zigzag coefficient's place in a transposed block.
const TRANSPOSED_ZIGZAG: [u8; 64] = transposed_zigzag();

/// Quantisation steps prepared for [`quantise`].
pub struct Reciprocals([f32; 64]);

impl Reciprocals {
    /// From steps (at least 1).
    pub fn new(quant: &[u16; 64]) -> Self {
        // The transform leaves coefficients eight times too large.
        Self(quant.map(|step| 1.0 / (8.0 * f32::from(step))))
    }
}

/// Quantises a block that [`forward`] made: to the nearest level, of ties the even one.
#[inline]
pub fn quantise(block: &mut [i16; 64], reciprocals: &Reciprocals) {
    let (eights, reciprocals) = (block.as_chunks_mut::<8>().0, reciprocals.0.as_chunks::<8>().0);
    for (eight, reciprocals) in eights.iter_mut().zip(reciprocals) {
        *eight = I16x8::new(*eight).scale(*reciprocals).to_array();
    }
}

/// Coefficients in eighths and in zigzag order of a block of samples less 128, row by row.
#[inline]
pub fn forward(rows: [I16x8; 8]) -> [i16; 64] {
    let columns = pass::<{ BITS - PASS_BITS }>(rows, |sum| sum.shift_left::<PASS_BITS>());
    let transposed =
        pass::<{ BITS + PASS_BITS }>(I16x8::transpose(columns), |sum| sum.shift_right_rounding::<PASS_BITS>());
    let mut coefficients = [0; 64];
    for (eight, row) in coefficients.as_chunks_mut::<8>().0.iter_mut().zip(transposed) {
        *eight = row.to_array();
    }
    TRANSPOSED_ZIGZAG.map(|place| coefficients[usize::from(place & 63)])
}

/// Transforms the eight columns, scaling by sqrt(8) * 2^(13 - `SHIFT`); `scale` does so with a sum.
#[inline(always)]
fn pass<const SHIFT: u32>(rows: [I16x8; 8], scale: impl Fn(I16x8) -> I16x8) -> [I16x8; 8] {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    let (s07, d07, s16, d16) = (r0.add(r7), r0.sub(r7), r1.add(r6), r1.sub(r6));
    let (s25, d25, s34, d34) = (r2.add(r5), r2.sub(r5), r3.add(r4), r3.sub(r4));

    // Even part: a four-point DCT of the sums.
    let (outer, inner) = (s07.add(s34), s16.add(s25));
    let even = Pairs::new(s07.sub(s34), s16.sub(s25));
    // Odd part: each is a sum of four products.
    let (one, other) = (Pairs::new(d07, d16), Pairs::new(d25, d34));
    let odd = |a: i16, b: i16, c: i16, d: i16| one.dot(a, b).add(other.dot(c, d)).round::<SHIFT>();
    [
        scale(outer.add(inner)),
        odd(C1, C3, C5, C7),
        even.dot(C2, C6).round::<SHIFT>(),
        odd(C3, -C7, -C1, -C5),
        scale(outer.sub(inner)),
        odd(C5, -C1, C7, C3),
        even.dot(C6, -C2).round::<SHIFT>(),
        odd(C7, -C5, C3, -C1),
    ]
}

/// Two numbers beside each other, eight times.
#[derive(Clone, Copy)]
struct Pairs(I16x8, I16x8);

impl Pairs {
    #[inline(always)]
    fn new(a: I16x8, b: I16x8) -> Self {
        let (low, high) = a.zip(b);
        Self(low, high)
    }

    /// The sums of their products with two constants.
    #[inline(always)]
    fn dot(self, a: i16, b: i16) -> Sums {
        let constants = I16x8::new([a, b, a, b, a, b, a, b]);
        Sums(self.0.dot(constants), self.1.dot(constants))
    }
}

/// Eight 32-bit numbers.
#[derive(Clone, Copy)]
struct Sums(I32x4, I32x4);

impl Sums {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0.add(other.0), self.1.add(other.1))
    }

    #[inline(always)]
    fn round<const SHIFT: u32>(self) -> I16x8 {
        let half = I32x4::splat(1 << (SHIFT - 1));
        self.0.add(half).shift_narrow::<SHIFT>(self.1.add(half))
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

    fn quantised(samples: &[i16; 64], step: u16) -> [i16; 64] {
        let rows = std::array::from_fn(|row| I16x8::new(samples.as_chunks::<8>().0[row]));
        let mut block = forward(rows);
        quantise(&mut block, &Reciprocals::new(&[step; 64]));
        block
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
            for seed in 0..500 {
                let samples = noise(seed);
                for (value, exact) in quantised(&samples, step).iter().zip(exact(&samples)) {
                    let error = (f64::from(*value) - exact / f64::from(step)).abs();
                    assert!(error < bound, "{value} {exact} step {step}");
                }
            }
        }
    }

    #[test]
    fn extreme_blocks_stay_in_the_baseline_range() {
        assert_eq!(quantised(&[-128; 64], 1)[0], -1024);
        assert_eq!(quantised(&[127; 64], 1)[0], 1016);
        for &place in &ZIGZAG {
            // The samples that drive one coefficient hardest follow the signs of its basis function.
            let (v, u) = (f64::from(place / 8), f64::from(place % 8));
            let samples = std::array::from_fn(|n| {
                let (y, x) = ((n / 8) as f64, (n % 8) as f64);
                let basis = ((2.0 * x + 1.0) * u * PI / 16.0).cos() * ((2.0 * y + 1.0) * v * PI / 16.0).cos();
                if basis < 0.0 { -128 } else { 127 }
            });
            assert!(quantised(&samples, 1)[1..].iter().all(|c| c.abs() <= 1023));
        }
    }
}
