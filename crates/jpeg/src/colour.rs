//! RGB to YCbCr, full range, BT.601 (T.871 section 7), one row at a time in plain loops that the compiler turns into SIMD.

/// Fixed-point bits of the coefficients below.
const BITS: u32 = 16;
// Rows of the matrix times 2^16, rounded so that luma's sum to 2^16 and chroma's to 0: grey stays exactly grey.
const Y: [i32; 3] = [19595, 38470, 7471];
const CB: [i32; 3] = [-11059, -21709, 32768];
const CR: [i32; 3] = [32768, -27439, -5329];

/// One row of samples, a vector for each of red, green and blue.
pub type Planes<T> = [Vec<T>; 3];

/// Splits a row of interleaved RGB; what the row is shorter than the planes is filled with its last pixel.
pub fn split(rgb: &[u8], planes: &mut Planes<u8>) {
    let [r, g, b] = planes;
    let pixels = rgb.as_chunks::<3>().0;
    for (((pixel, r), g), b) in pixels.iter().zip(&mut *r).zip(&mut *g).zip(&mut *b) {
        [*r, *g, *b] = *pixel;
    }
    if let Some(&[red, green, blue]) = pixels.last() {
        for (plane, value) in [(r, red), (g, green), (b, blue)] {
            if let Some(rest) = plane.get_mut(pixels.len()..) {
                rest.fill(value);
            }
        }
    }
}

/// Luma of a row, less 128.
pub fn luma([r, g, b]: &Planes<u8>, out: &mut [i16]) {
    for (((out, &r), &g), &b) in out.iter_mut().zip(r).zip(g).zip(b) {
        let sum = i32::from(r) * Y[0] + i32::from(g) * Y[1] + i32::from(b) * Y[2];
        *out = ((sum + (1 << (BITS - 1))) >> BITS) as i16 - 128;
    }
}

/// Chroma (less 128) of a row of which each sample is the sum of `1 << LOG2_COUNT` pixels. The mean is linear, so converting
/// sums rounds once where converting pixels and averaging afterwards would round twice.
pub fn chroma<const LOG2_COUNT: u32>([r, g, b]: &Planes<u16>, cb: &mut [i16], cr: &mut [i16]) {
    let shift = BITS + LOG2_COUNT;
    // One less than a half: +127.5 becomes 127 and stays within eight bits.
    let half = (1 << (shift - 1)) - 1;
    for ((((cb, cr), &r), &g), &b) in cb.iter_mut().zip(cr).zip(r).zip(g).zip(b) {
        let (r, g, b) = (i32::from(r), i32::from(g), i32::from(b));
        *cb = ((r * CB[0] + g * CB[1] + b * CB[2] + half) >> shift) as i16;
        *cr = ((r * CR[0] + g * CR[1] + b * CR[2] + half) >> shift) as i16;
    }
}

/// Widens a row for [`chroma`] without subsampling.
pub fn widen(planes: &Planes<u8>, out: &mut Planes<u16>) {
    for (plane, out) in planes.iter().zip(out) {
        for (&sample, out) in plane.iter().zip(out) {
            *out = u16::from(sample);
        }
    }
}

/// Sums of 2x2 pixels of two rows.
pub fn sum_2x2(upper: &Planes<u8>, lower: &Planes<u8>, out: &mut Planes<u16>) {
    for ((upper, lower), out) in upper.iter().zip(lower).zip(out) {
        let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        for (([a, b], [c, d]), out) in pairs.zip(out) {
            *out = u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_is_within_half_a_step_of_the_exact_matrix() {
        for n in 0..4096u32 {
            let [r, g, b] = [n % 16 * 17, n / 16 % 16 * 17, n / 256 * 17].map(|v| v as u8);
            let planes = [r, g, b].map(|v| vec![v]);
            let mut wide = [vec![0], vec![0], vec![0]];
            let (mut y, mut cb, mut cr) = ([0], [0], [0]);
            luma(&planes, &mut y);
            widen(&planes, &mut wide);
            chroma::<0>(&wide, &mut cb, &mut cr);
            let (r, g, b) = (f64::from(r), f64::from(g), f64::from(b));
            let exact_y = 0.299 * r + 0.587 * g + 0.114 * b;
            for (value, exact) in [
                (y[0], exact_y - 128.0),
                (cb[0], (b - exact_y) / 1.772),
                (cr[0], (r - exact_y) / 1.402),
            ] {
                assert!(
                    (f64::from(value) - exact).abs() < 0.51 && (-128..=127).contains(&value),
                    "{value} {exact}"
                );
            }
        }
    }

    #[test]
    fn rows_are_split_and_replicated() {
        let mut planes = [vec![0; 4], vec![0; 4], vec![0; 4]];
        split(&[1, 2, 3, 4, 5, 6], &mut planes);
        assert_eq!(planes, [vec![1, 4, 4, 4], vec![2, 5, 5, 5], vec![3, 6, 6, 6]]);
        let mut sums = [vec![0; 2], vec![0; 2], vec![0; 2]];
        sum_2x2(&planes, &planes, &mut sums);
        assert_eq!(sums[0], [10, 16]);
    }
}
