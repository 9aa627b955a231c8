//! Arithmetic on pixels of blocks side by side.

use crate::transform::Blocks;
use std::hint::black_box;

/// What is left to code of blocks after prediction.
#[inline(always)]
pub(crate) fn subtract<const L: usize>(source: &Blocks<L>, prediction: &Blocks<L>) -> Blocks<L> {
    // Zeros to be written over would be a call out of Wasm, here and in other places that make their blocks row by row.
    std::array::from_fn(|i| std::array::from_fn(|l| source[i][l].wrapping_sub(prediction[i][l])))
}

/// Turns differences into pixels by adding the prediction, clamped to 8 bits.
#[inline(always)]
pub(crate) fn add<const L: usize>(prediction: &Blocks<L>, blocks: &mut Blocks<L>) {
    for (out, prediction) in blocks.iter_mut().zip(prediction) {
        for l in 0..L {
            out[l] = prediction[l].wrapping_add(out[l]).clamp(0, 255);
        }
    }
}

/// Sum of squared differences of each block.
#[inline(never)]
pub(crate) fn squared_errors<const L: usize>(a: &[[i16; L]], b: &[[i16; L]]) -> [u32; L] {
    let mut sums = [0; L];
    // A number of rows the compiler cannot see keeps the loop rolled. Unrolled, the sums would be taken over rows instead of
    // lanes, which needs a shuffle for every number.
    for (a, b) in a.iter().zip(b).take(black_box(16)) {
        for l in 0..L {
            let d = i32::from(a[l]) - i32::from(b[l]);
            sums[l] += (d * d) as u32;
        }
    }
    sums
}

/// Sum over all blocks of the magnitudes of their Hadamard transform: a cheap guess of what differences cost to code.
/// The differences are transformed in place.
#[inline(never)]
pub(crate) fn hadamard_sum<const L: usize>(m: &mut Blocks<L>) -> u32 {
    for x in 0..4 {
        hadamard_line(m, [x, 4 + x, 8 + x, 12 + x]);
    }
    for y in 0..4 {
        hadamard_line(m, [y * 4, y * 4 + 1, y * 4 + 2, y * 4 + 3]);
    }
    // The magnitudes of a block add up to at most four times the root of sixteen squared sums of sixteen differences of 255,
    // which is 16320, so 16 bits hold the sum of each block.
    let mut sums = [0u16; L];
    for row in m.iter().take(black_box(16)) {
        for l in 0..L {
            sums[l] = sums[l].wrapping_add(row[l].unsigned_abs());
        }
    }
    sums.iter().map(|&sum| u32::from(sum)).sum()
}

#[inline(always)]
fn hadamard_line<const L: usize>(m: &mut Blocks<L>, at: [usize; 4]) {
    let [m0, m1, m2, m3] = at.map(|i| m[i]);
    let [mut out0, mut out1, mut out2, mut out3] = [[0; L]; 4];
    for l in 0..L {
        let (a, b) = (m0[l].wrapping_add(m3[l]), m1[l].wrapping_add(m2[l]));
        let (c, d) = (m1[l].wrapping_sub(m2[l]), m0[l].wrapping_sub(m3[l]));
        out0[l] = a.wrapping_add(b);
        out1[l] = c.wrapping_add(d);
        out2[l] = a.wrapping_sub(b);
        out3[l] = d.wrapping_sub(c);
    }
    for (i, row) in at.into_iter().zip([out0, out1, out2, out3]) {
        m[i] = row;
    }
}

/// Sum of the magnitudes of the differences of two blocks.
#[inline(always)]
pub(crate) fn absolute_error(a: &[u8; 16], b: &[u8; 16]) -> u32 {
    let mut sum = 0;
    for i in 0..16 {
        sum += u32::from(a[i].abs_diff(b[i]));
    }
    sum
}

/// Puts line `y` of a square of pixels into the 4x4 blocks it crosses, the square's first block being in lane `lane`.
#[inline(always)]
pub(crate) fn split_line<const L: usize>(line: &[u8], y: usize, lane: usize, out: &mut Blocks<L>) {
    let first = lane + y / 4 * (line.len() / 4);
    for (block, pixels) in line.as_chunks::<4>().0.iter().enumerate() {
        for (x, &pixel) in pixels.iter().enumerate() {
            out[y % 4 * 4 + x][first + block] = i16::from(pixel);
        }
    }
}

/// The reverse of [`split_line`].
#[inline(always)]
pub(crate) fn join_line<const L: usize>(blocks: &Blocks<L>, y: usize, lane: usize, line: &mut [u8]) {
    let first = lane + y / 4 * (line.len() / 4);
    for (block, pixels) in line.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        for (x, pixel) in pixels.iter_mut().enumerate() {
            *pixel = blocks[y % 4 * 4 + x][first + block] as u8;
        }
    }
}
