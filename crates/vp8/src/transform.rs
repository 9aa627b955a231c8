//! The 4x4 transforms: forward and inverse DCT, and the Walsh-Hadamard transform of luma DC coefficients (RFC 6386 section 14).
//!
//! They work on several blocks side by side, so that every step is the same operation on neighbouring numbers and becomes
//! vector instructions. For that the functions over several blocks stay out of line and read whole rows before they write
//! any: otherwise the compiler takes neighbours in the other direction together.
//!
//! The inverse transforms are exact by the standard; the forward ones are the same butterflies transposed, with three more
//! bits kept between the passes.

/// `L` blocks of 4x4 numbers side by side: first by place in the block (raster order), then by block.
pub(crate) type Blocks<const L: usize> = [[i16; L]; 16];

/// sqrt(2) * cos(pi / 8) - 1 in 16 fractional bits.
const COSINE: i32 = 20091;
/// sqrt(2) * sin(pi / 8) - 1 in 16 fractional bits: less one, so that it fits the 16 bits of vector multiplications.
const SINE: i32 = 35468 - 65536;

/// Turns differences into coefficients. The differences must be in -255..=255: then no sum leaves 16 bits.
#[inline(never)]
pub(crate) fn forward<const L: usize>(blocks: &mut Blocks<L>) {
    for x in 0..4 {
        forward_line(blocks, [x, 4 + x, 8 + x, 12 + x], 3, 0);
    }
    for y in 0..4 {
        forward_line(blocks, [y * 4, y * 4 + 1, y * 4 + 2, y * 4 + 3], 0, 4);
    }
}

/// Turns coefficients into the differences they stand for. No sum leaves 16 bits for
/// quantised results of [`forward`]: the differences are at most 8 * 255 before the last shift, and sixteen coefficients that
/// are wrong by a whole step of 284 add at most 15 * 284.
#[inline(never)]
pub(crate) fn inverse<const L: usize>(blocks: &mut Blocks<L>) {
    for x in 0..4 {
        inverse_line(blocks, [x, 4 + x, 8 + x, 12 + x], 0);
    }
    for y in 0..4 {
        inverse_line(blocks, [y * 4, y * 4 + 1, y * 4 + 2, y * 4 + 3], 3);
    }
}

/// Second-order coefficients of the sixteen luma DC coefficients.
pub(crate) fn forward_walsh(dcs: &[i16; 16]) -> [i16; 16] {
    // The inverse is this times an eighth, applied twice it is sixteenfold, so half remains. Rounding is away from zero.
    walsh(dcs).map(|v| ((v + i32::from(v > 0)) >> 1) as i16)
}

/// Luma DC coefficients from the second-order block.
pub(crate) fn inverse_walsh(coefficients: &[i16; 16]) -> [i16; 16] {
    walsh(coefficients).map(|v| ((v + 3) >> 3) as i16)
}

/// The high half of a product.
#[inline(always)]
fn scale(value: i16, factor: i32) -> i16 {
    ((i32::from(value) * factor) >> 16) as i16
}

#[inline(always)]
fn forward_line<const L: usize>(m: &mut Blocks<L>, at: [usize; 4], left: u32, right: u32) {
    let half = (1i16 << right) >> 1;
    let [m0, m1, m2, m3] = at.map(|i| m[i]);
    let [mut out0, mut out1, mut out2, mut out3] = [[0; L]; 4];
    for l in 0..L {
        let (a, b) = (m0[l].wrapping_add(m3[l]) << left, m1[l].wrapping_add(m2[l]) << left);
        let (c, d) = (m1[l].wrapping_sub(m2[l]) << left, m0[l].wrapping_sub(m3[l]) << left);
        let odd = d
            .wrapping_add(scale(d, COSINE))
            .wrapping_add(c)
            .wrapping_add(scale(c, SINE));
        let steep = d
            .wrapping_add(scale(d, SINE))
            .wrapping_sub(c)
            .wrapping_sub(scale(c, COSINE));
        out0[l] = a.wrapping_add(b).wrapping_add(half) >> right;
        out1[l] = odd.wrapping_add(half) >> right;
        out2[l] = a.wrapping_sub(b).wrapping_add(half) >> right;
        out3[l] = steep.wrapping_add(half) >> right;
    }
    for (i, row) in at.into_iter().zip([out0, out1, out2, out3]) {
        m[i] = row;
    }
}

