//! Decoding of Huffman codes: one look-up gives a short code's symbol together with the value that follows it, or skips several.

use super::bit_reader::{BitReader, extended};
use crate::Error;
use crate::huffman::Table;

/// Codes, with their additional bits, up to this length take one look-up.
const FAST: u32 = 10;

/// As many bits are looked at to skip what is in them. Longer skips more at once and fills more of the cache.
const SKIP: u32 = 12;

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
                for (entry, following) in entries.iter_mut().zip(0..) {
                    *entry = self::entry(symbol, length, following);
                }
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
        bits.refill();
        if let Some(found) = self.short(bits) {
            return Ok(found);
        }
        let (length, symbol) = self.long(bits.peek(16)).ok_or_else(|| missing(bits))?;
        Ok(long_symbol(bits, length, symbol))
    }

    /// The same for a code of at most [`FAST`] bits, or nothing; at least 32 bits must be in the window.
    #[inline(always)]
    pub fn short(&self, bits: &mut BitReader<'_>) -> Option<(usize, i32)> {
        let entry = self.fast[bits.peek(FAST) as usize];
        if entry & 63 != 0 {
            bits.consume(entry & 63);
            return Some(((entry >> 8 & 255) as usize, entry.cast_signed() >> 16));
        }
        // A value that did not fit into the entry.
        (entry != 0).then(|| long_symbol(bits, entry >> 8 & 255, (entry >> 16) as u8))
    }

    /// Length and symbol of the code that these 16 bits begin with.
    #[inline(never)]
    fn long(&self, window: u32) -> Option<(u32, u8)> {
        let mut lengths = self.ends.iter().zip(1u32..);
        let (&(_, offset), length) = lengths.find(|&(&(end, _), _)| window < end)?;
        let place = usize::try_from((window >> (16 - length)).cast_signed() + offset).ok()?;
        Some((length, *self.values.get(place)?))
    }
}

/// What a symbol means, with the bits behind its code. All, at most 31, are in the window.
#[inline(always)]
fn long_symbol(bits: &mut BitReader<'_>, length: u32, symbol: u8) -> (usize, i32) {
    bits.consume(length);
    let (run, size) = (symbol >> 4, u32::from(symbol & 15));
    if size == 0 {
        return if run == 15 { (16, 0) } else { (END, run.into()) };
    }
    let value = extended(bits.peek(size), size);
    bits.consume(size);
    (usize::from(run) + 1, value)
}

/// The zero bits that stand in for missing ones are a code of some table, but may be none of this one.
#[cold]
fn missing(bits: &BitReader<'_>) -> Error {
    if bits.overrun() {
        Error::Truncated
    } else {
        Error::Malformed("Huffman code")
    }
}

/// The entry for a code of `length` before the bits `following`. From the low end: bits to drop, 6; advance, 8 from bit 8; value,
/// 16. If the value does not fit into the window there is nothing to drop: length of the code and symbol in the same places.
fn entry(symbol: u8, length: u32, following: u32) -> u32 {
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    match size {
        0 if run == 15 => length | 16 << 8,
        0 => length | (END as u32) << 8 | run << 16,
        _ if length + size > FAST => length << 8 | u32::from(symbol) << 16,
        _ => {
            let value = extended(following >> (FAST - length - size), size);
            (length + size) | (run + 1) << 8 | value.cast_unsigned() << 16
        }
    }
}

/// What the next bits of an AC table's data say when nobody wants the values.
///
/// An entry covers all symbols whose codes lie wholly in the window: the bits they take, in the low 5; the places they advance, 7
/// from bit 5; whether the last one ends the block, bit 15. Without a symbol it takes no bits and advances out of every block.
pub struct Skips(Box<[u16; 1 << SKIP]>);

const NO_SKIP: u16 = 127 << 5;

impl Skips {
    /// From the table itself.
    pub fn new(table: &Lookup) -> Result<Self, Error> {
        let skips = vec![0; 1 << SKIP].try_into();
        let mut skips: Box<[u16; 1 << SKIP]> = skips.map_err(|_| Error::Memory)?;
        // Length and symbol of codes up to the window's length.
        let mut codes = vec![(0u8, 0u8); 1 << SKIP];
        let mut window = 0;
        while let Some(rest) = codes.get_mut(window..)
            && let Some((length, symbol)) = table.long((window << (16 - SKIP)) as u32)
            && length <= SKIP
        {
            let alike = 1 << (SKIP - length);
            rest.get_mut(..alike).unwrap_or_default().fill((length as u8, symbol));
            window += alike;
        }
        for (window, skip) in skips.iter_mut().enumerate() {
            *skip = self::skip(window, &codes);
        }
        Ok(Self(skips))
    }

