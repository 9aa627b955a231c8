//! Coefficients of one component that wait for further scans.

use super::frame::FrameComponent;
use crate::Error;

/// `K` coefficients of each block.
#[derive(Default)]
pub struct Store<const K: usize> {
    /// Blocks in a row.
    pub blocks_wide: usize,
    /// Row by row.
    pub blocks: Vec<[i16; K]>,
    /// For each block which places, wanted or not, are not zero: refinement needs to know. Empty until something does.
    pub significant: Vec<u64>,
}

impl<const K: usize> Store<K> {
    /// Zeros for all blocks, or an error instead of an abort when there is no memory.
    pub fn new(component: &FrameComponent) -> Result<Self, Error> {
        let count = component.blocks_wide.checked_mul(component.blocks_high);
        Ok(Self {
            blocks_wide: component.blocks_wide,
            blocks: zeros(count.ok_or(Error::Memory)?, [0; K])?,
            significant: Vec::new(),
        })
    }

    /// Takes the memory for `significant`, if that has not been done.
    pub fn track(&mut self) -> Result<(), Error> {
        if self.significant.is_empty() {
            self.significant = zeros(self.blocks.len(), 0)?;
        }
        Ok(())
    }
}

fn zeros<T: Copy>(count: usize, zero: T) -> Result<Vec<T>, Error> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(count).map_err(|_| Error::Memory)?;
    zeros.resize(count, zero);
    Ok(zeros)
}
