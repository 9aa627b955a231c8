//! Two symbols at once, with their values.

use super::{END, Lookup};
use crate::Error;
use crate::parser::bit_reader::{BitReader, extended};
use crate::parser::block::{SPAN, Wanted, put};

/// As many bits are looked at. Longer finds two symbols more often and fills more of the cache.
const PAIR: u32 = 12;

/// What the next bits of an AC table's data say.
pub struct Pairs(Box<[u64; 1 << PAIR]>);

/// One or two symbols that lie wholly in the window, with the bits behind their codes. From the low end: the bits they take, 8; the
/// places that the first advances, 8; those that both do, 16; their values, 16 each. A lone symbol stands there twice. Without one it
/// takes no bits and advances out of every block.
#[derive(Clone, Copy)]
pub struct Pair(u64);

impl Pair {
    /// Bits they take, in the low 6 bits.
    #[inline(always)]
    pub fn length(self) -> u32 {
        self.0 as u32
    }

    /// Places that the first advances, in the low 8 bits.
    #[inline(always)]
    pub fn first(self) -> usize {
        (self.0 as u32 >> 8) as usize
    }

    /// Places that both do.
    #[inline(always)]
    pub fn both(self) -> usize {
        (self.0 as u32 >> 16) as usize
    }

    /// Their values.
    #[inline(always)]
    pub fn values(self) -> [i16; 2] {
        [(self.0 >> 32) as i16, (self.0 >> 48) as i16]
    }
}

const NO_PAIR: u64 = ((END as u64) << 8) | ((5 * END as u64) << 16);

impl Pairs {
    /// From the table itself.
    pub fn new(table: &Lookup) -> Result<Self, Error> {
        let codes = table.codes::<PAIR>();
        let pairs: Vec<u64> = (0..1 << PAIR).map(|window| pair(window, &codes)).collect();
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

fn pair(window: usize, codes: &[(u32, u8)]) -> u64 {
    let Some((taken, advance, value)) = single(window, codes, PAIR) else {
        return NO_PAIR;
    };
    let second = if advance == END {
        None
    } else {
        let rest = window << taken & ((1 << PAIR) - 1);
        single(rest, codes, PAIR - taken)
    };
    let (both_taken, both, second) = second.map_or((taken, advance, value), |(also, further, second)| {
        (taken + also, advance + further, second)
    });
    let word = |value: i32| u64::from((value as i16).cast_unsigned());
    u64::from(both_taken) | (advance as u64) << 8 | (both as u64) << 16 | word(value) << 32 | word(second) << 48
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
