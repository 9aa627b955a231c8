//! The compressed pixels: one block with a Huffman code of its own, of literals and of runs of zeros (RFC 1951 section 3.2).

use crate::bits::Bits;
use crate::carriers::{BAND, Carriers};
use crate::cells::{Block, CELL, SIDE};
use crate::container::Coded;
use crate::filter::Filter;
use crate::huffman::{END, LITERALS, SYMBOLS, lengths};
use crate::layout::ADLER_MODULUS;
use crate::picture::{Picture, Shape};
use crate::rows::{Rows, Sink};
use crate::table::Writer;

/// Rows of which one is counted to find the code, so that all rows of blocks have their turn, and bytes up to which all are.
const SAMPLED: usize = 5;
const SMALL: u64 = 1 << 17;

/// Compresses a picture whose chips and carriers all hold 0 and are settled, behind what the file begins with. The second is the
/// Adler-32 of the filtered pixels.
pub(crate) fn code(
    picture: &Picture,
    blocks: &[Block],
    filters: &[Filter],
    carriers: &Carriers,
    file: Vec<u8>,
) -> (Coded, u32) {
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
    let mut counts = Vec::new();
    for y in 0..shape.height {
        rows.turn_to(y);
        adler.write(rows.line());
        let in_cells = carriers.on_grid() && y % BAND < CELL && y - y % BAND + BAND <= shape.height;
        if in_cells {
            if y.is_multiple_of(BAND) {
                let wide = shape.width / SIDE;
                let band = blocks.get(y / BAND * wide..).unwrap_or_default();
                sums.begin(band.iter().take(wide));
                table.number(sums.chips());
            }
            let (firsts, last) = rows.of_chips();
            counts.clear();
            counts.extend(
                firsts
                    .iter()
                    .map(|first| (first.count_ones() + last.count_ones()) as u8),
            );
            table.counts(&counts);
            sums.add(y, firsts, last);
        }
        bits.row(&rows, if in_cells { &mut table } else { &mut lowest });
    }
    bits.symbol(END);
    let coded = Coded {
        file: bits.finish(),
        chips: table.finish(),
        sums: sums.finish(),
        carriers: lowest.finish(),
    };
    (coded, adler.finish())
}

/// Adds up what chips change of Adler-32, in which each byte counts once, and as often as there are bytes from it on.
struct Sums {
    shape: Shape,
    all: Vec<[i64; 2]>,
    /// Columns of the chips of the band.
    columns: Vec<usize>,
}

impl Sums {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            all: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// Goes on to a band.
    fn begin<'a>(&mut self, band: impl Iterator<Item = &'a Block>) {
        self.columns.clear();
        let chips = band.enumerate().filter(|(_, block)| block.chip);
        self.columns.extend(chips.map(|(column, _)| column));
        self.all.resize(self.all.len() + self.columns.len(), [0; 2]);
    }

    /// Chips of the band.
    fn chips(&self) -> usize {
        self.columns.len()
    }

    /// Adds what the chips of the band change in one of its rows.
    fn add(&mut self, y: usize, firsts: &[u8], last: u8) {
        let channels = self.shape.channels;
        let begun = self.all.len() - self.columns.len();
        // Of the first sample of the row, which is behind its filter's byte.
        let weight = self.shape.filtered() - (self.shape.row() as u64 + 1) * y as u64 - 1;
        for ((sums, column), first) in self.all.iter_mut().skip(begun).zip(&self.columns).zip(firsts) {
            let count = i64::from(first.count_ones()) - i64::from(last.count_ones());
            let at = (column * SIDE * channels) as u64;
            sums[0] += count;
            sums[1] += count * (weight - at).cast_signed() - places(*first) + places(last);
            // The last pixel is so many samples further.
            sums[1] += i64::from(last.count_ones()) * (CELL * channels).cast_signed() as i64;
        }
    }

    fn finish(self) -> Vec<[u16; 2]> {
        // A remainder is below the modulus, which is below 2^16.
        let reduced = |sums: [i64; 2]| sums.map(|sum| sum.rem_euclid(i64::from(ADLER_MODULUS)) as u16);
        self.all.into_iter().map(reduced).collect()
    }
}

/// The sum of the places of bits that are set.
fn places(mask: u8) -> i64 {
    (0..8).filter(|place| mask >> place & 1 == 1).sum()
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
        self.literals(&[value]);
    }

    fn chip<const N: usize, const ROW: usize>(&mut self, values: &[u8; ROW], _: u8, _: u8) {
        self.literals(values);
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
