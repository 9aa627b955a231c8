//! The boolean entropy encoder (RFC 6386 section 7.3).

use crate::splice::Addend;

/// Writes booleans with given probabilities into bytes.
pub(crate) struct BoolEncoder {
    bytes: Vec<u8>,
    /// Low end of the current interval: `8 + pending` bits that may still change, and a carry above them.
    low: u64,
    /// Width of the current interval, 128..=255 between calls.
    range: u32,
    /// Number of bits of `low` that are ready to be written.
    pending: u32,
}

/// Ready bits are moved out this many at a time.
const FLUSH_BITS: u32 = 32;

impl Default for BoolEncoder {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl BoolEncoder {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            low: 0,
            range: 255,
            pending: 0,
        }
    }

    /// Writes one boolean that is false with probability `probability` / 256.
    #[inline(always)]
    pub(crate) fn put(&mut self, bit: bool, probability: u8) {
        let (range, shift, split) = Self::next_range(self.range, bit, probability);
        // Both outcomes are computed and selected, since the bits are hard to predict for the machine too.
        self.low += if bit { u64::from(split) } else { 0 };
        self.range = range;
        self.low <<= shift;
        self.pending += shift;
        if self.pending >= FLUSH_BITS {
            self.flush();
        }
    }

    /// The interval's width after a boolean, how often it was doubled, and where it was split.
    #[inline(always)]
    pub(crate) fn next_range(range: u32, bit: bool, probability: u8) -> (u32, u32, u32) {
        let split = 1 + (((range - 1) * u32::from(probability)) >> 8);
        let range = if bit { range - split } else { split };
        let shift = range.leading_zeros() - 24;
        (range << shift, shift, split)
    }

    /// Width of the current interval.
    pub(crate) fn range(&self) -> u32 {
        self.range
    }

    /// What the next boolean adds to the bytes if it is true, has even odds, and the interval's width is even.
    pub(crate) fn addend(&self) -> Addend {
        let (offset, bit) = self.position();
        Addend {
            offset,
            value: (self.range as u16 / 2) << (8 - bit),
        }
    }

    /// The same for an 8-bit literal of value 1, to three bytes.
    pub(crate) fn literal_unit(&self) -> (usize, u16) {
        let (offset, bit) = self.position();
        (offset, (self.range as u16 / 2) << (9 - bit))
    }

    /// Byte and bit, from the most significant, where the current interval's most significant bit lies.
    fn position(&self) -> (usize, usize) {
        let pending = self.pending as usize;
        (self.bytes.len() + pending / 8, pending % 8)
    }

    /// Writes an unsigned number of `bits` bits, most significant first, each bit with even odds.
    pub(crate) fn put_literal(&mut self, value: u32, bits: u32) {
        for i in (0..bits).rev() {
            self.put((value >> i) & 1 == 1, 128);
        }
    }

    /// Writes a value of a tree (section 8.1): `tree` as in [`crate::modes`], `probabilities` one for each inner node.
    pub(crate) fn put_tree(&mut self, tree: &[i8], probabilities: &[u8], code: crate::modes::Code) {
        let mut node = 0usize;
        for i in (0..code.length).rev() {
            let bit = (code.bits >> i) & 1 == 1;
            self.put(bit, probabilities[node >> 1]);
            node = tree[node + usize::from(bit)].max(0) as usize;
        }
    }

    /// Ends the stream and returns its bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let length = self.bytes.len() + (8 + self.pending).div_ceil(8) as usize;
        self.low <<= FLUSH_BITS - self.pending;
        self.pending = FLUSH_BITS;
        self.flush();
        self.bytes.push(self.low as u8);
        self.bytes.truncate(length);
        self.bytes
    }

    fn flush(&mut self) {
        self.pending -= FLUSH_BITS;
        let keep = 8 + self.pending;
        let ready = self.low >> keep;
        self.low &= (1 << keep) - 1;
        if ready >> FLUSH_BITS != 0 {
            for byte in self.bytes.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
        self.bytes.extend_from_slice(&(ready as u32).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bool_decoder::BoolDecoder;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn everything_written_is_read_back(symbols in prop::collection::vec((any::<bool>(), 1u8..=255), 0..3000)) {
            let mut encoder = BoolEncoder::with_capacity(0);
            for &(bit, probability) in &symbols {
                encoder.put(bit, probability);
            }
            let bytes = encoder.finish();
            let mut decoder = BoolDecoder::new(&bytes);
            for &(bit, probability) in &symbols {
                prop_assert_eq!(decoder.get(probability), bit);
            }
            prop_assert!(!decoder.exhausted());
        }
    }

    #[test]
    fn improbable_symbols_carry_through_written_bytes() {
        let mut encoder = BoolEncoder::with_capacity(0);
        let symbols: Vec<(bool, u8)> = (0..5000u32)
            .map(|i| (i % 97 != 0, if i % 97 == 0 { 1 } else { 255 }))
            .collect();
        for &(bit, probability) in &symbols {
            encoder.put(bit, probability);
        }
        let bytes = encoder.finish();
        let mut decoder = BoolDecoder::new(&bytes);
        assert!(
            symbols
                .iter()
                .all(|&(bit, probability)| decoder.get(probability) == bit)
        );
    }
}
