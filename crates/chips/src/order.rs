//! The order of what is in a file.

use std::borrow::Cow;

use jpeg::{Coefficients, Process, Visit};

use crate::carriers::LOWEST;
use crate::chip::Chip;

/// The luma blocks of which a file has more than averages, in the order in which it has their lowest frequencies.
pub fn of_frequencies(visits: impl Iterator<Item = Visit>) -> Vec<usize> {
    let lowest = visits.filter(|visit| visit.component == 0 && visit.band >> LOWEST[0] & 1 == 1);
    lowest.map(|visit| visit.block).collect()
}

/// Chips on luma's frequencies, which are in the order of a baseline file, in that of another.
pub fn in_file_order<'c>(chips: &'c [Chip], process: Process, coefficients: &Coefficients) -> Cow<'c, [Chip]> {
    let blocks = coefficients.components.first().map_or(0, |luma| luma.blocks.len());
    if process == Process::Baseline {
        return Cow::Borrowed(chips);
    }
    // Where the chips of each block are.
    let mut of_block = vec![&[][..]; blocks];
    for chips in chips.chunk_by(|one, next| one.block == next.block) {
        if let Some(place) = chips.first().and_then(|chip| of_block.get_mut(chip.block)) {
            *place = chips;
        }
    }
    let mut ordered = Vec::with_capacity(chips.len());
    for visit in process.visits(coefficients).filter(|visit| visit.component == 0) {
        let chips = of_block.get(visit.block).copied().unwrap_or_default();
        ordered.extend(chips.iter().filter(|chip| visit.band >> (chip.index & 63) & 1 == 1));
    }
    Cow::Owned(ordered)
}
