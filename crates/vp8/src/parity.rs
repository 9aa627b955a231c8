//! Parities that the caller wants levels to have.

use crate::quantise::Wanted;

/// Decides the parity of quantised luma levels.
pub trait Parity {
    /// Parity of the magnitude that the level at zigzag `index` (0..16) of sub-block `block` (0..16, raster order) of
    /// `macroblock` (raster order) must have: true for odd, `None` to leave it alone. Index 0 is without
    /// effect in macroblocks that code their DC coefficients apart.
    ///
    /// It is called inside the prediction loop: later predictions are made from the changed levels, so nothing drifts.
    fn of(&self, macroblock: usize, block: usize, index: usize) -> Option<bool>;
}

impl<F: Fn(usize, usize, usize) -> Option<bool>> Parity for F {
    fn of(&self, macroblock: usize, block: usize, index: usize) -> Option<bool> {
        self(macroblock, block, index)
    }
}

/// Collects the parities of a macroblock's levels; `None` when none is prescribed.
pub(crate) fn wanted(parity: &dyn Parity, macroblock: usize) -> Option<Wanted<16>> {
    let mut wanted = Wanted {
        chosen: [[0; 16]; 16],
        odd: [[0; 16]; 16],
    };
    let mut any = false;
    for index in 0..16 {
        for block in 0..16 {
            if let Some(odd) = parity.of(macroblock, block, index) {
                any = true;
                wanted.chosen[index][block] = 1;
                wanted.odd[index][block] = odd.into();
            }
        }
    }
    any.then_some(wanted)
}
