//! What symbols add to a file, as a table in the order of the file.
//!
//! An entry is two bytes: the distance to the one before (7 bits), the bit of the byte at which half the interval begins (3),
//! and that half less 64 (6). A distance of 127 means that it stands in the next four bytes instead.

use vp8::Addend;

const FAR: usize = 127;
/// The least half of an interval; there are as many as six bits can say.
const LEAST: u16 = 64;

/// Writes the table of addends in the order of the file.
pub(super) fn write(addends: impl Iterator<Item = Addend>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut at = 0;
    for Addend { offset, value } in addends {
        // The half is 64 to 127 and was shifted left by 8 less the bit.
        let bit = 1 + value.leading_zeros() as u16 - 2;
        let half = value >> (8 - bit.min(8));
        let distance = offset - at;
        at = offset;
        let near = distance.min(FAR);
        bytes.extend(((near as u16) << 9 | bit << 6 | (half - LEAST)).to_be_bytes());
        if near == FAR {
            bytes.extend((distance as u32).to_be_bytes());
        }
    }
    bytes
}

/// Adds to `file` what `table` says for `symbols`. `None` if the table is not one, names bytes outside the file or not as many
/// symbols as there are; the file is then neither one thing nor the other.
pub(super) fn apply(table: &[u8], symbols: &[bool], file: &mut [u8]) -> Option<()> {
    let mut rest = table;
    let mut at = 0_usize;
    for &symbol in symbols {
        let (entry, after) = rest.split_first_chunk::<2>()?;
        rest = after;
        let entry = u16::from_be_bytes(*entry);
        let mut distance = usize::from(entry >> 9);
        if distance == FAR {
            let (far, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            distance = usize::try_from(u32::from_be_bytes(*far)).ok()?;
        }
        at = at.checked_add(distance)?;
        let half = LEAST + (entry & 63);
        let value = half << (8 - (entry >> 6 & 7));
        let chosen = value & 0_u16.wrapping_sub(u16::from(symbol));
        add(file, at, chosen)?;
    }
    rest.is_empty().then_some(())
}

/// Adds a number to the two bytes at an offset, carrying into those before. `None` if there are none.
pub(super) fn add(file: &mut [u8], offset: usize, value: u16) -> Option<()> {
    let (before, rest) = file.split_at_mut_checked(offset)?;
    let bytes = rest.first_chunk_mut::<2>()?;
    let (sum, carry) = u16::from_be_bytes(*bytes).overflowing_add(value);
    *bytes = sum.to_be_bytes();
    if carry {
        self::carry(before)?;
    }
    Some(())
}

fn carry(before: &mut [u8]) -> Option<()> {
    for byte in before.iter_mut().rev() {
        let (sum, carry) = byte.overflowing_add(1);
        *byte = sum;
        if !carry {
            return Some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_adds_what_was_written(
            addends in proptest::collection::vec((0..400_usize, 64..128_u16, 0..8_u16, any::<bool>()), 0..60),
            bytes in proptest::collection::vec(any::<u8>(), 60 * 400 + 2),
        ) {
            // A leading byte that is low enough for whatever is carried into it.
            let mut file = bytes;
            file.splice(0..0, [0; 4]);
            let mut expected = file.clone();
            let (mut at, mut written, mut symbols) = (4, Vec::new(), Vec::new());
            for (distance, half, bit, symbol) in addends {
                at += distance;
                let value = half << (8 - bit);
                written.push(Addend { offset: at, value });
                symbols.push(symbol);
                if symbol {
                    let mut sum = u32::from(value);
                    for byte in expected[..at + 2].iter_mut().rev() {
                        sum += u32::from(*byte);
                        *byte = sum as u8;
                        sum >>= 8;
                    }
                }
            }
            prop_assert!(apply(&write(written.into_iter()), &symbols, &mut file).is_some());
            prop_assert_eq!(file, expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            table in proptest::collection::vec(any::<u8>(), 0..200),
            symbols in proptest::collection::vec(any::<bool>(), 0..100),
            length in 0..2000_usize,
        ) {
            let _ = apply(&table, &symbols, &mut vec![0xFF; length]);
        }
    }
}
