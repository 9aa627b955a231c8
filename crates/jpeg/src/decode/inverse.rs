//! The inverse transform to 8, 4, 2 or 1 samples a side (T.81 A.3.3 with N in place of 8, over the N lowest frequencies).
//!
//! One-dimensional transforms are sums of products of two neighbours, which one instruction makes for four columns: coefficients
//! are kept in such an order that neighbours in memory are the terms of one sum.

use super::lanes::{I16x8, I32x4};
use crate::coefficients::ZIGZAG;
use crate::parser::block::Slots;
use crate::parser::sink::slots;

/// Fixed-point bits of the constants.
const BITS: u32 = 13;
/// Extra bits kept between the passes.
const PASS_BITS: u32 = 2;
/// What the first pass drops.
const FIRST: u32 = BITS - PASS_BITS;
/// What the second drops: the constants' bits before numbers are narrowed, the rest, with three for the transform's scale of 8, after.
const SECOND: u32 = BITS;
const REST: u32 = PASS_BITS + 3;

/// The order in which the frequencies of a column of eight stand side by side.
const PAIRED: [u8; 8] = [0, 4, 2, 6, 1, 3, 5, 7];

/// Slots for `K` coefficients of a block.
pub const fn order<const K: usize>() -> Slots {
    let mut places = [0; K];
    let mut place = 0;
    while place < 64 {
        if let Some(slot) = slot::<K>(ZIGZAG[place] % 8, ZIGZAG[place] / 8) {
            places[slot] = place as u8;
        }
        place += 1;
    }
    slots(&places)
}

/// The last zigzag place among them.
pub const fn last<const K: usize>() -> usize {
    let mut place = 63;
    while slot::<K>(ZIGZAG[place] % 8, ZIGZAG[place] / 8).is_none() {
        place -= 1;
    }
    place
}

/// Where the coefficient of horizontal frequency `u` and vertical frequency `v` stands, if it is wanted.
const fn slot<const K: usize>(u: u8, v: u8) -> Option<usize> {
    let (u, v) = (u as usize, v as usize);
    match K {
        1 if u + v == 0 => Some(0),
        4 if u < 2 && v < 2 => Some(v * 2 + u),
        16 if u < 4 && v < 4 => Some(u % 2 * 8 + v * 2 + u / 2),
        64 => {
            let (u, v) = (paired(u), paired(v));
            Some((u / 2 * 2 + v / 4) * 8 + v % 4 * 2 + u % 2)
        }
        _ => None,
    }
}

/// Of the slots of `K` coefficients those of the `L` lowest frequencies, a quarter of them, in their own order.
const fn lowest<const K: usize, const L: usize>() -> [usize; L] {
    let mut slots = [0; L];
    let mut place = 0;
    while place < 64 {
        let (u, v) = (ZIGZAG[place] % 8, ZIGZAG[place] / 8);
        if let (Some(from), Some(to)) = (slot::<K>(u, v), slot::<L>(u, v)) {
            slots[to] = from;
        }
        place += 1;
    }
    slots
}

/// The lowest frequencies alone: what [`two`] takes of a block for [`four`].
#[inline(always)]
pub fn lowest_four(block: &[i16; 16]) -> [i16; 4] {
    const { lowest::<16, 4>() }.map(|slot| block[slot])
}

/// The lowest frequencies alone: what [`four`] takes of a block for [`eight`].
#[inline(always)]
pub fn lowest_sixteen(block: &[i16; 64]) -> [i16; 16] {
    const { lowest::<64, 16>() }.map(|slot| block[slot])
}

const fn paired(frequency: usize) -> usize {
    let mut place = 0;
    while PAIRED[place] as usize != frequency {
        place += 1;
    }
    place
}

/// The sample that a block without AC coefficients is all of.
#[inline(always)]
pub fn flat(dc: i16, step: i16) -> u8 {
    (((i32::from(dc) * i32::from(step) + 4) >> 3) + 128).clamp(0, 255) as u8
}

/// A block of 2 x 2.
#[inline(always)]
pub fn two(block: &[i16; 4], steps: &[i16; 4]) -> [[u8; 2]; 2] {
    let at = |n: usize| i32::from(block[n]) * i32::from(steps[n]);
    // The products fit 31 bits; halved, so do their sums.
    let (a, b, c, d) = (at(0) >> 1, at(1) >> 1, at(2) >> 1, at(3) >> 1);
    let sample = |sum: i32| (((sum + 2) >> 2) + 128).clamp(0, 255) as u8;
    let (top, left) = (a.wrapping_add(c), a.wrapping_sub(c));
    let (right, bottom) = (b.wrapping_add(d), b.wrapping_sub(d));
    [
        [sample(top.wrapping_add(right)), sample(top.wrapping_sub(right))],
        [sample(left.wrapping_add(bottom)), sample(left.wrapping_sub(bottom))],
    ]
}

