//! From coefficients to planes.

use std::borrow::Borrow;

use super::inverse::{self, last, order};
use super::{Plane, Scale};
use crate::Error;
use crate::parser::block::Wanted;
use crate::parser::frame::{Frame, FrameComponent};
use crate::parser::scan::Scan;
use crate::parser::sink::Sink;
use crate::parser::store::Store;

/// The planes of a picture of which `K` coefficients a block are wanted: the square of the samples a block's side becomes. None
/// until there is a frame.
#[derive(Default)]
pub struct Planar<const K: usize> {
    components: Vec<Component<K>>,
    /// Whether chroma that is sampled less densely becomes half as large again.
    pub halves_chroma: bool,
}

/// Bytes that a plane may grow by where it is.
const MARGIN: usize = 32;

/// One component on its way.
struct Component<const K: usize> {
    plane: Plane,
    /// Whether it has half of the samples that it could have, from a quarter of the coefficients.
    sparse: bool,
    /// Samples of a block's side.
    side: usize,
    /// Quantisation steps by slot.
    steps: [i16; K],
    /// A row of MCUs, as wide as whole MCUs are.
    strip: Vec<u8>,
    stride: usize,
    /// Coefficients that wait for further scans; of a sequential picture none do.
    store: Option<Store<K>>,
    /// By slot the middle of what a coefficient that is not zero may be, above what is known of it.
    middles: [i16; K],
}

impl<const K: usize> Planar<K> {
    /// What a picture of so many coefficients a block is decoded at.
    const SCALE: Scale = match K {
        1 => Scale::Eighth,
        4 => Scale::Quarter,
        16 => Scale::Half,
        _ => Scale::Full,
    };

    /// The planes, when all scans have been read.
    pub fn finish(self, frame: &Frame) -> Result<Vec<Plane>, Error> {
        frame.check_scanned()?;
        let scanned = self.components.into_iter().zip(&frame.components);
        scanned.map(|(component, header)| component.finish(header)).collect()
    }
}

impl<const K: usize> Component<K> {
    fn new(header: &FrameComponent, frame: &Frame, sparse: bool) -> Result<Self, Error> {
        let max = |factor: fn(&FrameComponent) -> u8| frame.components.iter().map(factor).max().unwrap_or(1);
        let (most_h, most_v) = (max(|component| component.h), max(|component| component.v));
        let sparse = sparse && 2 * header.h <= most_h && 2 * header.v <= most_v;
        let scale = if sparse {
            Planar::<K>::SCALE.half()
        } else {
            Planar::<K>::SCALE
        };
        let plane_side = |pixels: u16, factor: u8, max: u8| {
            let divisor = usize::from(max) * scale.divisor() as usize;
            (usize::from(pixels) * usize::from(factor)).div_ceil(divisor)
        };
        let (width, height) = (
            plane_side(frame.width, header.h, most_h),
            plane_side(frame.height, header.v, most_v),
        );
        let mut samples = Vec::new();
        let count = width.checked_mul(height).ok_or(Error::Memory)?;
        // Who resamples them reads whole vectors, and would have all copied for room behind the last.
        let room = count.saturating_add(MARGIN);
        samples.try_reserve_exact(room).map_err(|_| Error::Memory)?;
        let side = scale.side();
        let stride = header.blocks_wide * side;
        Ok(Self {
            plane: Plane {
                width,
                height,
                h: header.h,
                v: header.v,
                scale,
                samples,
            },
            sparse,
            side,
            steps: [1; K],
            strip: vec![0; stride * side * usize::from(header.v)],
            stride,
            store: if frame.progressive {
                Some(Store::new(header)?)
            } else {
                None
            },
            middles: [0; K],
        })
    }

    fn set_steps(&mut self, quant: &[u16; 64]) {
        for (&step, &slot) in quant.iter().zip(Planar::<K>::WANTED.slots) {
            if let Some(to) = self.steps.get_mut(usize::from(slot)) {
                // A step beyond 15 bits leaves no coefficient that samples of 8 bits can have.
                *to = step.cast_signed();
            }
        }
    }

    /// Transforms blocks into the strip, from this sample on and in every `step`th column.
    #[inline(always)]
    fn transform(&mut self, start: usize, step: usize, blocks: impl Iterator<Item = (impl Borrow<[i16; K]>, bool)>) {
        let (stride, steps) = (self.stride, &self.steps);
        let mut out = self.strip.get_mut(start..).unwrap_or_default();
        if self.sparse {
            for (block, ac) in blocks {
                transform_lowest(out, stride, block.borrow(), steps, ac);
                out = out
                    .get_mut(Planar::<K>::SCALE.half().side() * step..)
                    .unwrap_or_default();
            }
        } else {
            for (block, ac) in blocks {
                transform(out, stride, block.borrow(), steps, ac);
                out = out.get_mut(Planar::<K>::SCALE.side() * step..).unwrap_or_default();
            }
        }
    }

    /// Moves complete rows of blocks from the strip to the plane.
    fn rows_done(&mut self, rows: usize) {
        let Plane { width, height, .. } = self.plane;
        let done = self.plane.samples.len() / width.max(1);
        let rows = (rows * self.side).min(height - done.min(height));
        for row in self.strip.chunks_exact(self.stride.max(1)).take(rows) {
            self.plane
                .samples
                .extend_from_slice(row.get(..width).unwrap_or_default());
        }
    }

