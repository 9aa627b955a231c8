//! The discrete cosine transform of a plane, block by block.

use rayon::prelude::*;
use registration::Plane;
use std::sync::LazyLock;

/// Side of a block in pixels.
pub(crate) const SIDE: usize = 8;
pub(crate) type Block = [f32; SIDE * SIDE];

/// Where each place of the zigzag sequence lies in a block's rows (ISO/IEC 10918-1, figure A.6).
#[rustfmt::skip]
pub(crate) const ZIGZAG: [usize; SIDE * SIDE] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The orthonormal basis: a row for each frequency.
static BASIS: LazyLock<[[f32; SIDE]; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|frequency| {
        std::array::from_fn(|at| {
            let scale = if frequency == 0 { 0.125_f64.sqrt() } else { 0.5 };
            let angle = std::f64::consts::PI * (2 * at + 1) as f64 * frequency as f64 / 16.0;
            (scale * angle.cos()) as f32
        })
    })
});

/// A number for each frequency of each block of a plane; blocks that reach over the edge repeat the last pixels.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub wide: usize,
    pub high: usize,
    pub values: Vec<Block>,
}

impl Blocks {
    /// Transforms every block.
    pub fn of(plane: &Plane) -> Self {
        let (wide, high) = (plane.width().div_ceil(SIDE), plane.height().div_ceil(SIDE));
        let block = |at: usize| {
            let (left, top) = ((at % wide * SIDE).cast_signed(), (at / wide * SIDE).cast_signed());
            let pixels =
                std::array::from_fn(|i| plane.at(left + (i % SIDE).cast_signed(), top + (i / SIDE).cast_signed()));
            forward(&pixels)
        };
        Self {
            wide,
            high,
            values: (0..wide * high).into_par_iter().map(block).collect(),
        }
    }

    /// The pixels again, cut to `width` by `height`.
    pub fn plane(&self, width: usize, height: usize) -> Option<Plane> {
        let pixels: Vec<Block> = self.values.par_iter().map(inverse).collect();
        let sample = |at: usize| {
            let (x, y) = (at % width, at / width);
            let block = pixels.get(y / SIDE * self.wide + x / SIDE)?;
            Some(block[y % SIDE * SIDE + x % SIDE])
        };
        Plane::new(
            width,
            height,
            (0..width * height).map(sample).collect::<Option<Vec<f32>>>()?,
        )
    }

    /// The pixels of one block.
    pub fn pixels(values: &Block) -> Block {
        inverse(values)
    }

    /// A number for each block, the mean of a number for each pixel; outside the plane there is nothing.
    pub fn means(width: usize, height: usize, pixel: impl Fn(usize) -> f32) -> Vec<f32> {
        let (wide, high) = (width.div_ceil(SIDE), height.div_ceil(SIDE));
        let mut sums = vec![(0.0, 0.0_f32); wide * high];
        for at in 0..width * height {
            let sum = &mut sums[at / width / SIDE * wide + at % width / SIDE];
            *sum = (sum.0 + pixel(at), sum.1 + 1.0);
        }
        sums.into_iter().map(|(sum, count)| sum / count.max(1.0)).collect()
    }
}

fn forward(pixels: &Block) -> Block {
    let half = product(&BASIS, pixels, false);
    transposed(&product(&BASIS, &transposed(&half), false))
}

fn inverse(values: &Block) -> Block {
    let half = product(&BASIS, values, true);
    transposed(&product(&BASIS, &transposed(&half), true))
}

/// The basis, or its transpose, times a block.
fn product(basis: &[[f32; SIDE]; SIDE], block: &Block, transpose: bool) -> Block {
    let mut out = [0.0; SIDE * SIDE];
    for (row, out) in out.chunks_exact_mut(SIDE).enumerate() {
        for (k, line) in block.chunks_exact(SIDE).enumerate() {
            let weight = if transpose { basis[k][row] } else { basis[row][k] };
            for (out, value) in out.iter_mut().zip(line) {
                *out += weight * value;
            }
        }
    }
    out
}

fn transposed(block: &Block) -> Block {
    std::array::from_fn(|at| block[at % SIDE * SIDE + at / SIDE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let samples: Vec<f32> = (0..21 * 13).map(|at| (at * at % 251) as f32).collect();
        let plane = Plane::new(21, 13, samples).unwrap();
        let blocks = Blocks::of(&plane);
        assert_eq!((blocks.wide, blocks.high), (3, 2));
        let back = blocks.plane(21, 13).unwrap();
        assert!(
            plane
                .samples()
                .iter()
                .zip(back.samples())
                .all(|(a, b)| (a - b).abs() < 1e-2)
        );
        // The average of a block is its first coefficient over eight.
        let flat = Blocks::of(&Plane::new(8, 8, vec![100.0; 64]).unwrap());
        assert!((flat.values[0][0] - 800.0).abs() < 1e-2 && flat.values[0][1].abs() < 1e-3);
    }
}
