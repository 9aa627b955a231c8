//! Decoding of Huffman codes: one look-up gives a short code's symbol, or the next two with their values, or skips several.

mod pairs;
mod skips;

use super::bit_reader::{BitReader, extended};
use crate::Error;
use crate::huffman::Table;

pub use pairs::Pairs;
pub use skips::Skips;

/// Codes up to this length take one look-up.
const FAST: u32 = 10;

/// The advance of a symbol that ends the block or the band.
pub const END: usize = 128;

/// A Huffman table prepared for decoding.
pub struct Lookup {
    /// By the next [`FAST`] bits; see [`entry`].
    fast: [u32; 1 << FAST],
    /// For each length 1..=16: the end of its codes, filled up to 16 bits, and what to add to a code to get its symbol's place.
    ends: [(u32, i32); 16],
    values: Vec<u8>,
}

impl Lookup {
    /// Fails if the table has more codes of some length than there can be.
    pub fn new(table: &Table) -> Result<Box<Self>, Error> {
        let mut ends = [(0, 0); 16];
        let (mut code, mut place) = (0u32, 0i32);
        for ((end, &count), length) in ends.iter_mut().zip(&table.counts).zip(1..) {
            let offset = place - code.cast_signed();
            code += u32::from(count);
            place += i32::from(count);
            if code > 1 << length {
                return Err(Error::Malformed("too many Huffman codes"));
            }
            *end = (code << (16 - length), offset);
            code <<= 1;
        }
        let mut fast = [0; 1 << FAST];
        for (symbol, code, length) in table.codes() {
            let length = u32::from(length);
            if length <= FAST {
                let spread = FAST - length;
                let start = usize::from(code) << spread;
                let entries = fast.get_mut(start..start + (1 << spread)).unwrap_or_default();
                entries.fill(entry(symbol, length));
            }
        }
        Ok(Box::new(Self {
            fast,
            ends,
            values: table.values.clone(),
        }))
    }

    /// The next symbol: by how many places it advances, [`END`] if it ends the block, and the value at the last of them (the
    /// class of the run for an end of band, T.81 table G.1). Symbols of DC differences have only a value.
    #[inline(always)]
    pub fn next(&self, bits: &mut BitReader<'_>) -> Result<(usize, i32), Error> {
        bits.refill_seldom();
        match self.short(bits) {
            Some(found) => Ok(found),
            None => {
                let entry = self.long(bits.peek::<16>())?;
                Ok(symbol(entry, bits))
            }
        }
    }

    /// The same for a code of at most [`FAST`] bits, or nothing; at least 31 bits must be in the window.
    #[inline(always)]
    pub fn short(&self, bits: &mut BitReader<'_>) -> Option<(usize, i32)> {
        let entry = self.fast[bits.peek::<FAST>() as usize];
        (entry != 0).then(|| symbol(entry, bits))
    }

    /// The entry for any code.
    #[inline(never)]
    fn long(&self, window: u32) -> Result<u32, Error> {
        let (length, symbol) = self.code(window).ok_or(Error::Malformed("Huffman code"))?;
        Ok(entry(symbol, length))
    }

    /// Length and symbol of the code that these 16 bits begin with.
    fn code(&self, window: u32) -> Option<(u32, u8)> {
        let mut lengths = self.ends.iter().zip(1u32..);
        let (&(_, offset), length) = lengths.find(|&(&(end, _), _)| window < end)?;
        let place = usize::try_from((window >> (16 - length)).cast_signed() + offset).ok()?;
        Some((length, *self.values.get(place)?))
    }

    /// Length and symbol of what `N` bits begin with, for all of them; length 0 where the code is longer.
    fn codes<const N: u32>(&self) -> Vec<(u32, u8)> {
        let mut codes = Vec::with_capacity(1 << N);
        while codes.len() < 1 << N {
            let window = (codes.len() << (16 - N)) as u32;
            let found = self.code(window).filter(|&(length, _)| length <= N);
            let alike = found.map_or(1, |(length, _)| 1 << (N - length));
            codes.resize(codes.len() + alike, found.unwrap_or_default());
        }
        codes
    }
}

/// What a symbol means. From the low end: length of the code and of the bits behind it together, 8; of the latter alone, 8; advance,
/// 8; class of a run, 8.
fn entry(symbol: u8, length: u32) -> u32 {
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    let (advance, class) = match size {
        0 if run < 15 => (END as u32, run),
        _ => (run + 1, 0),
    };
    (length + size) | size << 8 | advance << 16 | class << 24
}

/// Advance and value of a symbol. All its bits, at most 31, are in the window.
#[inline(always)]
fn symbol(entry: u32, bits: &mut BitReader<'_>) -> (usize, i32) {
    let (length, size) = (entry & 63, entry >> 8 & 15);
    // The next symbol waits for the window alone, so all bits are dropped at once.
    let additional = bits.peek_behind(length.wrapping_sub(size), size);
    bits.consume(entry);
    let value = extended(additional, size) + (entry >> 24).cast_signed();
    ((entry >> 16 & 255) as usize, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::intake::tests::with_reader;

    #[test]
    fn short_and_long_codes_are_decoded() {
        // Codes 0, 10, 110, ... with one code of each length, and the all-ones code unused.
        let table = Table {
            counts: [1; 16],
            values: (0..15).map(|run| run << 4 | 1).chain([0]).collect(),
        };
        let lookup = Lookup::new(&table).unwrap();
        // 0+1, 10+0, 1110+1, 0+0, the longest code.
        with_reader(&[0b0110_0111, 0b0100_1111, 0b1111_1111, 0, 0b1110_0000], |mut bits| {
            let symbols: Vec<_> = (0..5).map(|_| lookup.next(&mut bits).unwrap()).collect();
            assert_eq!(symbols, [(1, 1), (2, -1), (4, 1), (1, -1), (END, 0)]);
        });
        with_reader(&[0xFF, 0, 0xFF, 0], |mut bits| assert!(lookup.next(&mut bits).is_err()));
    }

    #[test]
    fn oversubscribed_tables_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        let values = vec![1, 2, 3];
        assert!(Lookup::new(&Table { counts, values }).is_err());
    }

    /// A table of every plausible symbol, more or less likely.
    pub fn table(seed: u32) -> Table {
        let mut histogram = [0u32; 256];
        for (symbol, count) in (0u32..).zip(&mut histogram) {
            if (symbol & 15) <= 10 && (symbol & 15 > 0 || symbol == 0 || symbol == 0xF0) {
                *count = 1 + symbol.wrapping_mul(2_654_435_761).wrapping_add(seed) % (100_000 >> (symbol >> 4));
            }
        }
        Table::optimal(&histogram)
    }
}
