//! Which bits of a file symbols invert: two kinds of tables, in the order of the file.
//!
//! Where symbols lie close together and invert a bit or two, a [`Dense`] table has a byte for each bit:
//!
//! | byte | the place moves | what is inverted there |
//! |---|---|---|
//! | 0 to 250 | so many bits | the bit, if the next symbol is 1 |
//! | 251, 252 | 251 bits, one bit | nothing |
//! | 253 to 255 | one to three bits | the bit, if the same symbol is 1 |
//!
//! Elsewhere a [`Sparse`] one has two bytes for a byte of the file: whether it is the same symbol's (one bit), how many bytes the place
//! moves (seven bits), and which bits are inverted, perhaps none.
//!
//! All entries of a table have one length and are done in one way, so that a processor has nothing to guess.

/// The largest distance to the next symbol.
const FURTHEST: u8 = 250;
/// What only moves, and by how many bits.
const MOVE: (u8, usize) = (251, 251);
const STEP: (u8, usize) = (252, 1);
/// The same symbol again is so many bits further as its byte is above this.
const SAME: u8 = 252;

/// In a sparse table: the same symbol. The other bits are the distance.
const AGAIN: u8 = 0x80;
const DISTANCE: u8 = 0x7F;

/// Writes a dense table.
#[derive(Debug, Default)]
pub(crate) struct Dense {
    bytes: Vec<u8>,
    /// In bits.
    at: usize,
}

