//! Entropy-coded bits, most significant first.

/// Collects bits into bytes, of which there must be enough: what does not fit is lost.
pub struct Bits<'a> {
    out: &'a mut [u8],
    /// Bytes that are written.
    bytes: usize,
    /// The low bits, all but `free`, are still to be written; what is above them has been.
    window: u64,
    free: u32,
}

impl<'a> Bits<'a> {
    pub fn new(out: &'a mut [u8]) -> Self {
        Self {
            out,
            bytes: 0,
            window: 0,
            free: u64::BITS,
        }
    }

    /// Writes the `length` (at most 63) low bits of `bits`; the others must be zero.
    #[inline(always)]
    pub fn put(&mut self, bits: u64, length: u32) {
        if length <= self.free {
            // Shifted by 64 only if nothing is in the window.
            self.window = self.window.wrapping_shl(length) | bits;
            self.free -= length;
            return;
        }
        let over = length - self.free;
        let word = self.window.wrapping_shl(self.free) | bits >> over;
        if let Some(place) = self.out.get_mut(self.bytes..).and_then(|rest| rest.first_chunk_mut()) {
            *place = word.to_be_bytes();
        }
        self.bytes += 8;
        self.window = bits;
        self.free = u64::BITS - over;
    }

    /// Bits written so far.
    #[inline(always)]
    pub fn written(&self) -> usize {
        self.bytes * 8 + (u64::BITS - self.free) as usize
    }

    /// Fills the last byte with ones.
    pub fn finish(mut self) {
        let padding = self.free % 8;
        self.put((1 << padding) - 1, padding);
        let word = self.window.checked_shl(self.free).unwrap_or_default().to_be_bytes();
        let bytes = word.iter().take((u64::BITS - self.free) as usize / 8);
        let rest = self.out.get_mut(self.bytes..).unwrap_or_default();
        rest.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_packed_and_padded(pieces in proptest::collection::vec((any::<u64>(), 0..=63_u32), 0..90)) {
            let bits: u32 = pieces.iter().map(|(_, length)| length).sum();
            let mut bytes = vec![0; bits.div_ceil(8) as usize];
            let mut bits = Bits::new(&mut bytes);
            let mut expected = Vec::new();
            for (value, length) in pieces {
                let value = value & ((1_u64 << length) - 1);
                bits.put(value, length);
                expected.extend((0..length).rev().map(|bit| (value >> bit & 1) as u8));
                prop_assert_eq!(bits.written(), expected.len());
            }
            bits.finish();
            expected.resize(expected.len().next_multiple_of(8), 1);
            let expected: Vec<u8> = expected.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
            prop_assert_eq!(bytes, expected);
        }
    }
}
