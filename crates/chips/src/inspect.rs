//! What the chips of a container are: for whoever looks for them in a leak.

use jpeg::{Coefficients, Limits, Process};

use crate::order::in_file_order;
use crate::{Chip, Container, Error};

impl Container {
    /// The picture with every symbol at 0, and its chips in the order of a codeword's symbols.
    ///
    /// Both are found by comparing the copy of all zeros with the copy of all ones, so they are what a client's file holds,
    /// whatever this code may think of it.
    ///
    /// # Errors
    /// [`Error::Damaged`] or [`Error::Jpeg`] if the container is not one that this crate made.
    pub fn inspect(&self) -> Result<(Coefficients, Vec<Chip>), Error> {
        let limits = Limits {
            max_pixels: u64::MAX,
            // Those of a progressive file.
            max_scans: 5,
            max_visits: u64::MAX,
        };
        let copy = |symbol: bool| {
            let file = self.copy(&vec![symbol; self.chips()], &vec![false; self.carriers])?;
            Ok::<_, Error>((jpeg::read(&file, &limits)?, Process::of(&file)))
        };
        let ((zeros, process), (ones, _)) = (copy(false)?, copy(true)?);
        let process = process.ok_or(Error::Damaged)?;
        let luma = |picture: &Coefficients| {
            picture
                .components
                .first()
                .map_or_else(Vec::new, |luma| luma.blocks.clone())
        };
        let (low, high) = (luma(&zeros), luma(&ones));
        let (mut averages, mut textures) = (Vec::new(), Vec::new());
        for (_, block) in zeros.coding_order().filter(|(component, _)| *component == 0) {
            let (Some(low), Some(high)) = (low.get(block), high.get(block)) else {
                return Err(Error::Damaged);
            };
            for (index, (&low, &high)) in low.iter().zip(high).enumerate().filter(|(_, (low, high))| low != high) {
                let chips = if index == 0 { &mut averages } else { &mut textures };
                chips.push(Chip {
                    block,
                    index,
                    low,
                    high,
                });
            }
        }
        averages.extend_from_slice(&in_file_order(&textures, process, &zeros));
        if averages.len() == self.chips() {
            Ok((zeros, averages))
        } else {
            Err(Error::Damaged)
        }
    }
}