impl Dense {
    /// The next symbol inverts `mask` of byte `at`, or, with `again`, the one before does so too. Places must ascend.
    pub fn invert(&mut self, at: usize, mut mask: u8, mut again: bool) {
        while mask != 0 {
            let bit = mask.leading_zeros();
            mask ^= 0x80 >> bit;
            let place = at * 8 + bit as usize;
            let mut distance = place.saturating_sub(self.at);
            self.at = place;
            let furthest = if again { u8::MAX - SAME } else { FURTHEST };
            while distance > furthest.into() {
                let (byte, bits) = if distance > MOVE.1 { MOVE } else { STEP };
                self.bytes.push(byte);
                distance -= bits;
            }
            self.bytes.push(if again { SAME } else { 0 } + distance as u8);
            again = true;
        }
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Writes a sparse table.
#[derive(Debug, Default)]
pub(crate) struct Sparse {
    bytes: Vec<u8>,
    at: usize,
}

impl Sparse {
    /// The next symbol inverts `mask` of byte `at`, or, with `again`, the one before does so too. Bytes must not descend.
    pub fn invert(&mut self, at: usize, mask: u8, again: bool) {
        let mut distance = at.saturating_sub(self.at);
        self.at = at;
        while distance > DISTANCE.into() {
            self.bytes.extend([AGAIN | DISTANCE, 0]);
            distance -= usize::from(DISTANCE);
        }
        let again = if again { AGAIN } else { 0 };
        self.bytes.extend([again | distance as u8, mask]);
    }

    /// The next symbol inverts nothing.
    pub fn pass(&mut self) {
        self.bytes.extend([0, 0]);
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// What a byte of a dense table does: how many bits the place moves, from bit 8 on 1 if it is about the symbol before, and from bit 16
/// on 0x80 if it inverts the bit there.
const ENTRIES: [u32; 256] = {
    let mut entries = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        entries[byte] = if byte <= FURTHEST as usize {
            byte as u32 | 0x80 << 16
        } else if byte > SAME as usize {
            (byte - SAME as usize) as u32 | 1 << 8 | 0x80 << 16
        } else {
            let (step, bits) = STEP;
            let bits = if byte == step as usize { bits } else { MOVE.1 };
            bits as u32 | 1 << 8
        };
        byte += 1;
    }
    entries
};

/// Does to `file` what a dense table says for `symbols`. `None` if it names bytes outside the file or more symbols than there are; the
/// file is then neither one thing nor the other. Out of line, so that its numbers stay in registers.
#[inline(never)]
pub(crate) fn apply_dense(table: &[u8], symbols: &[bool], file: &mut [u8]) -> Option<()> {
    let (mut at, mut next) = (0_usize, 0_usize);
    let mut apply = |byte: u8| {
        let entry = ENTRIES[usize::from(byte)];
        let again = entry >> 8 & 1;
        let symbol = symbols
            .get(next.wrapping_sub(again as usize))
            .copied()
            .unwrap_or_default();
        next += (again ^ 1) as usize;
        at = at.wrapping_add((entry & 0xFF) as usize);
        let inverted = (u32::from(symbol) << 7 & entry >> 16) >> (at & 7);
        *file.get_mut(at >> 3)? ^= inverted as u8;
        Some(())
    };
    let (eights, rest) = table.as_chunks::<8>();
    for eight in eights {
        for &byte in eight {
            apply(byte)?;
        }
    }
    for &byte in rest {
        apply(byte)?;
    }
    (next <= symbols.len()).then_some(())
}

/// The same with a sparse table, which has an even number of bytes.
#[inline(never)]
pub(crate) fn apply_sparse(table: &[u8], symbols: &[bool], file: &mut [u8]) -> Option<()> {
    let (mut at, mut next) = (0_usize, 0_usize);
    let mut apply = |[first, mask]: [u8; 2]| {
        let again = first >> 7;
        let symbol = symbols
            .get(next.wrapping_sub(again.into()))
            .copied()
            .unwrap_or_default();
        next += usize::from(again ^ 1);
        at = at.wrapping_add((first & DISTANCE).into());
        *file.get_mut(at)? ^= mask & 0_u8.wrapping_sub(symbol.into());
        Some(())
    };
    let (entries, &[]) = table.as_chunks::<2>() else {
        return None;
    };
    let (eights, rest) = entries.as_chunks::<8>();
    for eight in eights {
        for &entry in eight {
            apply(entry)?;
        }
    }
    for &entry in rest {
        apply(entry)?;
    }
    (next <= symbols.len()).then_some(())
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
            let (mut dense, mut sparse) = (Dense::default(), Sparse::default());
            let (mut at, mut passed, mut taken) = (0, Vec::new(), Vec::new());
            let mut expected = [(); 2].map(|()| vec![0; 700 * 60 + 61]);
            for ((distance, mask, kind), &symbol) in operations.into_iter().zip(&symbols) {
                if kind == 2 {
                    sparse.pass();
                    passed.push(symbol);
                    continue;
                }
                at += distance + 1;
                let again = kind == 3 && !taken.is_empty();
                if !again {
                    taken.push(symbol);
                    passed.push(symbol);
                }
                dense.invert(at, mask, again);
                sparse.invert(at, mask, again);
                expected[0][at] ^= if taken.last() == Some(&true) { mask } else { 0 };
                expected[1][at] ^= if passed.last() == Some(&true) { mask } else { 0 };
            }
            let mut files = [(); 2].map(|()| vec![0; 700 * 60 + 61]);
            prop_assert!(apply_dense(&dense.finish(), &taken, &mut files[0]).is_some());
            prop_assert!(apply_sparse(&sparse.finish(), &passed, &mut files[1]).is_some());
            prop_assert_eq!(files, expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            table in proptest::collection::vec(any::<u8>(), 0..200),
            symbols in proptest::collection::vec(any::<bool>(), 0..100),
            length in 0..2000_usize,
        ) {
            let _ = apply_dense(&table, &symbols, &mut vec![0; length]);
            let _ = apply_sparse(&table, &symbols, &mut vec![0; length]);
        }
    }

    #[test]
    fn no_table_takes_more_symbols_than_there_are() {
        let file = &mut [0; 9];
        assert_eq!(
            [
                apply_dense(&[1, 1], &[true; 2], file),
                apply_dense(&[1, 1], &[true], file)
            ],
            [Some(()), None]
        );
        assert_eq!(apply_sparse(&[1, 1, 1, 1], &[true; 2], file), Some(()));
        assert_eq!(
            [&[1, 1, 1, 1][..], &[1]].map(|table| apply_sparse(table, &[true], file)),
            [None; 2]
        );
    }
}
