//! The compressed pixels: one block with a Huffman code of its own, of literals and of runs of zeros (RFC 1951 section 3.2).

use crate::bits::{Bits, Coder};
use crate::carriers::{BAND, Carriers};
use crate::cells::{Block, CELL, Change};
use crate::filter::Filter;
use crate::huffman::{END, LITERALS, SYMBOLS, lengths};
use crate::layout::ADLER_MODULUS;
use crate::picture::{Picture, Shape};
use crate::rows::{Rows, Sink};
use crate::table::Writer;

/// Rows of which one is counted to find the code, and bytes up to which all of them are.
const SAMPLED: usize = 4;
const SMALL: u64 = 1 << 17;

/// A file up to the end of its compressed pixels, and what symbols change in it.
pub(crate) struct Coded {
    pub file: Vec<u8>,
    /// For each whole band the number of its chips; for each of its rows but the last the number of bits that each chip changes there,
    /// or [`VARIES`] and such a number for each chip; and then the bits' places.
    pub chips: Vec<u8>,
    /// What each chip adds to the two sums of Adler-32.
    pub sums: Vec<[u16; 2]>,
    /// Places of the carriers' bits.
    pub carriers: Vec<u8>,
    /// Adler-32 of the filtered pixels.
    pub adler: u32,
}

/// More than any chip changes in a row.
pub(crate) const VARIES: usize = 31;

/// Compresses a picture whose chips and carriers all hold 0 and are settled, behind what the file begins with.
pub(crate) fn code(
    picture: &Picture,
    blocks: &[Block],
    filters: &[Filter],
    carriers: &Carriers,
    file: Vec<u8>,
) -> Coded {
    let shape = picture.shape;
    let mut rows = Rows::new(picture, blocks, filters, carriers);
    let mut counts = Counts([0; SYMBOLS]);
    let step = if shape.filtered() <= SMALL { 1 } else { SAMPLED };
    for y in (0..shape.height).step_by(step) {
        rows.turn_to(y);
        rows.walk(&mut counts);
    }
    let mut bits = Bits::new(file, &lengths(&counts.0));
    let mut adler = simd_adler32::Adler32::new();
    let mut table = Writer::with_capacity(blocks.len() * 32);
    let mut lowest = Writer::with_capacity(carriers.count() * 3);
    let mut sums = Sums::new(shape);
    for y in 0..shape.height {
        rows.turn_to(y);
        adler.write(rows.line());
        bits.reserve(rows.line().len());
        let in_cells = carriers.on_grid() && y % BAND < CELL && y - y % BAND + BAND <= shape.height;
        if in_cells {
            let (counts, changes) = rows.of_chips();
            if y.is_multiple_of(BAND) {
                table.number(counts.len());
            }
            describe(counts, &mut table);
            sums.add(y, counts, changes);
        }
        rows.walk(&mut Coder {
            bits: &mut bits,
            table: if in_cells { &mut table } else { &mut lowest },
        });
    }
    bits.symbol(END);
    Coded {
        file: bits.finish(),
        chips: table.finish(),
        sums: sums.finish(),
        carriers: lowest.finish(),
        adler: adler.finish(),
    }
}

/// Writes how many bits each chip changes in a row.
fn describe(counts: &[u8], table: &mut Writer) {
    match counts.split_first() {
        Some((first, others)) if others.iter().any(|count| count != first) => {
            table.number(VARIES);
            counts.iter().for_each(|count| table.number((*count).into()));
        }
        first => table.number(first.map_or(0, |(first, _)| (*first).into())),
    }
}

/// Adds up what chips change of Adler-32, in which each byte counts once, and as often as there are bytes from it on.
struct Sums {
    shape: Shape,
    /// Of bands that are complete.
    done: usize,
    all: Vec<[i64; 2]>,
}

impl Sums {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            done: 0,
            all: Vec::new(),
        }
    }

    /// Adds what the chips of a band change in one of its rows.
    fn add(&mut self, y: usize, counts: &[u8], mut changes: &[Change]) {
        if y.is_multiple_of(BAND) {
            self.done = self.all.len();
            self.all.resize(self.done + counts.len(), [0; 2]);
        }
        let behind = self.shape.filtered() - (self.shape.row() as u64 + 1) * y as u64;
        for (sums, count) in self.all.iter_mut().skip(self.done).zip(counts) {
            let (own, rest) = changes.split_at_checked((*count).into()).unwrap_or_default();
            changes = rest;
            for change in own {
                let sign = if change.grows { 1 } else { -1 };
                sums[0] += sign;
                sums[1] += sign * (behind - change.at as u64).cast_signed();
            }
        }
    }

    fn finish(self) -> Vec<[u16; 2]> {
        // A remainder is below the modulus, which is below 2^16.
        let reduced = |sums: [i64; 2]| sums.map(|sum| sum.rem_euclid(i64::from(ADLER_MODULUS)) as u16);
        self.all.into_iter().map(reduced).collect()
    }
}

/// How often each symbol occurs.
struct Counts([u32; SYMBOLS]);

impl Sink for Counts {
    fn literals(&mut self, values: &[u8]) {
        for value in values {
            self.0[usize::from(*value)] += 1;
        }
    }

    fn changeable(&mut self, value: u8) {
        self.0[usize::from(value)] += 1;
    }

    fn run(&mut self, length: usize) {
        let (symbol, ..) = crate::bits::run(length);
        if let Some(count) = self
            .0
            .get_mut(LITERALS..)
            .and_then(|others| others.get_mut(symbol - LITERALS))
        {
            *count += 1;
        }
    }
}
