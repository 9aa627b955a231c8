//! Which bits of a file a symbol inverts, as a table of operations in the order of the file.
//!
//! An operation inverts bits of one byte if its symbol is 1. Most of them invert one bit, and lie no more than 30 bytes behind
//! the one before: these are one byte, the distance in the upper five bits and the bit, counted from the most significant, in the
//! lower three. With 31 in the upper five bits, the lower three say what it is:
//!
//! | | operation | further bytes |
//! |---|---|---|
//! | 0 | only moves | distance less 31 |
//! | 1 | the next symbol | distance, mask |
//! | 2 | the same symbol again | distance, mask |
//! | 3 | passes over a symbol | |
//! | 4, 5 | the next symbol, two or three successive bits | distance (five bits), first bit (three) |
//! | 6 | the next symbol, one bit | distance less 31 (five bits), bit (three) |
//! | 7 | the same symbol again, in the next byte | mask |

const ESCAPE: u8 = 31;
const MOVE: u8 = 0;
const NEXT: u8 = 1;
const AGAIN: u8 = 2;
const PASS: u8 = 3;
const TWO_BITS: u8 = 4;
const THREE_BITS: u8 = 5;
const FAR: u8 = 6;
const NEXT_BYTE: u8 = 7;

/// Writes a table.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    at: usize,
}

impl Writer {
    /// The next symbol inverts `mask` of byte `at`, or, with `again`, the one before does so too. Bytes must not come in
    /// descending order.
    pub fn invert(&mut self, at: usize, mask: u8, again: bool) {
        let mut distance = at.saturating_sub(self.at);
        self.at = at;
        // Beyond what any operation reaches.
        while distance > usize::from(u8::MAX) {
            let moved = distance.min(usize::from(ESCAPE) + usize::from(u8::MAX));
            self.escape(MOVE, &[(moved - usize::from(ESCAPE)) as u8]);
            distance -= moved;
        }
        let distance = distance as u8;
        let bit = mask.leading_zeros() as u8;
        match (again, mask << bit, distance) {
            (true, _, 1) => self.escape(NEXT_BYTE, &[mask]),
            (true, _, _) => self.escape(AGAIN, &[distance, mask]),
            (false, 0x80, ..ESCAPE) => self.bytes.push(distance << 3 | bit),
            (false, 0x80, ESCAPE..=62) => self.escape(FAR, &[(distance - ESCAPE) << 3 | bit]),
            (false, 0xC0, ..32) => self.escape(TWO_BITS, &[distance << 3 | bit]),
            (false, 0xE0, ..32) => self.escape(THREE_BITS, &[distance << 3 | bit]),
            (false, _, _) => self.escape(NEXT, &[distance, mask]),
        }
    }

    fn escape(&mut self, kind: u8, rest: &[u8]) {
        self.bytes.push(ESCAPE << 3 | kind);
        self.bytes.extend(rest);
    }

    /// The next symbol inverts nothing.
    pub fn pass(&mut self) {
        self.escape(PASS, &[]);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Does to `file` what `table` says for `symbols`. `None` if the table is not one, names bytes outside the file or more symbols
/// than there are; the file is then neither one thing nor the other. Out of line, so that its numbers stay in registers.
#[inline(never)]
pub(crate) fn apply(table: &[u8], mut symbols: impl Iterator<Item = bool>, file: &mut [u8]) -> Option<()> {
    let mut bytes = table.iter().copied();
    let mut at = 0_usize;
    let mut inverts = 0_u8;
    while let Some(first) = bytes.next() {
        let (distance, mask) = if first >> 3 < ESCAPE {
            inverts = ones(symbols.next()?);
            (first >> 3, 0x80 >> (first & 7))
        } else {
            match first & 7 {
                MOVE => {
                    at = at.saturating_add(usize::from(ESCAPE) + usize::from(bytes.next()?));
                    continue;
                }
                PASS => {
                    symbols.next()?;
                    continue;
                }
                AGAIN => (bytes.next()?, bytes.next()?),
                NEXT_BYTE => (1, bytes.next()?),
                kind => {
                    inverts = ones(symbols.next()?);
                    let place = bytes.next()?;
                    match kind {
                        NEXT => (place, bytes.next()?),
                        TWO_BITS => (place >> 3, 0xC0 >> (place & 7)),
                        THREE_BITS => (place >> 3, 0xE0 >> (place & 7)),
                        _ => ((place >> 3) + ESCAPE, 0x80 >> (place & 7)),
                    }
                }
            }
        };
        at = at.saturating_add(usize::from(distance));
        *file.get_mut(at)? ^= mask & inverts;
    }
    Some(())
}

#[inline(always)]
fn ones(symbol: bool) -> u8 {
    0_u8.wrapping_sub(u8::from(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_does_what_was_written(
            operations in proptest::collection::vec((0..700_usize, 1..=255_u8, 0..4_u8), 0..60),
            symbols in proptest::collection::vec(any::<bool>(), 60),
        ) {
            let mut writer = Writer::default();
            let (mut at, mut used, mut current) = (0, 0, None);
            let mut expected = vec![0; 700 * 60 + 1];
            for (distance, mask, kind) in operations {
                at += distance;
                let again = kind == 3 && current.is_some();
                if kind == 2 {
                    writer.pass();
                    used += 1;
                    continue;
                }
                if !again {
                    current = Some(symbols[used]);
                    used += 1;
                }
                writer.invert(at, mask, again);
                expected[at] ^= if current == Some(true) { mask } else { 0 };
            }
            let table = writer.finish();
            let mut file = vec![0; expected.len()];
            // A symbol passed over ends the one before: `again` never follows `pass` in a table of ours.
            prop_assert!(apply(&table, symbols.into_iter(), &mut file).is_some());
            prop_assert_eq!(file, expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            table in proptest::collection::vec(any::<u8>(), 0..200),
            symbols in proptest::collection::vec(any::<bool>(), 0..100),
            length in 0..2000_usize,
        ) {
            let _ = apply(&table, symbols.into_iter(), &mut vec![0; length]);
        }
    }
}
