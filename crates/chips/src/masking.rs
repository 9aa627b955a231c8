//! How much change each block hides: contrast masking by its own texture and its neighbours', and luminance masking.
//!
//! After Watson, "DCT quantization matrices visually optimized for individual images" (SPIE 1913, 1993). Only square roots are
//! taken, so that every machine finds the same numbers.

use jpeg::Component;

#[expect(clippy::approx_constant, reason = "6.28 is measured, not calculated")]
/// Amplitudes in DCT units that are just visible on grey, in zigzag order (Peterson, Ahumada and Watson 1993).
pub(crate) const VISIBLE: [f32; 64] = [
    1.4, 1.01, 1.01, 1.16, 1.45, 1.16, 1.66, 1.32, 1.32, 1.66, 2.4, 1.52, 2.24, 1.52, 2.4, 3.43, 2.0, 2.59, 2.59, 2.0,
    3.43, 4.79, 2.71, 2.98, 3.77, 2.98, 2.71, 4.79, 6.56, 3.67, 3.64, 4.55, 4.55, 3.64, 3.67, 6.56, 4.93, 4.6, 5.3,
    6.15, 5.3, 4.6, 4.93, 5.88, 6.28, 7.46, 7.46, 6.28, 5.88, 7.6, 8.71, 9.62, 8.71, 7.6, 10.17, 11.58, 11.58, 10.17,
    13.51, 14.5, 13.51, 17.29, 17.29, 21.15,
];

/// What an amplitude in eighths is multiplied with to be in units of what is just visible.
const RELATIVE: [f32; 64] = {
    let mut relative = [0.0; 64];
    let mut index = 0;
    while index < 64 {
        relative[index] = 1.0 / (8.0 * VISIBLE[index]);
        index += 1;
    }
    relative
};

/// Blocks whose average is outside are left alone: what a chip adds there would be clipped away, or stand out.
const UNCLIPPED: std::ops::RangeInclusive<f32> = 10.0..=245.0;

/// What each block of luma hides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Masking {
    /// Texture, in units of what is just visible; a block beside a smooth one counts little more than that.
    pub texture: Vec<f32>,
    /// Visibility of an error that is masked, relative to one on flat grey: what a budget is multiplied with. 0 where nothing may
    /// change: in what is nearly black or white, and in blocks that only pad the picture.
    pub tolerance: Vec<f32>,
    /// The averages themselves, the DC coefficients in eighths of DCT units.
    pub averages: Vec<i16>,
}

/// The masking of every block of luma, in eighths of DCT units, of a picture with these sides.
pub(crate) fn masking(luma: &Component, (width, height): (u16, u16)) -> Masking {
    let wide = luma.blocks_wide.max(1);
    let (mut texture, averages) = textures(&luma.blocks);
    let calmest = window(&texture, wide, |[a, b, c]| least(least(a, b), c));
    for (own, calmest) in texture.iter_mut().zip(calmest) {
        *own = least(*own, calmest * 2.5);
    }
    // A Gaussian of sigma 0.7 blocks: exp(-1 / (2 * 0.7^2)) = 0.36 one block away.
    let texture = window(&texture, wide, |[a, b, c]| 0.209 * (a + c) + 0.582 * b);
    let mut tolerance: Vec<f32> = averages
        .iter()
        .zip(&texture)
        .map(|(&average, texture)| tolerance(f32::from(average) / 64.0 + 128.0, *texture))
        .collect();
    let seen = (usize::from(width).div_ceil(8), usize::from(height).div_ceil(8));
    for (y, row) in tolerance.chunks_mut(wide).enumerate() {
        let seen = if y < seen.1 { seen.0 } else { 0 };
        row.get_mut(seen..).unwrap_or_default().fill(0.0);
    }
    Masking {
        texture,
        tolerance,
        averages,
    }
}