/// A block of 4 x 4.
#[inline(always)]
pub fn four(block: &[i16; 16], steps: &[i16; 16]) -> [[u8; 4]; 4] {
    let [even, odd] = [0, 1].map(|n| load(block, n).mul(load(steps, n)));
    let columns = four_pass(even, odd, 1 << (FIRST - 1));
    let (a, b) = (
        columns[0].shift_narrow::<FIRST>(columns[1]),
        columns[2].shift_narrow::<FIRST>(columns[3]),
    );
    let (even, odd) = a.unzip(b);
    let rows = four_pass(even, odd, CENTRE);
    let (a, b) = (
        rows[0].shift_narrow::<SECOND>(rows[1]),
        rows[2].shift_narrow::<SECOND>(rows[3]),
    );
    let [[a, b], [c, d]] = a.shift_bytes::<REST>(b).map(halves);
    [a, b, c, d]
}

/// A block of 8 x 8.
#[inline(always)]
pub fn eight(block: &[i16; 64], steps: &[i16; 64]) -> [[u8; 8]; 8] {
    let vectors: [I16x8; 8] = std::array::from_fn(|n| load(block, n).mul(load(steps, n)));
    let [a, b, c, d, e, f, g, h] = vectors;
    let upper = eight_pass([a, c, e, g], 1 << (FIRST - 1));
    let lower = eight_pass([b, d, f, h], 1 << (FIRST - 1));
    let columns: [I16x8; 8] = std::array::from_fn(|n| upper[n].shift_narrow::<FIRST>(lower[n]));
    let [a, b, c, d, e, f, g, h] = columns;
    let left = eight_pass(I16x8::transpose_pairs([a, b, c, d]), CENTRE);
    let right = eight_pass(I16x8::transpose_pairs([e, f, g, h]), CENTRE);
    let rows: [I16x8; 8] = std::array::from_fn(|n| left[n].shift_narrow::<SECOND>(right[n]));
    let [[a, b], [c, d], [e, f], [g, h]] = [0, 2, 4, 6].map(|n| rows[n].shift_bytes::<REST>(rows[n + 1]));
    [a, b, c, d, e, f, g, h]
}

/// Rounding in the second pass, and the 128 that a sample is above zero.
const CENTRE: i32 = (256 + 1) << (SECOND + REST - 1);

/// The cosine of n * pi / 16 times the square root of 2, in fixed point.
const C1: i16 = 11363;
const C2: i16 = 10703;
const C3: i16 = 9633;
const C5: i16 = 6437;
const C6: i16 = 4433;
const C7: i16 = 2260;
const ONE: i16 = 1 << BITS;

/// Four columns of four, each times the square root of 8, from the pairs of frequencies (0, 2) and (1, 3).
#[inline(always)]
fn four_pass(even: I16x8, odd: I16x8, rounding: i32) -> [I32x4; 4] {
    let rounding = I32x4::splat(rounding);
    let (outer, inner) = (
        even.dot(pair(ONE, ONE)).add(rounding),
        even.dot(pair(ONE, -ONE)).add(rounding),
    );
    let (a, b) = (odd.dot(pair(C2, C6)), odd.dot(pair(C6, -C2)));
    [outer.add(a), inner.add(b), inner.sub(b), outer.sub(a)]
}

/// Four columns of eight, each times the square root of 8, from the pairs of frequencies (0, 4), (2, 6), (1, 3) and (5, 7).
#[inline(always)]
fn eight_pass([f04, f26, f13, f57]: [I16x8; 4], rounding: i32) -> [I32x4; 8] {
    let rounding = I32x4::splat(rounding);
    let (sum, difference) = (
        f04.dot(pair(ONE, ONE)).add(rounding),
        f04.dot(pair(ONE, -ONE)).add(rounding),
    );
    let (outer, inner) = (f26.dot(pair(C2, C6)), f26.dot(pair(C6, -C2)));
    let even = [
        sum.add(outer),
        difference.add(inner),
        difference.sub(inner),
        sum.sub(outer),
    ];
    let odd = [
        f13.dot(pair(C1, C3)).add(f57.dot(pair(C5, C7))),
        f13.dot(pair(C3, -C7)).add(f57.dot(pair(-C1, -C5))),
        f13.dot(pair(C5, -C1)).add(f57.dot(pair(C7, C3))),
        f13.dot(pair(C7, -C5)).add(f57.dot(pair(C3, -C1))),
    ];
    std::array::from_fn(|n| {
        if n < 4 {
            even[n].add(odd[n])
        } else {
            even[7 - n].sub(odd[7 - n])
        }
    })
}

