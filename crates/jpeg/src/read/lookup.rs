//! Decoding of Huffman codes: one table look-up for short codes, a walk over the lengths for long ones.

use super::bit_reader::BitReader;
use crate::Error;
use crate::huffman::Table;

/// Codes up to this length take one look-up.
const FAST: u32 = 9;

/// A Huffman table prepared for decoding.
pub struct Lookup {
    /// By the next [`FAST`] bits: length and symbol; length 0 if the code is longer or unused.
    fast: Vec<(u8, u8)>,
    /// For each length 1..=16: the end of its codes, filled up to 16 bits, and what to add to a code to get its symbol's place.
    ends: [(u32, i32); 16],
    values: Vec<u8>,
}

impl Lookup {
    /// Fails if the table has more codes of some length than there can be.
    pub fn new(table: &Table) -> Result<Self, Error> {
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
        let mut fast = vec![(0, 0); 1 << FAST];
        for (symbol, code, length) in table.codes() {
            if u32::from(length) <= FAST {
                let spread = FAST - u32::from(length);
                let start = usize::from(code) << spread;
                if let Some(entries) = fast.get_mut(start..start + (1 << spread)) {
                    entries.fill((length, symbol));
                }
            }
        }
        Ok(Self {
            fast,
            ends,
            values: table.values.clone(),
        })
    }

    /// The next symbol. Leaves at least 16 bits in the reader's window.
    #[inline(always)]
    pub fn symbol(&self, bits: &mut BitReader<'_>) -> Result<u8, Error> {
        bits.refill();
        match self.fast.get(bits.peek(FAST) as usize) {
            Some(&(length, symbol)) if length > 0 => {
                bits.consume(u32::from(length));
                Ok(symbol)
            }
            _ => self.long(bits),
        }
    }

    #[inline(never)]
    fn long(&self, bits: &mut BitReader<'_>) -> Result<u8, Error> {
        let window = bits.peek(16);
        for (&(end, offset), length) in self.ends.iter().zip(1u32..) {
            if window < end {
                bits.consume(length);
                let place = usize::try_from((window >> (16 - length)).cast_signed() + offset).ok();
                return place
                    .and_then(|place| self.values.get(place))
                    .copied()
                    .ok_or(Error::Malformed("Huffman code"));
            }
        }
        // The zero bits that stand in for missing ones are a code of some table, but may be none of this one.
        if bits.overrun() {
            Err(Error::Truncated)
        } else {
            Err(Error::Malformed("Huffman code"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_codes_are_decoded() {
        // Codes 0, 10, 110, ... with one code of each length, and the all-ones code unused.
        let table = Table {
            counts: [1; 16],
            values: (100..116).collect(),
        };
        let lookup = Lookup::new(&table).unwrap();
        let data = [0b0101_1100, 0b1111_1111, 0x00, 0b1111_1110, 0b0000_0000];
        let mut bits = BitReader::new(&data);
        let symbols: Vec<u8> = (0..5).map(|_| lookup.symbol(&mut bits).unwrap()).collect();
        assert_eq!(symbols, [100, 101, 103, 100, 115]);
        assert!(lookup.symbol(&mut BitReader::new(&[0xFF, 0, 0xFF, 0])).is_err());
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
}
