//! Which residuals of a row symbols and carriers change.

use super::settle::{Carried, Masks};
use crate::cells::SIDE;
use crate::table::Writer;

/// A symbol changes the pixel's green, a carrier its blue.
pub(super) const GREEN: u8 = 1;
pub(super) const BLUE: u8 = 2;

/// What is changed in a row.
pub(super) struct Marks<'a> {
    masks: &'a Masks,
    carried: &'a [Carried],
    /// A pixel's [`GREEN`] and [`BLUE`].
    pub flags: Vec<u8>,
    /// How many changes the row's chips make, and its carriers.
    of_chips: Vec<u8>,
    of_carriers: Vec<u8>,
    /// Whether the last carriers' lower row is still to come.
    pub open: bool,
}

impl<'a> Marks<'a> {
    pub fn new(masks: &'a Masks, carried: &'a [Carried]) -> Self {
        Self {
            masks,
            carried,
            flags: Vec::new(),
            of_chips: Vec::new(),
            of_carriers: Vec::new(),
            open: false,
        }
    }

    /// Goes to a row.
    pub fn turn_to(&mut self, y: usize, width: usize) {
        self.flags.clear();
        self.flags.resize(width, 0);
        self.of_chips.clear();
        self.of_carriers.clear();
        let wide = self.masks.wide;
        let band = self
            .masks
            .masks
            .get(y / SIDE * wide..(y / SIDE + 1) * wide)
            .unwrap_or_default();
        for (mask, flags) in band.iter().zip(self.flags.as_chunks_mut::<SIDE>().0) {
            if let Some(mask) = mask {
                let own = (mask >> (y % SIDE * SIDE)) as u8;
                self.of_chips.push(own.count_ones() as u8);
                for (n, flag) in flags.iter_mut().enumerate() {
                    *flag = own >> n & 1;
                }
            }
        }
        for carried in of_row(self.carried, y) {
            let places = [(carried.x, true), (carried.x + 1, carried.right)];
            self.of_carriers.push(flag(&mut self.flags, places));
        }
        for carried in y.checked_sub(1).map(|y| of_row(self.carried, y)).unwrap_or_default() {
            let places = [(carried.x, carried.below), (carried.x + 1, carried.corner)];
            self.of_carriers.push(flag(&mut self.flags, places));
        }
    }

    /// Writes what the row's chips and carriers change into their tables.
    pub fn describe(&mut self, y: usize, chips: &mut Writer, carriers: &mut Writer) {
        if self.masks.masks.len() > y / SIDE * self.masks.wide {
            if y.is_multiple_of(SIDE) {
                chips.number(self.of_chips.len());
            }
            chips.counts(&self.of_chips);
        }
        let own = !of_row(self.carried, y).is_empty();
        if own {
            carriers.number(self.of_carriers.len());
        }
        if own || self.open {
            carriers.counts(&self.of_carriers);
        }
        self.open = own;
    }
}

/// The carriers of a row.
fn of_row(carried: &[Carried], y: usize) -> &[Carried] {
    let from = carried.partition_point(|carried| carried.y < y);
    let to = carried.partition_point(|carried| carried.y <= y);
    carried.get(from..to).unwrap_or_default()
}

/// Flags blue where it is changed; how often it is.
fn flag(flags: &mut [u8], places: [(usize, bool); 2]) -> u8 {
    let mut count = 0;
    for (x, _) in places.into_iter().filter(|(_, changed)| *changed) {
        if let Some(flags) = flags.get_mut(x) {
            *flags |= BLUE;
            count += 1;
        }
    }
    count
}