#[inline(always)]
fn tolerance(average: f32, texture: f32) -> f32 {
    // Weber's law, roughly: the power 3/8 of the luminance, and no hiding in noise-free shadows.
    let fourth = (positive(average) / 128.0).sqrt().sqrt();
    let luminance = fourth * fourth.sqrt() + positive(40.0 - average) / 60.0;
    let root = texture.sqrt();
    let tolerance = (1.0 + 1.6 * root * root.sqrt()) * luminance;
    if UNCLIPPED.contains(&average) { tolerance } else { 0.0 }
}

/// The textures and averages of blocks. Out of line, so that its numbers stay in registers.
#[inline(never)]
fn textures(blocks: &[[i16; 64]]) -> (Vec<f32>, Vec<i16>) {
    blocks.iter().map(|block| (texture(block), block[0])).unzip()
}

/// The root mean square of a block's AC coefficients, each in units of what is just visible.
#[inline(always)]
fn texture(block: &[i16; 64]) -> f32 {
    let sums = squares(block);
    let average = f32::from(block[0]) * RELATIVE[0];
    (positive(sums.iter().sum::<f32>() - average * average) / 63.0).sqrt()
}

/// The sums of the squares of every eighth coefficient, each in units of what is just visible.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn squares(block: &[i16; 64]) -> [f32; 8] {
    let mut sums = [0.0; 8];
    for (values, relative) in block.as_chunks::<8>().0.iter().zip(RELATIVE.as_chunks::<8>().0) {
        for ((sum, &value), relative) in sums.iter_mut().zip(values).zip(relative) {
            let relative = f32::from(value) * relative;
            *sum += relative * relative;
        }
    }
    sums
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn squares(block: &[i16; 64]) -> [f32; 8] {
    use core::arch::wasm32::*;
    let mut sums = [f32x4_splat(0.0); 2];
    for (n, relative) in block.as_chunks::<8>().0.iter().zip(RELATIVE.as_chunks::<8>().0) {
        // Both become one load.
        let values = i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
        let relative = relative.as_chunks::<4>().0;
        let halves = [i32x4_extend_low_i16x8(values), i32x4_extend_high_i16x8(values)];
        for ((sum, values), r) in sums.iter_mut().zip(halves).zip(relative) {
            let relative = f32x4_mul(f32x4_convert_i32x4(values), f32x4(r[0], r[1], r[2], r[3]));
            *sum = f32x4_add(*sum, f32x4_mul(relative, relative));
        }
    }
    let lanes = |sum| {
        [
            f32x4_extract_lane::<0>(sum),
            f32x4_extract_lane::<1>(sum),
            f32x4_extract_lane::<2>(sum),
            f32x4_extract_lane::<3>(sum),
        ]
    };
    let [[a, b, c, d], [e, f, g, h]] = sums.map(lanes);
    [a, b, c, d, e, f, g, h]
}

/// What `f32::min` and `f32::max` are where nothing is a NaN: those are calls in Wasm.
#[inline(always)]
pub(crate) fn least(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[inline(always)]
fn positive(value: f32) -> f32 {
    if value > 0.0 { value } else { 0.0 }
}

/// Maps each value and its neighbours, of a grid of rows of `wide`, in one direction and then in the other; beyond the edge the
/// edge's values repeat.
fn window(values: &[f32], wide: usize, map: impl Fn([f32; 3]) -> f32) -> Vec<f32> {
    let mut across = Vec::with_capacity(values.len());
    for row in values.chunks(wide) {
        let at = |x: usize| row.get(x.min(row.len().saturating_sub(1))).copied().unwrap_or(0.0);
        across.push(map([at(0), at(0), at(1)]));
        across.extend(row.windows(3).map(|around| map([around[0], around[1], around[2]])));
        if let Some(before) = row.len().checked_sub(2) {
            across.push(map([at(before), at(before + 1), at(before + 1)]));
        }
    }
    let mut down = Vec::with_capacity(values.len());
    let mut above = across.get(..wide).unwrap_or_default();
    let mut rows = across.chunks(wide).peekable();
    while let Some(own) = rows.next() {
        let below = rows.peek().copied().unwrap_or(own);
        down.extend(above.iter().zip(own).zip(below).map(|((&a, &b), &c)| map([a, b, c])));
        above = own;
    }
    down
}
