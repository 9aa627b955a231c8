//! Which bits of a file symbols invert: a table of a byte for each bit, in the order of the file.
//!
//! | byte | the place moves | what is inverted there |
//! |---|---|---|
//! | 0 to 229 | so many bits | the bit, if the next symbol is 1 |
//! | 230 to 250 | 1 to 21 times 230 bits | nothing |
//! | 251 | no bit | nothing, and the next symbol is passed over |
//! | 252 | one bit | nothing |
//! | 253 to 255 | one to three bits | the bit, if the same symbol is 1 |
//!
//! All entries have one length and are done in one way, so that a processor has nothing to guess. In a table in which each symbol is
//! met twice in succession, as are the two differences that an average changes, it is "next" both times.

/// The largest distance to the next symbol.
const FURTHEST: u8 = 229;
/// What moves by one more than that, so many times as its byte is above [`FURTHEST`], up to the largest.
const UNIT: usize = FURTHEST as usize + 1;
const LARGEST: u8 = 250;
/// The next symbol inverts nothing.
const PASS: u8 = 251;
/// What moves by a bit.
const STEP: u8 = 252;
/// The same symbol again is so many bits further as its byte is above this.
const SAME: u8 = 252;

/// Writes a table.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    /// In bits.
    at: usize,
}

impl Writer {
    /// The next symbol inverts `mask` of byte `at`, or, with `again`, the one before does so too. Places must ascend.
    pub fn invert(&mut self, at: usize, mut mask: u8, mut again: bool) {
        while mask != 0 {
            let bit = mask.leading_zeros();
            mask ^= 0x80 >> bit;
            let place = at * 8 + bit as usize;
            let mut distance = place.saturating_sub(self.at);
            self.at = place;
            let furthest = if again { u8::MAX - SAME } else { FURTHEST };
            // The same symbol is never met at the same bit again, so something is left to go.
            while distance > UNIT {
                let units = ((distance - 1) / UNIT).min(usize::from(LARGEST - FURTHEST));
                self.bytes.push(FURTHEST + units as u8);
                distance -= units * UNIT;
            }
            while distance > furthest.into() {
                self.bytes.push(STEP);
                distance -= 1;
            }
            self.bytes.push(if again { SAME } else { 0 } + distance as u8);
            again = true;
        }
    }

    /// The next symbol inverts nothing.
    pub fn pass(&mut self) {
        self.bytes.push(PASS);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// What a byte of a table does: how many bits the place moves, from bit 16 on 1 if it is about the symbol before, and from bit 24
/// on 0x80 if it inverts the bit there.
const ENTRIES: [u32; 256] = {
    let mut entries = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        entries[byte] = if byte <= FURTHEST as usize {
            byte as u32 | 0x80 << 24
        } else if byte > SAME as usize {
            (byte - SAME as usize) as u32 | 1 << 16 | 0x80 << 24
        } else if byte == PASS as usize {
            0
        } else {
            let bits = if byte == STEP as usize {
                1
            } else {
                (byte - FURTHEST as usize) * UNIT
            };
            bits as u32 | 1 << 16
        };
        byte += 1;
    }
    entries
};

/// Does to `file` what a table says for `symbols`, each of which it meets `TIMES` times. `None` if it names bytes outside the file or
/// more symbols than there are; the file is then neither one thing nor the other. Out of line, so that its numbers stay in registers.
#[inline(never)]
pub(crate) fn apply<const TIMES: usize>(table: &[u8], symbols: &[bool], file: &mut [u8]) -> Option<()> {
    let (mut at, mut next) = (0_usize, 0_usize);
    let mut entry = |byte: u8| {
        let what = ENTRIES[usize::from(byte)];
        let again = what >> 16 & 1;
        let symbol = symbols
            .get(next.wrapping_sub(again as usize) / TIMES)
            .copied()
            .unwrap_or_default();
        next += (again ^ 1) as usize;
        at = at.wrapping_add((what & 0xFFFF) as usize);
        let inverted = (u32::from(symbol) << 7 & what >> 24) >> (at & 7);
        *file.get_mut(at >> 3)? ^= inverted as u8;
        Some(())
    };
    let (eights, rest) = table.as_chunks::<8>();
    for eight in eights {
        for &byte in eight {
            entry(byte)?;
        }
    }
    for &byte in rest {
        entry(byte)?;
    }
    (next.div_ceil(TIMES) <= symbols.len()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_does_what_was_written(
            operations in proptest::collection::vec((0..1400_usize, 1..=255_u8, 0..4_u8), 0..60),
            symbols in proptest::collection::vec(any::<bool>(), 60),
        ) {
            let mut writer = Writer::default();
            let (mut at, mut used, mut current) = (0, 0, None);
            let mut expected = vec![0; 1400 * 60 + 61];
            for (distance, mask, kind) in operations {
                let again = kind == 3 && current.is_some();
                if !again {
                    current = Some(symbols[used]);
                    used += 1;
                }
                if kind == 2 {
                    writer.pass();
                    continue;
                }
                at += distance + 1;
                writer.invert(at, mask, again);
                expected[at] ^= if current == Some(true) { mask } else { 0 };
            }
            let mut file = vec![0; expected.len()];
            prop_assert!(apply::<1>(&writer.finish(), &symbols[..used], &mut file).is_some());
            prop_assert_eq!(file, expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            table in proptest::collection::vec(any::<u8>(), 0..200),
            symbols in proptest::collection::vec(any::<bool>(), 0..100),
            length in 0..2000_usize,
        ) {
            let _ = apply::<1>(&table, &symbols, &mut vec![0; length]);
            let _ = apply::<2>(&table, &symbols, &mut vec![0; length]);
        }
    }

    #[test]
    fn no_table_takes_more_symbols_than_there_are() {
        let file = &mut [0; 9];
        for table in [[1, 1], [PASS, 1]] {
            assert_eq!(
                [
                    apply::<1>(&table, &[true; 2], file),
                    apply::<2>(&table, &[true], file),
                    apply::<1>(&table, &[true], file)
                ],
                [Some(()), Some(()), None]
            );
        }
    }
}