#[inline(always)]
fn pair(a: i16, b: i16) -> I16x8 {
    I16x8::new([a, b, a, b, a, b, a, b])
}

#[inline(always)]
fn load<const K: usize>(numbers: &[i16; K], n: usize) -> I16x8 {
    I16x8::new(std::array::from_fn(|lane| numbers[n * 8 + lane]))
}

#[inline(always)]
fn halves([a, b, c, d, e, f, g, h]: [u8; 8]) -> [[u8; 4]; 2] {
    [[a, b, c, d], [e, f, g, h]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// The definition, for a block in zigzag order.
    fn exact(block: &[i16; 64], step: i16, n: usize) -> Vec<f64> {
        let scale = |k: u8| if k == 0 { 0.5f64.sqrt() } else { 1.0 };
        let wave = |x: usize, k: u8| ((2 * x + 1) as f64 * f64::from(k) * PI / (2 * n) as f64).cos() * scale(k);
        let sample = |at: usize| {
            let term = |(&coefficient, &place): (&i16, &u8)| {
                let (u, v) = (place % 8, place / 8);
                let inside = usize::from(u.max(v)) < n;
                let product = f64::from(coefficient) * f64::from(step) * wave(at % n, u) * wave(at / n, v);
                if inside { product } else { 0.0 }
            };
            let sum: f64 = block.iter().zip(&ZIGZAG).map(term).sum();
            (sum / 4.0 + 128.0).clamp(0.0, 255.0)
        };
        (0..n * n).map(sample).collect()
    }

    fn arranged<const K: usize>(block: &[i16; 64]) -> [i16; K] {
        let mut arranged = [0; K];
        for (&coefficient, &slot) in block.iter().zip(&order::<K>()) {
            if let Some(to) = arranged.get_mut(usize::from(slot)) {
                *to = coefficient;
            }
        }
        arranged
    }

    /// Blocks as photographs have them, from smooth to noise that is clipped.
    fn blocks() -> impl Iterator<Item = [i16; 64]> {
        let mut state = 1u32;
        (0..500).map(move |loudness| {
            let mut k = 0;
            [0; 64].map(|_: i16| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                k += 1;
                let loud = 20 + loudness / k;
                ((state >> 16) as i16 % (2 * loud + 1)) - loud
            })
        })
    }

    #[test]
    fn every_size_is_within_rounding_of_the_definition() {
        for block in blocks() {
            for step in [1, 3] {
                let near = |samples: &[u8], n: usize| {
                    for (&sample, exact) in samples.iter().zip(exact(&block, step, n)) {
                        assert!((f64::from(sample) - exact).abs() < 0.8, "{n}: {sample} {exact}");
                    }
                };
                near(eight(&arranged(&block), &[step; 64]).as_flattened(), 8);
                near(four(&arranged(&block), &[step; 16]).as_flattened(), 4);
                near(two(&arranged(&block), &[step; 4]).as_flattened(), 2);
                near(&[flat(block[0], step)], 1);
            }
        }
    }

    #[test]
    fn a_block_of_dc_alone_is_flat() {
        for dc in -1100..1100 {
            let mut block = [0; 64];
            block[0] = dc;
            let sample = flat(dc, 1);
            assert_eq!(eight(&block, &[1; 64]), [[sample; 8]; 8]);
            assert_eq!(four(&arranged(&block), &[1; 16]), [[sample; 4]; 4]);
            assert!(
                two(&arranged(&block), &[1; 4])
                    .as_flattened()
                    .iter()
                    .all(|s| s.abs_diff(sample) <= 1)
            );
        }
    }

    #[test]
    fn what_no_encoder_writes_is_survived() {
        for value in [i16::MIN, i16::MAX, -1] {
            for step in [i16::MIN, i16::MAX, -1] {
                let _ = eight(&[value; 64], &[step; 64]);
                let _ = four(&[value; 16], &[step; 16]);
                let _ = two(&[value; 4], &[step; 4]);
                let _ = flat(value, step);
            }
        }
    }

    #[test]
    fn every_wanted_place_has_a_slot_of_its_own() {
        fn check<const K: usize>(last_place: usize) {
            let slots = order::<K>();
            let mut taken: Vec<u8> = slots.iter().copied().filter(|&slot| usize::from(slot) < K).collect();
            taken.sort_unstable();
            assert!(taken.iter().map(|&slot| usize::from(slot)).eq(0..K));
            assert_eq!((slots[0], last::<K>()), (0, last_place));
            assert!(slots[64..].iter().all(|&slot| usize::from(slot) == K));
        }
        check::<64>(63);
        check::<16>(24);
        check::<4>(4);
        check::<1>(0);
    }
}
