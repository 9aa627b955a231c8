//! Quantisation of coefficients.

use crate::tables::{AC_STEP, DC_STEP, ZIGZAG};
use crate::transform::Blocks;

/// Largest magnitude of a level; the token alphabet ends at 2114.
const MAX_LEVEL: u16 = 2047;

/// Steps and rounding of one kind of block, in raster order. Quantising need not be exact, since whatever level comes out is
/// what is coded; multiplying back is.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    pub(crate) step: [u16; 16],
    /// 65536ths of the inverse step, rounded up.
    reciprocal: [u16; 16],
    /// What is added to a magnitude before it is divided and rounded down.
    bias: [u16; 16],
}

/// Quantised blocks side by side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantised<const L: usize> {
    /// Levels by zigzag index and block.
    pub(crate) levels: Blocks<L>,
    /// For each block, the zigzag index after its last level that is not zero.
    pub(crate) ends: [u16; L],
}

/// The levels of one block in zigzag order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Levels {
    pub(crate) levels: [i16; 16],
    /// The zigzag index after the last level that is not zero.
    pub(crate) end: u8,
}

impl Levels {
    /// The same with what stands for symbol 0 at the indexes whose bits are set: a level of zero or one becomes one, every other
    /// becomes three with its sign.
    pub(crate) fn with_symbols(&self, indexes: u16) -> Self {
        let mut out = *self;
        for (index, level) in out.levels.iter_mut().enumerate() {
            if indexes >> index & 1 == 1 {
                *level = match *level {
                    -1..=1 => 1,
                    other => 3 * other.signum(),
                };
                out.end = out.end.max(index as u8 + 1);
            }
        }
        out
    }
}

impl<const L: usize> Quantised<L> {
    /// Takes out one block.
    pub(crate) fn block(&self, lane: usize) -> Levels {
        Levels {
            levels: std::array::from_fn(|i| self.levels[i][lane]),
            end: self.ends[lane] as u8,
        }
    }
}

impl Matrix {
    /// `dc` and `ac` steps; `dc_bias` in 256ths of a step, and `ac_bias` by zigzag index.
    fn new(dc: u16, ac: u16, dc_bias: u32, ac_bias: impl Fn(u32) -> u32) -> Self {
        let step: [u16; 16] = std::array::from_fn(|i| if i == 0 { dc } else { ac });
        let mut bias = [0; 16];
        for (index, &at) in (0..).zip(&ZIGZAG) {
            let part = if index == 0 { dc_bias } else { ac_bias(index) };
            bias[at] = (u32::from(step[at]) * part / 256) as u16;
        }
        Self {
            step,
            reciprocal: step.map(|q| 65536u32.div_ceil(u32::from(q)) as u16),
            bias,
        }
    }

    /// Quantises coefficients in raster order, leaving alone zigzag indexes below `first`, and puts in their place what the
    /// decoder will multiply back.
    #[inline(never)]
    pub(crate) fn quantise<const L: usize>(&self, coefficients: &mut Blocks<L>, first: usize) -> Quantised<L> {
        let mut out = Quantised {
            levels: [[0; L]; 16],
            ends: [0; L],
        };
        for (index, &at) in ZIGZAG.iter().enumerate().skip(first) {
            let (step, reciprocal, bias) = (self.step[at], self.reciprocal[at], self.bias[at]);
            let row = coefficients[at];
            let mut magnitudes = [0u16; L];
            for l in 0..L {
                let biased = row[l].unsigned_abs().wrapping_add(bias);
                magnitudes[l] = (((u32::from(biased) * u32::from(reciprocal)) >> 16) as u16).min(MAX_LEVEL);
            }
            let (mut levels, mut products, mut ends) = ([0; L], [0; L], out.ends);
            for l in 0..L {
                let level = magnitudes[l].cast_signed();
                levels[l] = if row[l] < 0 { -level } else { level };
                products[l] = levels[l].wrapping_mul(step.cast_signed());
                ends[l] = if level != 0 { index as u16 + 1 } else { ends[l] };
            }
            out.levels[index] = levels;
            coefficients[at] = products;
            out.ends = ends;
        }
        out
    }
}

/// Everything that follows from the quantiser index.
#[derive(Debug, Clone)]
pub(crate) struct Quantiser {
    /// Index into the step tables, 0..=127.
    pub(crate) index: u8,
    pub(crate) luma: Matrix,
    pub(crate) second_order: Matrix,
    pub(crate) chroma: Matrix,
}

impl Quantiser {
    /// The quantiser of an index (RFC 6386 section 14.1), with no difference between the kinds beyond the fixed ones.
    pub(crate) fn new(index: u8) -> Self {
        let (dc, ac) = (
            DC_STEP[usize::from(index.min(127))],
            AC_STEP[usize::from(index.min(127))],
        );
        Self {
            index: index.min(127),
            // Rounding up more of what is low keeps more of the structure for as many bits, and since thresholds are whole numbers,
            // not all of them move between the same two indexes.
            luma: Matrix::new(dc, ac, 106, |index| 111 - index / 2),
            second_order: Matrix::new(dc * 2, (u32::from(ac) * 155 / 100).max(8) as u16, 106, |_| 100),
            chroma: Matrix::new(dc.min(132), ac, 110, |_| 115),
        }
    }

    /// The quantiser of a quality of 0..=100 on libwebp's scale for a picture whose texture has this [`Texture::spread`].
    ///
    /// libwebp's segments are coarser than its base index where a picture is busier than elsewhere, and finer where it is calmer. One
    /// index for all of it comes to the same bytes if it is the coarser the more of the bits go to busy parts. The line is that through
    /// 38 photographs at quality 75, which it meets to within an index for most of them; a fixed index misses by up to four.
    pub(crate) fn of_picture(quality: u8, spread: u32) -> Self {
        let index = u32::from(index(quality));
        Self::new((index * (244 + spread / 4) / 256) as u8)
    }
}

/// libwebp's base index for a quality of 0..=100: the step's compression factor is the cube root of the quality, where the part
/// below 75 is stretched.
fn index(quality: u8) -> u8 {
    let quality = u64::from(quality.min(100));
    let linear = if quality < 75 { quality * 2 } else { quality * 6 - 300 }; // in 300ths
    let factor = (0..=127u64)
        .find(|v| v.pow(3) * 300 >= linear * 127u64.pow(3))
        .unwrap_or(127);
    127 - factor as u8
}

/// What is the quantisation step of luma but for its averages in most pictures, for a quality of 0..=100; an orthonormal
/// transform's is half of it.
#[must_use]
pub fn step(quality: u8) -> u16 {
    let index = index(quality);
    Quantiser::new(index + index / 12).luma.step[1]
}
