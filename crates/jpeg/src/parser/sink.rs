//! Where decoded coefficients go.

use super::block::{Slots, Wanted};
use super::frame::Frame;
use super::scan::{Procedure, Scan};
use super::store::Store;
use crate::Error;

/// Takes the coefficients of a picture, `K` of each block.
pub trait Sink<const K: usize> {
    /// Which, and their order.
    const WANTED: Wanted<'static>;

    /// Refinements from this bit downwards are not worth their time: their scans are passed over.
    const DROPPED_BITS: u8;

    /// The frame header has been read.
    fn frame(&mut self, frame: &Frame) -> Result<(), Error>;

    /// A scan of a sequential picture begins.
    fn scan(&mut self, frame: &Frame, scan: &Scan);

    /// Blocks of a sequential picture: the number of their component; the first one's column, and how many columns the others follow
    /// each other in; their row within the MCU and within the component; of each its slots, and whether there may be more than DC in it.
    fn blocks<'b>(
        &mut self,
        number: usize,
        columns: (usize, usize),
        rows: (usize, usize),
        blocks: impl Iterator<Item = (&'b [i16; K], bool)>,
    );

    /// `rows` rows of blocks of a component of a sequential picture are complete.
    fn rows_done(&mut self, number: usize, rows: usize);

    /// The coefficients of a component of a progressive picture.
    fn store(&mut self, number: usize) -> Option<&mut Store<K>>;

    /// A scan has been passed over.
    fn dropped(&mut self, number: usize, scan: &Scan);

    /// Whether the scan must be decoded for what is wanted. Refinement needs to know of every coefficient of its band whether
    /// it is zero, so that whatever is going to be refined cannot be passed over.
    fn wants(scan: &Scan) -> bool {
        match scan.procedure {
            Procedure::Sequential | Procedure::DcFirst | Procedure::DcRefinement => true,
            Procedure::AcFirst | Procedure::AcRefinement if K == 1 => false,
            Procedure::AcFirst => scan.first <= Self::WANTED.last || scan.low_bits > Self::DROPPED_BITS,
            Procedure::AcRefinement => scan.low_bits >= Self::DROPPED_BITS,
        }
    }
}

/// The slots of the wanted places in this order of places. The others have the slot behind.
pub const fn slots(places: &[u8]) -> Slots {
    let mut slots = [places.len() as u8; 256];
    let mut slot = 0;
    while slot < places.len() {
        slots[places[slot] as usize] = slot as u8;
        slot += 1;
    }
    slots
}
