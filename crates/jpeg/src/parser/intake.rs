//! Entropy-coded bytes on their way to the decoder, without the zeros stuffed after 0xFF (T.81 B.1.1.5): what reads their bits need
//! not look for markers.

use super::bit_reader::{BitReader, Bits};
use super::segment::ones_bytes;
use crate::Error;

/// The place above the first byte: a power of two.
pub const TOP: usize = 1 << 14;

/// Bytes that can be addressed, with those that a reader at the top looks at.
pub const ROOM: usize = TOP + 8;

/// More bytes than an MCU can take: 10 blocks of 64 codes of 16 bits with 15 additional bits, and what a reader has taken in advance.
const MCU_BYTES: usize = 10 * 64 * 31 / 8 + 16;

/// Bytes that are taken at a time.
const CHUNK: usize = 32;

/// A window on a scan's data that moves forward, up to the next marker. It is filled from the top down: see [`BitReader`].
pub struct Intake {
    bytes: Box<[u8; ROOM]>,
    /// The place of the last byte that is there. Below it there is room for an MCU.
    bottom: usize,
    /// Whether nothing follows but a marker or the end of the file; then zeros stand below.
    ended: bool,
    bits: Bits,
}

impl Intake {
    /// Nothing yet.
    pub fn new() -> Result<Self, Error> {
        let bytes = vec![0; ROOM].into_boxed_slice().try_into();
        Ok(Self {
            bytes: bytes.map_err(|_| Error::Memory)?,
            bottom: TOP,
            ended: false,
            bits: Bits::below(TOP),
        })
    }

    /// A reader of the bits that are left, and how far it may go. What it has read is told by [`Intake::read`].
    pub fn reader(&self) -> (BitReader<'_>, Reach) {
        let reach = Reach {
            bottom: self.bottom,
            ended: self.ended,
        };
        (BitReader::new(&self.bytes, self.bits), reach)
    }

    /// Goes on behind what has been read.
    pub fn read(&mut self, bits: Bits) {
        self.bits = bits;
    }

    /// Starts anew behind a marker.
    pub fn restart(&mut self) {
        (self.bottom, self.ended, self.bits) = (TOP, false, Bits::below(TOP));
    }

    /// Takes from the front of `data`, which is `complete` if no more can follow, as much as there is room for. Returns what is left.
    pub fn fill<'d>(&mut self, mut data: &'d [u8], complete: bool) -> &'d [u8] {
        if self.ended {
            return data;
        }
        // What is in the reader's window already is not needed again.
        let above = self.bits.above().clamp(self.bottom, TOP);
        let up = TOP - above;
        self.bytes.copy_within(self.bottom..above, self.bottom + up);
        self.bottom += up;
        self.bits.move_up(up);
        while self.bottom > MCU_BYTES + CHUNK {
            let left = data.len();
            data = self.chunk(data);
            if self.ended || data.len() == left {
                break;
            }
        }
        // Half of a pair at the very end is no marker, but nothing else either.
        self.ended |= complete && data.len() < 2;
        if self.ended {
            let below = self.bytes.get_mut(self.bottom - MCU_BYTES..self.bottom);
            below.unwrap_or_default().fill(0);
        }
        data
    }

    /// Takes some bytes, up to the first 0xFF and what belongs to it. Nothing, if what belongs to it is not there.
    #[inline(always)]
    fn chunk<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        let below = self.bytes.get_mut(..self.bottom);
        let to = below
            .and_then(<[u8]>::last_chunk_mut::<CHUNK>)
            .map(|to| to.as_chunks_mut().0);
        let (Some((chunk, behind)), Some([to_d, to_c, to_b, to_a])) = (data.split_first_chunk::<CHUNK>(), to) else {
            return self.byte(data);
        };
        let &[a, b, c, d] = chunk.as_chunks().0 else {
            return data;
        };
        [*to_b, *to_a] = mirrored([a, b]);
        [*to_d, *to_c] = mirrored([c, d]);
        let ones = ones_bytes([a, b]) | ones_bytes([c, d]) << 16;
        if ones == 0 {
            self.bottom -= CHUNK;
            return behind;
        }
        let before = ones.trailing_zeros() as usize;
        self.bottom -= before;
        self.byte(data.get(before..).unwrap_or_default())
    }

    fn byte<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        let (byte, rest) = match *data {
            [0xFF, 0x00, ref rest @ ..] => (0xFF, rest),
            [] | [0xFF] => return data,
            [0xFF, ..] => {
                self.ended = true;
                return data;
            }
            [byte, ref rest @ ..] => (byte, rest),
        };
        self.bottom -= 1;
        if let Some(to) = self.bytes.get_mut(self.bottom) {
            *to = byte;
        }
        rest
    }
}

