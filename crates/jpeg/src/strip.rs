//! One MCU row of a picture: pixels to samples to blocks.

use crate::coefficients::{Grid, room};
use crate::colour::{self, Planes};
use crate::dct;
use crate::decode::lanes::I16x8;
use crate::{Component, Error};

/// The samples of one MCU row of a component, and the component they are transformed into: that of a
/// [`Spectrum`](crate::Spectrum).
pub struct Strip {
    component: Component,
    stride: usize,
    /// Samples less 128, `stride` to a row.
    samples: Vec<i16>,
}

impl Strip {
    /// Takes the memory for all blocks of a component with `factor` as both sampling factors.
    pub fn new(id: u8, factor: u8, grid: Grid, quant: [u16; 64]) -> Result<Self, Error> {
        let (blocks_wide, blocks_high) = grid.padded(factor, factor);
        let stride = blocks_wide * 8;
        let blocks = room(blocks_wide * blocks_high)?;
        let component = Component {
            id,
            h: factor,
            v: factor,
            quant,
            blocks_wide,
            blocks_high,
            blocks,
        };
        let samples = vec![0; stride * 8 * usize::from(factor)];
        Ok(Self {
            component,
            stride,
            samples,
        })
    }

    /// Rows of samples in the strip.
    pub fn rows(&self) -> usize {
        8 * usize::from(self.component.v)
    }

    /// Row `y` of the samples.
    pub fn row(&mut self, y: usize) -> &mut [i16] {
        &mut self.samples[y * self.stride..(y + 1) * self.stride]
    }

    /// Appends the strip's blocks to the component.
    #[inline(never)]
    pub fn transform(&mut self) {
        for rows in self.samples.chunks_exact(self.stride * 8) {
            let mut rows = rows.chunks_exact(self.stride);
            let mut eights: [_; 8] = std::array::from_fn(|_| rows.next().unwrap_or_default().as_chunks::<8>().0.iter());
            let blocks = (0..self.component.blocks_wide).map(|_| {
                let rows = eights.each_mut().map(|row| row.next().copied().unwrap_or_default());
                dct::forward(rows.map(I16x8::new))
            });
            self.component.blocks.extend(blocks);
        }
    }

    /// The component with the blocks of all strips.
    pub fn finish(self) -> Component {
        self.component
    }
}

/// Buffers for converting rows of RGB.
pub struct Rows {
    upper: Planes<u8>,
    lower: Planes<u8>,
    wide: Planes<u16>,
}

impl Rows {
    /// For rows padded to `width` pixels.
    pub fn new(width: usize) -> Self {
        let planes = || std::array::from_fn(|_| vec![0; width]);
        Self {
            upper: planes(),
            lower: planes(),
            wide: std::array::from_fn(|_| vec![0; width]),
        }
    }

    /// Chroma row `row` of the strip and the two luma rows it spans.
    pub fn fill_420<'a>(
        &mut self,
        row: usize,
        source: impl Fn(usize) -> &'a [u8],
        y: &mut Strip,
        cb: &mut Strip,
        cr: &mut Strip,
    ) {
        colour::split(source(row * 2), &mut self.upper);
        colour::split(source(row * 2 + 1), &mut self.lower);
        colour::luma(&self.upper, y.row(row * 2));
        colour::luma(&self.lower, y.row(row * 2 + 1));
        colour::sum_2x2(&self.upper, &self.lower, &mut self.wide);
        colour::chroma::<2>(&self.wide, cb.row(row), cr.row(row));
    }

    /// Row `row` of all three components.
    pub fn fill_444<'a>(
        &mut self,
        row: usize,
        source: impl Fn(usize) -> &'a [u8],
        y: &mut Strip,
        cb: &mut Strip,
        cr: &mut Strip,
    ) {
        colour::split(source(row), &mut self.upper);
        colour::luma(&self.upper, y.row(row));
        colour::widen(&self.upper, &mut self.wide);
        colour::chroma::<0>(&self.wide, cb.row(row), cr.row(row));
    }
}

/// Samples of one component less 128, the last repeated to the end of the row.
pub fn fill(source: &[u8], row: &mut [i16]) {
    let less = |sample: u8| i16::from(sample) - 128;
    let (chunks, last) = source.as_chunks::<32>();
    let (out, last_out) = row.as_chunks_mut::<32>();
    for (chunk, out) in chunks.iter().zip(&mut *out) {
        *out = chunk.map(less);
    }
    let rest = out.iter_mut().skip(chunks.len()).flatten().chain(last_out);
    last.iter().zip(rest).for_each(|(&sample, out)| *out = less(sample));
    if let (Some(&last), Some(rest)) = (source.last(), row.get_mut(source.len()..)) {
        rest.fill(i16::from(last) - 128);
    }
}