    fn finish(mut self, header: &FrameComponent) -> Result<Plane, Error> {
        if let Some(waiting) = self.store.take() {
            self.set_steps(&header.quant);
            let middles = self.middles;
            for row in waiting.blocks.chunks_exact(waiting.blocks_wide.max(1)) {
                let ac = |block: &[i16; K]| block.iter().skip(1).fold(0, |all, &coefficient| all | coefficient) != 0;
                self.transform(0, 1, row.iter().map(|block| (raised(block, &middles), ac(block))));
                self.rows_done(1);
            }
        }
        let Plane { width, height, .. } = self.plane;
        if self.plane.samples.len() != width * height {
            return Err(Error::Malformed("component without a scan"));
        }
        Ok(self.plane)
    }
}

impl<const K: usize> Sink<K> for Planar<K> {
    const WANTED: Wanted<'static> = Wanted {
        slots: &order::<K>(),
        last: last::<K>(),
    };
    const DROPPED_BITS: u8 = if K == 64 { 0 } else { 2 };

    fn frame(&mut self, frame: &Frame) -> Result<(), Error> {
        if frame.components.len() == 2 {
            return Err(Error::Unsupported("two components"));
        }
        let halves = self.halves_chroma && K > 1 && frame.components.len() == 3;
        let components = frame.components.iter().enumerate();
        self.components = components
            .map(|(number, component)| Component::new(component, frame, halves && number > 0))
            .collect::<Result<_, _>>()?;
        Ok(())
    }

    fn scan(&mut self, frame: &Frame, scan: &Scan) {
        for selected in &scan.components {
            if let (Some(component), Some(header)) = (
                self.components.get_mut(selected.number),
                frame.components.get(selected.number),
            ) {
                component.set_steps(&header.quant);
            }
        }
    }

    fn blocks<'b>(
        &mut self,
        number: usize,
        (column, step): (usize, usize),
        (row, _): (usize, usize),
        blocks: impl Iterator<Item = (&'b [i16; K], bool)>,
    ) {
        if let Some(component) = self.components.get_mut(number) {
            component.transform((row * component.stride + column) * component.side, step, blocks);
        }
    }

    fn rows_done(&mut self, number: usize, rows: usize) {
        if let Some(component) = self.components.get_mut(number) {
            component.rows_done(rows);
        }
    }

    fn store(&mut self, number: usize) -> Option<&mut Store<K>> {
        self.components.get_mut(number)?.store.as_mut()
    }

    fn dropped(&mut self, number: usize, scan: &Scan) {
        let Some(component) = self.components.get_mut(number) else {
            return;
        };
        for &slot in Self::WANTED.slots.get(scan.first..=scan.last).unwrap_or_default() {
            // Of the refinements passed over, the first was of the highest bit.
            if let Some(middle) = component.middles.get_mut(usize::from(slot)) {
                *middle = (*middle).max(1 << scan.low_bits);
            }
        }
    }
}

/// Coefficients that are not zero moved away from it.
#[inline(always)]
fn raised<const K: usize>(block: &[i16; K], by: &[i16; K]) -> [i16; K] {
    std::array::from_fn(|slot| block[slot].saturating_add(block[slot].signum() * by[slot]))
}

/// Transforms a block to the front of a strip's rows.
#[inline(always)]
fn transform<const K: usize>(out: &mut [u8], stride: usize, block: &[i16; K], steps: &[i16; K], ac: bool) {
    let sample = inverse::flat(block[0], steps[0]);
    match K {
        1 => return place(out, stride, &[[sample]]),
        4 if !ac => return place(out, stride, &[[sample; 2]; 2]),
        // Sixteen are transformed in less time than it takes when the guess is wrong whether they need it.
        16 => {}
        _ if !ac => return place(out, stride, &[[sample; 8]; 8]),
        _ => {}
    }
    let (numbers, steps) = (block.as_slice(), steps.as_slice());
    match K {
        4 => {
            if let (Some(block), Some(steps)) = (numbers.first_chunk(), steps.first_chunk()) {
                place(out, stride, &inverse::two(block, steps));
            }
        }
        16 => {
            if let (Some(block), Some(steps)) = (numbers.first_chunk(), steps.first_chunk()) {
                place(out, stride, &inverse::four(block, steps));
            }
        }
        _ => {
            if let (Some(block), Some(steps)) = (numbers.first_chunk(), steps.first_chunk()) {
                place(out, stride, &inverse::eight(block, steps));
            }
        }
    }
}

/// The same at half the scale.
#[inline(always)]
fn transform_lowest<const K: usize>(out: &mut [u8], stride: usize, block: &[i16; K], steps: &[i16; K], ac: bool) {
    let (numbers, all_steps) = (block.as_slice(), steps.as_slice());
    match K {
        16 => {
            if let (Some(block), Some(steps)) = (numbers.first_chunk(), all_steps.first_chunk()) {
                let [block, steps] = [block, steps].map(inverse::lowest_four);
                transform(out, stride, &block, &steps, ac);
            }
        }
        64 => {
            if let (Some(block), Some(steps)) = (numbers.first_chunk(), all_steps.first_chunk()) {
                let [block, steps] = [block, steps].map(inverse::lowest_sixteen);
                transform(out, stride, &block, &steps, ac);
            }
        }
        _ => transform(out, stride, &[block[0]], &[steps[0]], ac),
    }
}

/// Copies the rows of a block into a strip.
#[inline(always)]
fn place<const N: usize>(out: &mut [u8], stride: usize, rows: &[[u8; N]; N]) {
    for (y, row) in rows.iter().enumerate() {
        // Were the rest of the rows reached by another way than from here, an engine that computes values where they are used would
        // compute all of them again for each row.
        let Some(to) = out.get_mut(y * stride..y * stride + N) else {
            return;
        };
        to.copy_from_slice(row);
    }
}