/// How far a reader may go.
#[derive(Clone, Copy)]
pub struct Reach {
    bottom: usize,
    ended: bool,
}

impl Reach {
    /// Whether there are all bytes that an MCU can take, or all that there are.
    #[inline(always)]
    pub fn covers_mcu(self, bits: &BitReader<'_>) -> bool {
        self.ended || bits.bits().above() >= self.bottom + MCU_BYTES
    }

    /// Whether bits were used that are not there.
    #[inline(always)]
    pub fn exceeded(self, bits: &BitReader<'_>) -> bool {
        bits.beyond(self.bottom)
    }
}

/// The bytes in reverse.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn mirrored([first, second]: [[u8; 8]; 2]) -> [[u8; 8]; 2] {
    use core::arch::wasm32::{i8x16_shuffle, u64x2, u64x2_extract_lane};
    let bytes = u64x2(u64::from_le_bytes(first), u64::from_le_bytes(second));
    let mirrored = i8x16_shuffle::<15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0>(bytes, bytes);
    [u64x2_extract_lane::<0>(mirrored), u64x2_extract_lane::<1>(mirrored)].map(u64::to_le_bytes)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn mirrored([first, second]: [[u8; 8]; 2]) -> [[u8; 8]; 2] {
    [second, first].map(|half| u64::from_le_bytes(half).to_be_bytes())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Has data read that no marker ends.
    pub fn with_reader<T>(data: &[u8], read: impl FnOnce(BitReader<'_>) -> T) -> T {
        let mut intake = Intake::new().unwrap();
        intake.fill(data, true);
        read(intake.reader().0)
    }

    #[test]
    fn bits_end_at_the_marker() {
        let mut intake = Intake::new().unwrap();
        assert_eq!(intake.fill(&[0xA5, 0xFF, 0x00, 0x3C, 0xFF, 0xD9], false), [0xFF, 0xD9]);
        let (mut bits, reach) = intake.reader();
        bits.refill();
        assert_eq!((bits.take(4), bits.take(12), bits.take(0)), (0xA, 0x5FF, 0));
        assert_eq!(bits.take(8), 0x3C);
        assert!(!reach.exceeded(&bits));
        assert_eq!(bits.take(1), 0);
        assert!(reach.exceeded(&bits));
    }

    #[test]
    fn half_of_a_pair_waits_for_the_other() {
        let mut intake = Intake::new().unwrap();
        assert_eq!(intake.fill(&[1, 0xFF], false), [0xFF]);
        assert!(!intake.ended);
        assert_eq!(intake.fill(&[0xFF, 0, 2], false), []);
        assert_eq!(
            (&intake.bytes[intake.bottom..TOP], intake.ended),
            (&[2, 0xFF, 1][..], false)
        );
        assert_eq!(intake.fill(&[0xFF], true), [0xFF]);
        assert!(intake.ended);
    }

    proptest! {
        #[test]
        fn however_data_comes_its_bits_are_the_same(
            data in proptest::collection::vec(prop_oneof![Just(0xFF), any::<u8>()], 0..40_000),
            piece in 1usize..9000,
            lengths in proptest::collection::vec(1u32..16, 100),
        ) {
            let stuffed: Vec<u8> = data.iter().flat_map(|&byte| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] }).collect();
            let mut intake = Intake::new().unwrap();
            let (mut left, mut used) = (Vec::new(), 0);
            let mut expected = data.iter().flat_map(|&byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
            let mut pieces = stuffed.chunks(piece).peekable();
            loop {
                left.extend_from_slice(pieces.next().unwrap_or_default());
                let complete = pieces.peek().is_none();
                loop {
                    let before = left.len();
                    left = intake.fill(&left, complete).to_vec();
                    let (mut bits, reach) = intake.reader();
                    while reach.covers_mcu(&bits) && used < data.len() * 8 {
                        for &length in &lengths {
                            bits.refill();
                            let value = (0..length).fold(0, |value, _| value << 1 | expected.next().unwrap_or(0));
                            prop_assert_eq!(bits.take(length), value);
                            used += length as usize;
                        }
                        prop_assert_eq!(reach.exceeded(&bits), used > data.len() * 8);
                    }
                    let read = bits.bits();
                    intake.read(read);
                    if left.len() == before || left.len() < 2 {
                        break;
                    }
                }
                if complete {
                    break;
                }
            }
            prop_assert!(used >= data.len() * 8);
        }
    }
}