#[inline(always)]
fn inverse_line<const L: usize>(m: &mut Blocks<L>, at: [usize; 4], right: u32) {
    let half = (1i16 << right) >> 1;
    let [m0, m1, m2, m3] = at.map(|i| m[i]);
    let [mut out0, mut out1, mut out2, mut out3] = [[0; L]; 4];
    for l in 0..L {
        let (a, b) = (m0[l].wrapping_add(m2[l]), m0[l].wrapping_sub(m2[l]));
        let c = m1[l]
            .wrapping_add(scale(m1[l], SINE))
            .wrapping_sub(m3[l])
            .wrapping_sub(scale(m3[l], COSINE));
        let d = m1[l]
            .wrapping_add(scale(m1[l], COSINE))
            .wrapping_add(m3[l])
            .wrapping_add(scale(m3[l], SINE));
        out0[l] = a.wrapping_add(d).wrapping_add(half) >> right;
        out1[l] = b.wrapping_add(c).wrapping_add(half) >> right;
        out2[l] = b.wrapping_sub(c).wrapping_add(half) >> right;
        out3[l] = a.wrapping_sub(d).wrapping_add(half) >> right;
    }
    for (i, row) in at.into_iter().zip([out0, out1, out2, out3]) {
        m[i] = row;
    }
}

fn walsh(values: &[i16; 16]) -> [i32; 16] {
    let mut m = values.map(i32::from);
    for (stride, step) in [(4, 1), (1, 4)] {
        for i in 0..4 {
            let at = [0, 1, 2, 3].map(|k| i * step + k * stride);
            let [m0, m1, m2, m3] = at.map(|i| m[i]);
            let (a, b, c, d) = (m0 + m3, m1 + m2, m1 - m2, m0 - m3);
            for (at, value) in at.into_iter().zip([a + b, c + d, a - b, d - c]) {
                m[at] = value;
            }
        }
    }
    m
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_inverse_undoes_the_forward_transform(block in prop::array::uniform16(-255i16..=255)) {
            let mut back = block.map(|v| [v]);
            forward(&mut back);
            inverse(&mut back);
            for (a, [b]) in block.iter().zip(back) {
                prop_assert!((a - b).abs() <= 1, "{block:?} {back:?}");
            }
        }

        #[test]
        fn the_inverse_undoes_the_walsh_transform(block in prop::array::uniform16(-2040i16..=2040)) {
            let back = inverse_walsh(&forward_walsh(&block));
            for (a, b) in block.iter().zip(back) {
                prop_assert!((a - b).abs() <= 1, "{block:?} {back:?}");
            }
        }
    }

    #[test]
    fn extremes_stay_within_sixteen_bits() {
        for signs in 0..=u16::MAX {
            let block: [i16; 16] = std::array::from_fn(|i| if signs >> i & 1 == 1 { 255 } else { -255 });
            let mut back = block.map(|v| [v]);
            forward(&mut back);
            inverse(&mut back);
            assert!(
                block.iter().zip(back).all(|(a, [b])| (a - b).abs() <= 1),
                "{block:?} {back:?}"
            );
        }
    }

    #[test]
    fn a_flat_block_has_only_a_dc_coefficient() {
        let mut blocks = [[10, -3]; 16];
        forward(&mut blocks);
        assert_eq!(blocks[0], [80, -24]);
        assert_eq!(blocks[1..], [[0; 2]; 15]);
        inverse(&mut blocks);
        assert_eq!(blocks, [[10, -3]; 16]);
    }
}
