//! Two symbols at once, with their values.

use super::{END, Lookup};
use crate::Error;
use crate::parser::bit_reader::{BitReader, extended};
use crate::parser::block::{SPAN, Wanted, put};

/// As many bits are looked at. Longer finds two symbols more often and fills more of the cache: of the tables of luma and of chroma,
/// 16 KiB each, much has to be in the first level at once.
const PAIR: u32 = 12;

/// What the next bits of an AC table's data say.
pub struct Pairs(Box<[u32; 1 << PAIR]>);

/// One or two symbols that lie wholly in the window, with the bits behind their codes. From the low end: the bits they take, 6; the
/// zeros before the first value, 2; the places that both advance, 8; their values, 8 each. Before a lone symbol stands one that is a
/// zero in its first place. Without a symbol it takes no bits and advances out of every block.
#[derive(Clone, Copy)]
pub struct Pair(u32);

impl Pair {
    /// Bits they take, in the low 6 bits.
    #[inline(always)]
    pub fn length(self) -> u32 {
        self.0
    }

    /// Places that the first advances.
    #[inline(always)]
    pub fn first(self) -> usize {
        (self.0 >> 6 & 3) as usize + 1
    }

    /// Places that both do.
    #[inline(always)]
    pub fn both(self) -> usize {
        (self.0 >> 8 & 255) as usize
    }

    /// Their values, in the order in which they have to be put.
    #[inline(always)]
    pub fn values(self) -> [i16; 2] {
        let bits = self.0.cast_signed();
        [(bits << 8 >> 24) as i16, (bits >> 24) as i16]
    }
}

/// From no place does it lead to where a block may end.
const NO_PAIR: u32 = 191 << 8;

impl Pairs {
    /// From the table itself.
    pub fn new(table: &Lookup) -> Result<Self, Error> {
        let codes = table.codes::<PAIR>();
        let pairs: Vec<u32> = (0..1 << PAIR).map(|window| pair(window, &codes)).collect();
        let pairs = pairs.into_boxed_slice().try_into();
        Ok(Self(pairs.map_err(|_| Error::Memory)?))
    }

    /// What the next bits say. They have to be dropped.
    #[inline(always)]
    pub fn peek(&self, bits: &BitReader<'_>) -> Pair {
        Pair(self.0[bits.peek::<PAIR>() as usize])
    }

    /// Decodes symbols from `place` on, at most 63, to the end of the block or beyond the last wanted place. Returns the place behind
    /// them and whether that is all: it gives up before what is rare.
    #[inline(always)]
    pub fn decode(
        &self,
        bits: &mut BitReader<'_>,
        mut place: usize,
        wanted: Wanted<'_>,
        block: &mut [i16; SPAN],
    ) -> (usize, bool) {
        loop {
            bits.refill();
            for _ in 0..4 {
                let pair = self.peek(bits);
                let next = place + pair.both();
                // What is beyond the block lands where nobody looks.
                put(block, wanted, place + pair.first(), pair.values()[0]);
                put(block, wanted, next, pair.values()[1]);
                if next > wanted.last {
                    // Beyond the block's last place another block begins, and its first code is of another table.
                    if next > 64 && !(END..END + 64).contains(&next) {
                        return (place, false);
                    }
                    bits.consume(pair.length());
                    return (next, true);
                }
                bits.consume(pair.length());
                place = next;
            }
        }
    }
}

fn pair(window: usize, codes: &[(u32, u8)]) -> u32 {
    let Some((taken, advance, value)) = single(window, codes, PAIR) else {
        return NO_PAIR;
    };
    let Ok(value) = i8::try_from(value) else {
        return NO_PAIR;
    };
    let entry = |taken: u32, zeros: usize, both: usize, values: [i8; 2]| {
        let [first, second] = values.map(|value| u32::from(value.cast_unsigned()));
        taken | (zeros as u32) << 6 | (both as u32) << 8 | first << 16 | second << 24
    };
    let rest = window << taken & ((1 << PAIR) - 1);
    if advance <= 4
        && let Some((also, further, second)) = single(rest, codes, PAIR - taken)
        && let Ok(second) = i8::try_from(second)
    {
        return entry(taken + also, advance - 1, advance + further, [value, second]);
    }
    entry(taken, 0, advance, [0, value])
}

/// Bits, advance and value of the first symbol, if the first `available` bits hold it.
fn single(window: usize, codes: &[(u32, u8)], available: u32) -> Option<(u32, usize, i32)> {
    let (length, symbol) = codes.get(window).copied().unwrap_or_default();
    let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
    if length == 0 || length + size > available {
        return None;
    }
    match (size, run) {
        (0, 0) => return Some((length, END, 0)),
        // The length of a run of blocks comes behind it.
        (0, 1..15) => return None,
        _ => {}
    }
    let following = window >> (PAIR - length - size) & ((1 << size) - 1);
    Some((length + size, run + 1, extended(following as u32, size)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use crate::parser::intake::tests::with_reader;
    use crate::parser::sink::slots;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_two_at_once_is_decoding(
            seed in any::<u32>(),
            data in proptest::collection::vec(0u8..255, 300..400),
            start in 1usize..64,
            last in 4usize..64,
        ) {
            let places: Vec<u8> = (0..64).collect();
            let wanted = Wanted { slots: &slots(&places), last };
            let lookup = Lookup::new(&table(seed)).unwrap();
            let pairs = Pairs::new(&lookup).unwrap();
            with_reader(&data, |mut quickly| {
                let mut slowly = quickly;
                let (mut block, mut expected) = ([0; SPAN], [0; SPAN]);
                let (next, done) = pairs.decode(&mut quickly, start, wanted, &mut block);
                let mut place = start;
                while place < next {
                    let (advance, value) = lookup.next(&mut slowly).unwrap();
                    place += advance;
                    put(&mut expected, wanted, place, value as i16);
                }
                prop_assert_eq!(place, next);
                prop_assert!(!done || next > last);
                prop_assert_eq!(&block[..next.min(64)], &expected[..next.min(64)]);
                slowly.refill();
                quickly.refill();
                prop_assert_eq!(slowly.take(15), quickly.take(15));
                Ok(())
            })?;
        }
    }
}
