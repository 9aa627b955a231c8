//! The boolean entropy decoder (RFC 6386 section 7.3).

/// Reads booleans with given probabilities from bytes. Past the end it reads zeros and says so in [`Self::exhausted`].
pub(crate) struct BoolDecoder<'a> {
    bytes: &'a [u8],
    /// The window: the 8 bits compared with the split stand above `bits` further bits.
    value: u64,
    range: u32,
    bits: u32,
    /// Zero bytes that were made up after the end.
    padding: u32,
}

impl<'a> BoolDecoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self {
            bytes,
            value: 0,
            range: 255,
            bits: 0,
            padding: 0,
        };
        decoder.value = u64::from(decoder.next_byte());
        decoder
    }

    /// Reads one boolean that is false with probability `probability` / 256.
    #[inline(always)]
    pub(crate) fn get(&mut self, probability: u8) -> bool {
        // One symbol shifts by at most seven bits.
        if self.bits < 7 {
            self.refill();
        }
        let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
        let threshold = u64::from(split) << self.bits;
        let bit = self.value >= threshold;
        self.value -= if bit { threshold } else { 0 };
        let range = if bit { self.range - split } else { split };
        let shift = range.leading_zeros() - 24;
        self.range = range << shift;
        self.bits -= shift;
        bit
    }

    /// Reads an unsigned number of `bits` bits, most significant first.
    pub(crate) fn literal(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |value, _| (value << 1) | u32::from(self.get(128)))
    }

    /// Reads a flag with even odds.
    pub(crate) fn flag(&mut self) -> bool {
        self.get(128)
    }

    /// Reads a value of a tree (section 8.1).
    pub(crate) fn tree(&mut self, tree: &[i8], probabilities: &[u8]) -> u8 {
        let mut node = 0usize;
        loop {
            let next = tree[node + usize::from(self.get(probabilities[node >> 1]))];
            if next <= 0 {
                return next.unsigned_abs();
            }
            node = usize::from(next.unsigned_abs());
        }
    }

    /// Whether clearly more was read than there is. Encoders may leave out final zero bytes, hence two bytes of grace.
    pub(crate) fn exhausted(&self) -> bool {
        self.padding * 8 > self.bits + 16
    }

    /// Whole bytes that have not been needed yet.
    #[cfg(test)]
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() + (self.bits / 8).saturating_sub(self.padding) as usize
    }

    #[cold]
    fn refill(&mut self) {
        while self.bits <= 40 {
            self.value = (self.value << 8) | u64::from(self.next_byte());
            self.bits += 8;
        }
    }

    fn next_byte(&mut self) -> u8 {
        if let Some((&first, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            first
        } else {
            self.padding = self.padding.saturating_add(1).min(1 << 20);
            0
        }
    }
}
