//! Intra prediction (RFC 6386 section 12).

use crate::modes::{BlockMode, subblock};
use crate::transform::Blocks;

/// Pixels around a square block of side `N`. Outside the picture those above are 127 and those to the left 129.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Border<const N: usize> {
    pub(crate) above: [u8; N],
    pub(crate) left: [u8; N],
    pub(crate) corner: u8,
    /// Whether the sides are inside the picture, which only DC prediction asks.
    pub(crate) has_above: bool,
    pub(crate) has_left: bool,
}

/// Borders spread over the 4x4 blocks they predict, which lie side by side.
pub(crate) struct Sides<const L: usize> {
    /// The pixel above each block's column.
    above: [[i16; L]; 4],
    /// The pixel to the left of each block's line.
    left: [[i16; L]; 4],
    corner: [i16; L],
    mean: [i16; L],
}

impl<const L: usize> Sides<L> {
    /// The sides of one or two square blocks whose 4x4 blocks fill the `L` lanes in turn.
    pub(crate) fn new<const N: usize>(borders: &[Border<N>]) -> Self {
        let mut out = Self {
            above: [[0; L]; 4],
            left: [[0; L]; 4],
            corner: [0; L],
            mean: [0; L],
        };
        let blocks = N / 4;
        for (plane, border) in borders.iter().enumerate() {
            let lanes = plane * blocks * blocks..(plane + 1) * blocks * blocks;
            out.corner[lanes.clone()].fill(border.corner.into());
            out.mean[lanes.clone()].fill(border.mean());
            for (block, lane) in lanes.enumerate() {
                for i in 0..4 {
                    out.above[i][lane] = border.above[block % blocks * 4 + i].into();
                    out.left[i][lane] = border.left[block / blocks * 4 + i].into();
                }
            }
        }
        out
    }

    /// The prediction of all blocks.
    #[inline(always)]
    pub(crate) fn predict(&self, mode: BlockMode) -> Blocks<L> {
        std::array::from_fn(|i| {
            let (above, left) = (&self.above[i % 4], &self.left[i / 4]);
            match mode {
                BlockMode::Dc => self.mean,
                BlockMode::Vertical => *above,
                BlockMode::Horizontal => *left,
                BlockMode::TrueMotion => std::array::from_fn(|l| (above[l] + left[l] - self.corner[l]).clamp(0, 255)),
            }
        })
    }
}

impl<const N: usize> Border<N> {
    fn mean(&self) -> i16 {
        let sum = |side: &[u8; N]| side.iter().map(|&p| i16::from(p)).sum::<i16>();
        let n = i16::try_from(N).unwrap_or(16);
        match (self.has_above, self.has_left) {
            (true, true) => (sum(&self.above) + sum(&self.left) + n) / (2 * n),
            (true, false) => (sum(&self.above) + n / 2) / n,
            (false, true) => (sum(&self.left) + n / 2) / n,
            (false, false) => 128,
        }
    }
}

/// Pixels around a 4x4 sub-block as one line: up the left side, the corner, then eight to the right along the row above.
pub(crate) type Edge = [u8; 13];

/// The predictions of a sub-block in all ten modes.
#[inline(never)]
pub(crate) fn predict_subblock(edge: &Edge) -> [[u8; 16]; subblock::COUNT] {
    let e = edge;
    // Means of two and smoothed threes along the edge; every directional mode is an arrangement of these.
    let two: [u8; 12] = std::array::from_fn(|i| mean_of_two(e[i], e[i + 1]));
    let mut three = [0u8; 12];
    for i in 0..11 {
        three[i] = mean_of_three(e[i], e[i + 1], e[i + 2]);
    }
    three[11] = mean_of_three(e[11], e[12], e[12]);
    let below = mean_of_three(e[1], e[0], e[0]);
    let mut out = [[0u8; 16]; subblock::COUNT];

    let sum: u32 = e[..4].iter().chain(&e[5..9]).map(|&p| u32::from(p)).sum();
    out[usize::from(subblock::DC)] = [((sum + 4) >> 3) as u8; 16];
    for row in 0..4 {
        let at = row * 4..row * 4 + 4;
        let offset = i16::from(e[3 - row]) - i16::from(e[4]);
        let true_motion: [u8; 4] = std::array::from_fn(|i| (i16::from(e[5 + i]) + offset).clamp(0, 255) as u8);
        out[usize::from(subblock::TRUE_MOTION)][at.clone()].copy_from_slice(&true_motion);
        out[usize::from(subblock::VERTICAL)][at.clone()].copy_from_slice(&three[4..8]);
        let horizontal = if row == 3 { below } else { three[2 - row] };
        out[usize::from(subblock::HORIZONTAL)][at.clone()].fill(horizontal);
        out[usize::from(subblock::DOWN_LEFT)][at.clone()].copy_from_slice(&three[5 + row..9 + row]);
        out[usize::from(subblock::DOWN_RIGHT)][at].copy_from_slice(&three[3 - row..7 - row]);
    }
    let [t, h] = [&two, &three];
    out[usize::from(subblock::VERTICAL_RIGHT)] = [
        t[4], t[5], t[6], t[7], h[3], h[4], h[5], h[6], h[2], t[4], t[5], t[6], h[1], h[3], h[4], h[5],
    ];
    out[usize::from(subblock::VERTICAL_LEFT)] = [
        t[5], t[6], t[7], t[8], h[5], h[6], h[7], h[8], t[6], t[7], t[8], h[9], h[6], h[7], h[8], h[10],
    ];
    out[usize::from(subblock::HORIZONTAL_DOWN)] = [
        t[3], h[3], h[4], h[5], t[2], h[2], t[3], h[3], t[1], h[1], t[2], h[2], t[0], h[0], t[1], h[1],
    ];
    out[usize::from(subblock::HORIZONTAL_UP)] = [
        t[2], h[1], t[1], h[0], t[1], h[0], t[0], below, t[0], below, e[0], e[0], e[0], e[0], e[0], e[0],
    ];
    out
}

#[inline(always)]
fn mean_of_two(a: u8, b: u8) -> u8 {
    ((u16::from(a) + u16::from(b) + 1) >> 1) as u8
}

#[inline(always)]
fn mean_of_three(a: u8, b: u8, c: u8) -> u8 {
    ((u16::from(a) + 2 * u16::from(b) + u16::from(c) + 2) >> 2) as u8
}
