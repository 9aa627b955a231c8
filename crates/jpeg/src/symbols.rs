//! A block as Huffman symbols with their additional bits (T.81 F.1.2.1, F.1.2.2).

/// What the symbols of a block are handed to: a histogram in the first pass, the file in the second. A symbol comes with
/// `length` (at most 11) additional bits.
pub trait Sink {
    /// The DC difference: the symbol is `length`.
    fn dc(&mut self, bits: u32, length: u32);
    /// A run of zeros and the coefficient that ends it.
    fn ac(&mut self, symbol: u8, bits: u32, length: u32);
}

const SIXTEEN_ZEROS: u8 = 0xF0;
const END_OF_BLOCK: u8 = 0x00;

/// Bits of the largest DC difference and of the largest AC coefficient in baseline files (tables F.1, F.2).
const DC_MAX: u32 = 11;
const AC_MAX: u32 = 10;

/// Whether baseline coding can express the block after one whose DC coefficient was `previous`.
pub fn in_range(block: &[i16; 64], previous: i16) -> bool {
    let [dc, ac @ ..] = block;
    // Folding bits together keeps the highest, and is one SIMD operation for eight coefficients.
    let ac = ac.iter().fold(0, |all, &coefficient| all | coefficient.unsigned_abs());
    size(i32::from(*dc) - i32::from(previous)) <= DC_MAX && size(i32::from(ac)) <= AC_MAX
}

/// Hands a block that is [`in_range`] to the sink; `previous` is the DC coefficient before it.
#[inline(always)]
pub fn code(block: &[i16; 64], previous: i16, sink: &mut impl Sink) {
    let difference = i32::from(block[0]) - i32::from(previous);
    let length = size(difference);
    sink.dc(additional(difference, length), length);

    let mut rest = nonzero(block) & !1;
    let mut next = 1;
    while rest != 0 {
        let place = rest.trailing_zeros();
        rest &= rest - 1;
        let mut run = place - next;
        next = place + 1;
        while run >= 16 {
            sink.ac(SIXTEEN_ZEROS, 0, 0);
            run -= 16;
        }
        let value = i32::from(block[place as usize & 63]);
        let length = size(value);
        sink.ac((run << 4 | length) as u8, additional(value, length), length);
    }
    if next < 64 {
        sink.ac(END_OF_BLOCK, 0, 0);
    }
}

/// Bits of the magnitude.
#[inline(always)]
fn size(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// The low `length` bits of a positive value, of one less for a negative one.
#[inline(always)]
fn additional(value: i32, length: u32) -> u32 {
    (value + (value >> 31)) as u32 & ((1 << length) - 1)
}

/// Bit k is set when coefficient k is not zero.
#[inline(always)]
fn nonzero(block: &[i16; 64]) -> u64 {
    let flags = block.map(|coefficient| u8::from(coefficient != 0));
    flags.as_chunks::<8>().0.iter().rev().fold(0, |mask, &eight| {
        // Multiplying moves the low bit of byte n to bit 56 + n; no two products meet.
        mask << 8 | u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Recorded(Vec<(u8, u32, u32)>);

    impl Sink for Recorded {
        fn dc(&mut self, bits: u32, length: u32) {
            self.0.push((length as u8, bits, length));
        }
        fn ac(&mut self, symbol: u8, bits: u32, length: u32) {
            self.0.push((symbol, bits, length));
        }
    }

    #[test]
    fn runs_and_values_become_symbols() {
        let mut block = [0; 64];
        (block[0], block[1], block[20], block[63]) = (-3, 5, -1, 2);
        let mut recorded = Recorded::default();
        code(&block, 4, &mut recorded);
        let zeros = (0xF0, 0, 0);
        assert_eq!(
            recorded.0,
            [(3, 0, 3), (0x03, 5, 3), zeros, (0x21, 0, 1), zeros, zeros, (0xA2, 2, 2)]
        );
        let mut recorded = Recorded::default();
        code(&[0; 64], 0, &mut recorded);
        assert_eq!(recorded.0, [(0, 0, 0), (0, 0, 0)]);
    }

    #[test]
    fn every_place_is_found() {
        for place in 0..64 {
            let mut block = [0; 64];
            block[place] = -256;
            assert_eq!(nonzero(&block), 1 << place);
        }
        assert_eq!(nonzero(&[1; 64]), u64::MAX);
    }

    #[test]
    fn the_baseline_range_ends_at_10_and_11_bits() {
        let ac = |value| in_range(&[0; 64].map(|_: i16| value), value);
        assert!(ac(1023) && ac(-1023) && !ac(1024) && !ac(-1024) && !ac(i16::MIN));
        let dc = |value, previous| {
            let mut block = [0; 64];
            block[0] = value;
            in_range(&block, previous)
        };
        assert!(dc(1023, -1024) && !dc(1024, -1024) && !dc(i16::MIN, i16::MAX));
    }
}
