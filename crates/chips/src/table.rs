//! Which bits of a file symbols invert: a table of a byte for each bit, in the order of the file.
//!
//! | byte | the place moves | what is inverted there |
//! |---|---|---|
//! | 0 to 240 | so many bits | the bit, if the next symbol is 1 |
//! | 241 to 250 | 0 to 9 times 241 bits | nothing |
//! | 251 | one bit | nothing |
//! | 252 to 255 | none to three bits | the bit, if the same symbol is 1 |
//!
//! All entries have one length and are done in one way, so that a processor has nothing to guess. A symbol that changes nothing inverts
//! a bit twice. In a table in which each symbol is met twice in succession, as are the two differences that an average changes, it is
//! "next" both times.

mod sixteen;

use sixteen::sixteen;

/// The largest distance to the next symbol.
const FURTHEST: u8 = 240;
/// What does nothing, and moves by so many times that a byte is above it, up to the largest.
const NOTHING: u8 = 241;
const UNIT: usize = FURTHEST as usize + 1;
const LARGEST: u8 = 250;
/// What moves by a bit.
const STEP: u8 = 251;
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
            while distance >= UNIT {
                let units = (distance / UNIT).min(usize::from(LARGEST - NOTHING));
                self.bytes.push(NOTHING + units as u8);
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

    /// The next symbol changes nothing.
    pub fn pass(&mut self) {
        self.bytes.extend([0, SAME]);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Bytes of a file that are looked at together: 16 entries move by less.
const WINDOW: usize = 8192;

/// Does to `file` what a table says for `symbols`, each of which it meets `TIMES` times, once or twice. `None` if it names bytes outside
/// the file or more symbols than there are; the file is then neither one thing nor the other.
pub(crate) fn apply<const TIMES: usize>(table: &[u8], symbols: &[bool], file: &mut Vec<u8>) -> Option<()> {
    let length = file.len();
    if length < WINDOW {
        file.resize(WINDOW, 0);
    }
    // One before the first, and so many behind the last that there are always sixteen to look at.
    let around = [&[false], symbols, &[false; 16]].concat();
    let met = invert::<TIMES>(table, &around, (file, length));
    file.truncate(length);
    (met?.div_ceil(TIMES) <= symbols.len()).then_some(())
}

/// Does it in groups of entries, to so many bytes of a file, and counts how often a symbol was met. Out of line, so that its numbers stay
/// in registers.
#[inline(never)]
fn invert<const TIMES: usize>(table: &[u8], symbols: &[bool], (file, length): (&mut [u8], usize)) -> Option<usize> {
    // In bits.
    let (mut at, mut met) = (0_usize, 0_usize);
    let (groups, rest) = table.as_chunks::<16>();
    let mut last = [NOTHING; 16];
    for (entry, byte) in last.iter_mut().zip(rest) {
        *entry = *byte;
    }
    for entries in groups.iter().chain([&last]) {
        let start = (at / 8).min(file.len() - WINDOW);
        let window = file.get_mut(start..)?.first_chunk_mut()?;
        let group = sixteen::<TIMES>(entries, (symbols, met), (window, at - start * 8))?;
        at += group.moved;
        met += group.met;
        // Places ascend, so none is behind the last.
        if at / 8 >= length {
            return None;
        }
    }
    Some(met)
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
            let twice: Vec<bool> = symbols.iter().flat_map(|symbol| [*symbol; 2]).collect();
            let mut files = [(); 2].map(|()| vec![0; length]);
            let done = [
                apply::<1>(&table, &twice, &mut files[0]),
                apply::<2>(&table, &symbols, &mut files[1]),
            ];
            prop_assert_eq!(done[0], done[1]);
            prop_assert!(done[0].is_none() || files[0] == files[1]);
        }
    }

    #[test]
    fn no_table_takes_more_symbols_than_there_are() {
        let file = &mut vec![0; 9];
        for table in [&[1, 1][..], &[0, SAME, 1]] {
            assert_eq!(
                [
                    apply::<1>(table, &[true; 2], file),
                    apply::<2>(table, &[true], file),
                    apply::<1>(table, &[true], file)
                ],
                [Some(()), Some(()), None]
            );
        }
    }
}
