//! What the transform makes of a picture before it is rounded: for choosing between levels that are equally cheap to code.

use crate::dct::{self, Reciprocals};
use crate::{Coefficients, Component, Process, Visit};

/// The coefficients of a picture before quantisation, in eighths of the unit that quantisation steps have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spectrum(Coefficients);

impl Spectrum {
    pub(crate) fn new(eighths: Coefficients) -> Self {
        Self(eighths)
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn sides(&self) -> (u16, u16) {
        (self.0.width, self.0.height)
    }

    /// The components; their blocks hold eighths, and `quant` the steps that they will be quantised with.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.0.components
    }

    /// Component and number of every block in the order of an interleaved scan (T.81 A.2.3).
    pub fn coding_order(&self) -> impl Iterator<Item = (usize, usize)> {
        self.0.coding_order()
    }

    /// The numbers of the first component's blocks in that order.
    #[must_use]
    pub fn luma_order(&self) -> Vec<usize> {
        self.0.luma_order()
    }

    /// As [`Process::visits`] of the coefficients.
    pub fn visits(&self, process: Process) -> impl Iterator<Item = Visit> {
        process.visits(&self.0)
    }

    /// Rounds to the nearest level, in place.
    #[must_use]
    pub fn quantised(mut self) -> Coefficients {
        for component in &mut self.0.components {
            quantise(&mut component.blocks, &Reciprocals::new(&component.quant));
        }
        self.0
    }
}

/// Out of line, so that the numbers of whoever calls it do not take its registers.
#[inline(never)]
fn quantise(blocks: &mut [[i16; 64]], reciprocals: &Reciprocals) {
    for block in blocks {
        dct::quantise(block, reciprocals);
    }
}
