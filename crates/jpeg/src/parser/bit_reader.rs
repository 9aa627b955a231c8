//! Bits of an entropy-coded segment, most significant first.

use super::intake::{ROOM, TOP};

/// Reads bits of bytes that stand in reverse: a load of eight then has the first on top, where Wasm has no instruction that swaps
/// them. How far it may go is the [`Reach`](super::intake::Reach)'s to say.
#[derive(Clone, Copy)]
pub struct BitReader<'a> {
    bytes: &'a [u8; ROOM],
    bits: Bits,
}

/// Where in its bytes a reader is.
#[derive(Clone, Copy, Default)]
pub struct Bits {
    /// The next bits, the first on top. Behind those that count there may be some more of them already.
    window: u64,
    /// How many of them count, in the low 6 bits. Above them stands what comes along when fields of table entries are subtracted.
    count: u32,
    /// The place above the byte behind them.
    above: usize,
}

impl Bits {
    /// With the first byte below this place.
    pub fn below(above: usize) -> Self {
        Self {
            above,
            ..Self::default()
        }
    }

    /// The place above the bytes that the window does not count.
    #[inline(always)]
    pub fn above(&self) -> usize {
        self.above
    }

    /// Goes along with bytes that are moved.
    pub fn move_up(&mut self, by: usize) {
        self.above += by;
    }
}

impl<'a> BitReader<'a> {
    /// Goes on in `bytes` from there.
    pub fn new(bytes: &'a [u8; ROOM], bits: Bits) -> Self {
        Self { bytes, bits }
    }

    /// Where it is.
    #[inline(always)]
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// Whether bits were used beyond this place.
    #[inline(always)]
    pub fn beyond(&self, end: usize) -> bool {
        end * 8 > self.bits.above * 8 + (self.bits.count & 63) as usize
    }

    /// Makes sure of at least 56 bits in the window. There is no branch in it: whether it is needed cannot be predicted.
    #[inline(always)]
    pub fn refill(&mut self) {
        let bits = &mut self.bits;
        let place = bits.above.wrapping_sub(8) & (TOP - 1);
        let word = u64::from_le_bytes(std::array::from_fn(|n| self.bytes[place + n]));
        let count = bits.count & 63;
        bits.window |= word >> count;
        bits.above = bits.above.wrapping_sub(((count ^ 63) >> 3) as usize);
        bits.count = count | 56;
    }

    /// Makes sure of at least 32 bits. Where few are used at a time this is less work.
    #[inline(always)]
    pub fn refill_seldom(&mut self) {
        if self.bits.count & 63 < 32 {
            self.refill();
        }
    }

    /// The next `LENGTH` bits, 1..=32.
    #[inline(always)]
    pub fn peek<const LENGTH: u32>(&self) -> u32 {
        (self.bits.window >> (64 - LENGTH)) as u32
    }

    /// So many bits, 0..=15, behind the next ones, of which there are as many as the low 6 bits of a number say.
    #[inline(always)]
    pub fn peek_behind(&self, next: u32, length: u32) -> u32 {
        (self.bits.window << (next & 63) >> 1 >> (63 - length)) as u32
    }

    /// Drops bits that are in the window: as many as the low 6 bits of a number say.
    #[inline(always)]
    pub fn consume(&mut self, length: u32) {
        self.bits.window <<= length & 63;
        self.bits.count = self.bits.count.wrapping_sub(length);
    }

    /// Takes `length` bits, 0..=15, that are in the window.
    #[inline(always)]
    pub fn take(&mut self, length: u32) -> u32 {
        let bits = (self.bits.window >> 1 >> (63 - length)) as u32;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_extended() {
        assert_eq!([0, 1].map(|bits| extended(bits, 1)), [-1, 1]);
        assert_eq!([0, 1, 2, 3].map(|bits| extended(bits, 2)), [-3, -2, 2, 3]);
        assert_eq!(extended(0, 0), 0);
    }
}
