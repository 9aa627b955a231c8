//! Several symbols at once when nobody wants their values.

use super::{END, Lookup};
use crate::Error;
use crate::parser::bit_reader::BitReader;

/// As many bits are looked at to skip what is in them. Longer skips more at once and fills more of the cache.
const SKIP: u32 = 12;

/// What the next bits of an AC table's data say when nobody wants the values.
///
/// An entry covers all symbols whose codes lie wholly in the window: the bits they take, at most [`MOST`], in the low 6; the places
/// they advance, 7 from bit 6, and [`END`] more if the last one ends the block. Without a symbol it takes no bits and advances out of
/// every block.
pub struct Skips(Box<[u16; 1 << SKIP]>);

const NO_SKIP: u16 = 1 << 15;

/// Bits that an entry may take: as many as are left in a window after the longest DC difference, and half of a full one.
const MOST: u32 = 25;

impl Skips {
    /// From the table itself.
    pub fn new(table: &Lookup) -> Result<Self, Error> {
        let codes = table.codes::<SKIP>();
        let skips: Vec<u16> = (0..1 << SKIP).map(|window| skip(window, &codes)).collect();
        let skips = skips.into_boxed_slice().try_into();
        Ok(Self(skips.map_err(|_| Error::Memory)?))
    }

    /// Skips symbols from `place` on, at most 63, to the end of the block. Returns the place behind them and whether the block is
    /// over: it gives up before what is rare.
    #[inline(always)]
    pub fn skip(&self, bits: &mut BitReader<'_>, mut place: usize) -> (usize, bool) {
        loop {
            bits.refill();
            for _ in 0..2 {
                let entry = u32::from(self.0[bits.peek::<SKIP>() as usize]);
                let next = place + (entry >> 6) as usize;
                if next > 63 {
                    // Beyond the block's last place another block begins, and its first code is of another table.
                    if next > 64 && !(END..END + 64).contains(&next) {
                        return (place, false);
                    }
                    bits.consume(entry);
                    return (next, true);
                }
                bits.consume(entry);
                place = next;
            }
        }
    }
}

fn skip(window: usize, codes: &[(u32, u8)]) -> u16 {
    let (mut taken, mut advance) = (0, 0);
    while taken < SKIP {
        let at = window << taken & ((1 << SKIP) - 1);
        let (length, symbol) = codes.get(at).copied().unwrap_or_default();
        let (run, size) = (u16::from(symbol >> 4), u32::from(symbol & 15));
        if length == 0 || taken + length > SKIP || taken + length + size > MOST || advance + run + 1 > 63 {
            break;
        }
        taken += length;
        if size == 0 && run < 15 {
            return taken as u16 | (advance + END as u16) << 6;
        }
        taken += size;
        advance += run + 1;
    }
    if taken == 0 {
        NO_SKIP
    } else {
        taken as u16 | advance << 6
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;
    use super::*;
    use crate::parser::intake::tests::with_reader;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn skipping_is_decoding(
            seed in any::<u32>(),
            data in proptest::collection::vec(0u8..255, 300..400),
            start in 1usize..64,
        ) {
            let lookup = Lookup::new(&table(seed)).unwrap();
            let skips = Skips::new(&lookup).unwrap();
            with_reader(&data, |mut quickly| {
                let mut slowly = quickly;
                let (next, over) = skips.skip(&mut quickly, start);
                let mut place = start;
                while place < next {
                    let (advance, _) = lookup.next(&mut slowly).unwrap();
                    place += advance;
                }
                prop_assert_eq!(place, next);
                prop_assert!(over == (next >= 64));
                slowly.refill();
                quickly.refill();
                prop_assert_eq!(slowly.take(15), quickly.take(15));
                Ok(())
            })?;
        }
    }
}
