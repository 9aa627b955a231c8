//! What the macroblocks above and to the left leave for the next one: pixels, contexts and modes.

use crate::contexts::Contexts;
use crate::modes::{Luma, subblock};
use crate::predict::Border;

/// Pixels the decoder assumes above the picture, and to its left (RFC 6386 section 12.2).
const ABOVE: u8 = 127;
const LEFT: u8 = 129;

/// One plane's last line of each macroblock above, and last column of the macroblock to the left, `N` pixels each.
struct Plane<const N: usize> {
    above: Vec<[u8; N]>,
    left: [u8; N],
    corner: u8,
}

/// Neighbours of the current macroblock, during a walk in raster order.
pub(crate) struct Neighbours {
    row: usize,
    luma: Plane<16>,
    chroma: [Plane<8>; 2],
    pub(crate) contexts_above: Vec<Contexts>,
    pub(crate) contexts_left: Contexts,
    pub(crate) modes_above: Vec<[u8; 4]>,
    pub(crate) modes_left: [u8; 4],
    /// Whether [`Self::start_row`] has been called.
    started: bool,
}

impl<const N: usize> Plane<N> {
    fn new(columns: usize) -> Self {
        Self {
            above: vec![[ABOVE; N]; columns],
            left: [LEFT; N],
            corner: ABOVE,
        }
    }

    fn start_row(&mut self, row: usize) {
        self.left = [LEFT; N];
        self.corner = if row == 0 { ABOVE } else { LEFT };
    }

    fn border(&self, column: usize, row: usize) -> Border<N> {
        let (has_above, has_left) = (row > 0, column > 0);
        Border {
            above: self.above[column],
            left: self.left,
            corner: self.corner,
            has_above,
            has_left,
        }
    }

    fn leave(&mut self, column: usize, pixels: &[u8]) {
        self.corner = self.above[column][N - 1];
        self.above[column].copy_from_slice(&pixels[N * (N - 1)..]);
        for (left, row) in self.left.iter_mut().zip(pixels.chunks_exact(N)) {
            *left = row[N - 1];
        }
    }
}

impl Neighbours {
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            row: 0,
            luma: Plane::new(columns),
            chroma: [Plane::new(columns), Plane::new(columns)],
            contexts_above: vec![Contexts::default(); columns],
            contexts_left: Contexts::default(),
            modes_above: vec![[subblock::DC; 4]; columns],
            modes_left: [subblock::DC; 4],
            started: false,
        }
    }

    /// To be called before each row of macroblocks.
    pub(crate) fn start_row(&mut self) {
        self.row += usize::from(self.started);
        self.started = true;
        self.luma.start_row(self.row);
        self.chroma.iter_mut().for_each(|plane| plane.start_row(self.row));
        self.contexts_left = Contexts::default();
        self.modes_left = [subblock::DC; 4];
    }

    pub(crate) fn luma(&self, column: usize) -> Border<16> {
        self.luma.border(column, self.row)
    }

    pub(crate) fn chroma(&self, column: usize) -> [Border<8>; 2] {
        [0, 1].map(|i| self.chroma[i].border(column, self.row))
    }

    /// The four pixels to the right of those above the macroblock. Decoders repeat the last pixel past the right edge.
    pub(crate) fn above_right(&self, column: usize) -> [u8; 4] {
        match self.luma.above.get(column + 1) {
            Some(&[a, b, c, d, ..]) => [a, b, c, d],
            None if self.row == 0 => [ABOVE; 4],
            None => [self.luma.above[column][15]; 4],
        }
    }

    /// Takes note of a finished macroblock's pixels and modes.
    pub(crate) fn leave(&mut self, column: usize, luma: &[u8; 256], chroma: &[[u8; 64]; 2], mode: Luma) {
        self.luma.leave(column, luma);
        for (plane, pixels) in self.chroma.iter_mut().zip(chroma) {
            plane.leave(column, pixels);
        }
        match mode {
            Luma::Whole(mode) => {
                self.modes_above[column] = [mode.implied(); 4];
                self.modes_left = [mode.implied(); 4];
            }
            Luma::Split(modes) => {
                self.modes_above[column] = [modes[12], modes[13], modes[14], modes[15]];
                self.modes_left = [modes[3], modes[7], modes[11], modes[15]];
            }
        }
    }
}
