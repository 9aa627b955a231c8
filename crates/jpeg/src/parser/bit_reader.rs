//! Bits of an entropy-coded segment, most significant first, without the zero bytes stuffed after 0xFF (T.81 F.2.2.5).

/// Reads bits up to the next marker. Beyond it there are zero bits, and [`BitReader::overrun`] tells that they were used.
#[derive(Clone, Copy)]
pub struct BitReader<'a> {
    rest: &'a [u8],
    bits: Window,
}

/// The bits that are on their way from the bytes before to the decoder.
#[derive(Clone, Copy, Default)]
pub struct Window {
    /// The next bits, the first on top.
    window: u64,
    /// How many of them count.
    count: u32,
    /// How many of them stand in for data that is not there.
    phantom: u32,
}

impl<'a> BitReader<'a> {
    /// Goes on in `data` with the bits taken from what stood before it.
    pub fn new(data: &'a [u8], bits: Window) -> Self {
        Self { rest: data, bits }
    }

    /// Data not yet taken: from the marker that ended the segment, or before it.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Bits taken and not yet used.
    pub fn window(&self) -> Window {
        self.bits
    }

    /// Whether bits were used that are not there.
    pub fn overrun(&self) -> bool {
        self.bits.phantom > self.bits.count
    }

    /// Makes sure of at least 32 bits in the window.
    #[inline(always)]
    pub fn refill(&mut self) {
        if !self.refill_quickly() {
            // By value: were its address taken, the reader could not live in registers.
            let Self { rest, bits } = refilled_bytewise(*self);
            self.rest = rest;
            self.bits = bits;
        }
    }

    /// The same where no 0xFF and no end is near; tells whether it did.
    #[inline(always)]
    pub fn refill_quickly(&mut self) -> bool {
        if self.bits.count >= 32 {
            return true;
        }
        let Some(&bytes) = self.rest.first_chunk::<8>() else {
            return false;
        };
        let word = big_endian(bytes);
        // No byte is 0xFF if no byte of the inverse is zero.
        if (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0 {
            return false;
        }
        self.bits.window |= word >> self.bits.count;
        let taken = (63 - self.bits.count) / 8;
        self.rest = self.rest.get(taken as usize..).unwrap_or_default();
        self.bits.count += taken * 8;
        true
    }

    /// The next `length` bits, 1..=32.
    #[inline(always)]
    pub fn peek(&self, length: u32) -> u32 {
        (self.bits.window >> (64 - length)) as u32
    }

    /// Drops bits that are in the window.
    #[inline(always)]
    pub fn consume(&mut self, length: u32) {
        self.bits.window <<= length & 63;
        self.bits.count = self.bits.count.wrapping_sub(length);
    }

    /// Takes `length` bits, 0..=32.
    #[inline(always)]
    pub fn take(&mut self, length: u32) -> u32 {
        self.refill();
        let bits = if length == 0 { 0 } else { self.peek(length) };
        self.consume(length);
        bits
    }
}

/// The value that `bits`, `size` of them, 0..=15, stand for (T.81 figure F.12).
#[inline(always)]
pub fn extended(bits: u32, size: u32) -> i32 {
    let bits = bits.cast_signed();
    if bits < 1 << size >> 1 {
        bits + 1 - (1 << size)
    } else {
        bits
    }
}

/// Wasm has no instruction that swaps bytes, but one that picks them.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn big_endian(bytes: [u8; 8]) -> u64 {
    use core::arch::wasm32::{i8x16_shuffle, u64x2_extract_lane, u64x2_splat};
    let word = u64x2_splat(u64::from_le_bytes(bytes));
    u64x2_extract_lane::<0>(i8x16_shuffle::<7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0>(
        word, word,
    ))
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn big_endian(bytes: [u8; 8]) -> u64 {
    u64::from_be_bytes(bytes)
}

#[inline(never)]
fn refilled_bytewise(mut reader: BitReader<'_>) -> BitReader<'_> {
    let bits = &mut reader.bits;
    while bits.count <= 56 {
        let byte = match *reader.rest {
            [0xFF, 0x00, ref rest @ ..] => {
                reader.rest = rest;
                0xFF
            }
            [0xFF, ..] | [] => {
                bits.phantom += 8;
                0
            }
            [byte, ref rest @ ..] => {
                reader.rest = rest;
                byte
            }
        };
        bits.window |= u64::from(byte) << (56 - bits.count);
        bits.count += 8;
    }
    reader
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(data: &[u8]) -> BitReader<'_> {
        BitReader::new(data, Window::default())
    }

    #[test]
    fn bits_end_at_the_marker() {
        let mut bits = reader(&[0xA5, 0xFF, 0x00, 0x3C, 0xFF, 0xD9]);
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
        let mut bits = reader(&data);
        for (n, byte) in data.iter().enumerate() {
            let (high, low) = (n as u32 % 7 + 1, 7 - n as u32 % 7);
            assert_eq!((bits.take(high) << low | bits.take(low)) as u8, *byte);
        }
        assert!(!bits.overrun());
    }

    #[test]
    fn values_are_extended() {
        assert_eq!([0, 1].map(|bits| extended(bits, 1)), [-1, 1]);
        assert_eq!([0, 1, 2, 3].map(|bits| extended(bits, 2)), [-3, -2, 2, 3]);
        assert_eq!(extended(0, 0), 0);
    }
}
