//! Bits of an entropy-coded segment, most significant first, stuffed zero bytes taken out (T.81 F.2.2.5).

/// Reads bits up to the next marker. Beyond it there are zero bits, and [`BitReader::overrun`] tells that they were used.
pub struct BitReader<'a> {
    rest: &'a [u8],
    /// The next bits, the first on top.
    window: u64,
    /// How many bits of the window count.
    count: u32,
    /// How many of them stand in for data that is not there.
    phantom: u32,
}

impl<'a> BitReader<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self {
            rest: data,
            window: 0,
            count: 0,
            phantom: 0,
        }
    }

    /// Data from the marker that ended the segment, or before it.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether bits were used that are not there.
    pub fn overrun(&self) -> bool {
        self.phantom > self.count
    }

    /// Makes sure of at least 32 bits in the window.
    #[inline(always)]
    pub fn refill(&mut self) {
        if self.count < 32 {
            if let Some(&bytes) = self.rest.first_chunk::<8>() {
                let word = u64::from_be_bytes(bytes);
                // No byte is 0xFF if no byte of the inverse is zero.
                if (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 == 0 {
                    self.window |= word >> self.count;
                    let taken = (63 - self.count) / 8;
                    self.rest = self.rest.get(taken as usize..).unwrap_or_default();
                    self.count += taken * 8;
                    return;
                }
            }
            self.refill_bytewise();
        }
    }

    /// The next `length` bits, 1..=16.
    #[inline(always)]
    pub fn peek(&self, length: u32) -> u32 {
        (self.window >> (64 - length)) as u32
    }

    /// Drops bits that are in the window.
    #[inline(always)]
    pub fn consume(&mut self, length: u32) {
        self.window <<= length;
        self.count = self.count.saturating_sub(length);
    }

    /// Takes `length` bits, 0..=16.
    #[inline(always)]
    pub fn take(&mut self, length: u32) -> u32 {
        self.refill();
        let bits = if length == 0 { 0 } else { self.peek(length) };
        self.consume(length);
        bits
    }

    /// Takes the additional bits of a value of `size` bits, 0..=15 (T.81 figure F.12).
    #[inline(always)]
    pub fn value(&mut self, size: u32) -> i32 {
        let bits = self.take(size).cast_signed();
        if bits < 1 << size >> 1 {
            bits + 1 - (1 << size)
        } else {
            bits
        }
    }

    #[inline(never)]
    fn refill_bytewise(&mut self) {
        while self.count <= 56 {
            let byte = match *self.rest {
                [0xFF, 0x00, ref rest @ ..] => {
                    self.rest = rest;
                    0xFF
                }
                [0xFF, ..] | [] => {
                    self.phantom += 8;
                    0
                }
                [byte, ref rest @ ..] => {
                    self.rest = rest;
                    byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_end_at_the_marker() {
        let mut bits = BitReader::new(&[0xA5, 0xFF, 0x00, 0x3C, 0xFF, 0xD9]);
        assert_eq!((bits.take(4), bits.take(12), bits.take(0)), (0xA, 0x5FF, 0));
        assert_eq!(bits.take(8), 0x3C);
        assert!(!bits.overrun());
        assert_eq!(bits.take(1), 0);
        assert!(bits.overrun());
        assert_eq!(bits.rest(), [0xFF, 0xD9]);
    }

    #[test]
    fn fast_and_slow_refill_agree() {
        let data: Vec<u8> = (0..200u8).map(|n| n.wrapping_mul(37) % 255).collect();
        let mut bits = BitReader::new(&data);
        for (n, byte) in data.iter().enumerate() {
            let (high, low) = (n as u32 % 7 + 1, 7 - n as u32 % 7);
            assert_eq!((bits.take(high) << low | bits.take(low)) as u8, *byte);
        }
        assert!(!bits.overrun());
    }

    #[test]
    fn values_are_extended() {
        let mut bits = BitReader::new(&[0b0100_1101, 0]);
        assert_eq!((0..2).map(|_| bits.value(1)).collect::<Vec<_>>(), [-1, 1]);
        assert_eq!((0..3).map(|_| bits.value(2)).collect::<Vec<_>>(), [-3, 3, -2]);
        assert_eq!(bits.value(0), 0);
    }
}