    /// Skips symbols that come at `place`, at most 63. Returns the place behind them, [`END`] behind the end of the block, or
    /// nothing if no symbol is known or the block would not end where it must. At least 32 bits must be in the window.
    #[inline(always)]
    pub fn skip(&self, bits: &mut BitReader<'_>, place: usize) -> Option<usize> {
        let entry = u32::from(self.0[bits.peek(SKIP) as usize]);
        let (next, end) = (place + (entry >> 5 & 127) as usize, (entry >> 15) as usize);
        // Beyond the block's last place another block begins, and its first code is of another table.
        if next + end > 64 {
            return None;
        }
        bits.consume(entry & 31);
        Some(if end == 1 { END } else { next })
    }
}

fn skip(window: usize, codes: &[(u8, u8)]) -> u16 {
    let (mut taken, mut advance) = (0, 0);
    while taken < SKIP {
        let at = window << taken & ((1 << SKIP) - 1);
        let (length, symbol) = codes.get(at).copied().unwrap_or_default();
        let (run, size) = (u16::from(symbol >> 4), u32::from(symbol & 15));
        if length == 0 || taken + u32::from(length) > SKIP || advance + run + 1 > 63 {
            break;
        }
        taken += u32::from(length);
        if size == 0 && run < 15 {
            return taken as u16 | advance << 5 | 1 << 15;
        }
        taken += size;
        advance += run + 1;
    }
    if taken == 0 {
        NO_SKIP
    } else {
        taken as u16 | advance << 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::bit_reader::Window;
    use proptest::prelude::*;

    fn reader(data: &[u8]) -> BitReader<'_> {
        BitReader::new(data, Window::default())
    }

    #[test]
    fn short_and_long_codes_are_decoded() {
        // Codes 0, 10, 110, ... with one code of each length, and the all-ones code unused.
        let table = Table {
            counts: [1; 16],
            values: (0..15).map(|run| run << 4 | 1).chain([0]).collect(),
        };
        let lookup = Lookup::new(&table).unwrap();
        // 0+1, 10+0, 1110+1, 0+0, the longest code.
        let data = [0b0110_0111, 0b0100_1111, 0b1111_1111, 0, 0b1110_0000];
        let mut bits = reader(&data);
        let symbols: Vec<_> = (0..5).map(|_| lookup.next(&mut bits).unwrap()).collect();
        assert_eq!(symbols, [(1, 1), (2, -1), (4, 1), (1, -1), (END, 0)]);
        assert!(lookup.next(&mut reader(&[0xFF, 0, 0xFF, 0])).is_err());
    }

    #[test]
    fn oversubscribed_tables_are_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(
            Lookup::new(&Table {
                counts,
                values: vec![1, 2, 3]
            })
            .is_err()
        );
    }

    /// A table of every plausible symbol, more or less likely.
    fn table(seed: u32) -> Table {
        let mut histogram = [0u32; 256];
        for (symbol, count) in (0u32..).zip(&mut histogram) {
            if (symbol & 15) <= 10 && (symbol & 15 > 0 || symbol == 0 || symbol == 0xF0) {
                *count = 1 + symbol.wrapping_mul(2_654_435_761).wrapping_add(seed) % (100_000 >> (symbol >> 4));
            }
        }
        Table::optimal(&histogram)
    }

    proptest! {
        #[test]
        fn skipping_is_decoding(
            seed in any::<u32>(),
            data in proptest::collection::vec(0u8..255, 300..400),
            mut place in 1usize..64,
        ) {
            let lookup = Lookup::new(&table(seed)).unwrap();
            let skips = Skips::new(&lookup).unwrap();
            let (mut slowly, mut quickly) = (reader(&data), reader(&data));
            quickly.refill();
            if let Some(next) = skips.skip(&mut quickly, place) {
                while place < next {
                    let (advance, _) = lookup.next(&mut slowly).unwrap();
                    place = if advance == END { END } else { place + advance };
                }
                prop_assert_eq!(place, next);
                prop_assert_eq!(slowly.take(16), quickly.take(16));
            }
        }
    }
}
