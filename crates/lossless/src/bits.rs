//! Bits on their way into the file, the first one lowest in its byte (RFC 1951 section 3.1.1).

use crate::huffman::{LITERALS, SYMBOLS, codes};
use crate::rows::Sink;
use crate::table::Writer;

/// Longest code and what comes with it: a run of zeros with its additional bits and its distance.
const LONGEST_CODE: usize = 12;
/// Codes that fit beside seven bits left over.
const GROUP: usize = 4;

/// A growing file.
pub(crate) struct Bits {
    /// Filled up to `at`.
    file: Vec<u8>,
    at: usize,
    waiting: u64,
    filled: u32,
    /// Codes, shifted by four bits, and their lengths.
    codes: [u16; SYMBOLS],
}

impl Bits {
    /// Begins a block, which is the only one, behind what the file begins with.
    pub fn new(file: Vec<u8>, lengths: &[u8; SYMBOLS]) -> Self {
        let codes = codes(lengths);
        let mut bits = Self {
            at: file.len(),
            file,
            waiting: 0,
            filled: 0,
            codes: std::array::from_fn(|symbol| codes[symbol] << 4 | u16::from(lengths[symbol])),
        };
        bits.reserve(SYMBOLS);
        bits.header(lengths);
        bits
    }

    /// Last block, of a code of its own; the lengths themselves have a code in which each of 0 to 15 takes four bits.
    fn header(&mut self, lengths: &[u8; SYMBOLS]) {
        // 286 codes of symbols, one of distances (0 stands for it), nineteen of lengths, of which those of repetitions come first.
        for (value, length) in [(0b101, 3), (286 - 257, 5), (0, 5), (19 - 4, 4), (0, 9)] {
            self.put(value, length);
        }
        for _ in 0..16 {
            self.put(4, 3);
        }
        // The one distance, 1, has a code of one bit.
        for length in lengths.iter().chain([&1]) {
            self.put((length.reverse_bits() >> 4).into(), 4);
        }
    }

    /// Makes room for so many bytes, compressed.
    pub fn reserve(&mut self, bytes: usize) {
        let room = self.at + bytes / 8 * LONGEST_CODE + bytes + 64;
        if self.file.len() < room {
            self.file.resize(room + room / 4, 0);
        }
    }

    #[inline(always)]
    pub fn symbol(&mut self, symbol: usize) {
        let code = self.codes[symbol];
        self.waiting |= u64::from(code >> 4) << self.filled;
        self.filled += u32::from(code & 15);
        self.flush();
    }

    fn put(&mut self, value: u32, length: u32) {
        self.waiting |= u64::from(value) << self.filled;
        self.filled += length;
        self.flush();
    }

    /// Writes whole bytes; fewer than eight bits stay.
    #[inline(always)]
    fn flush(&mut self) {
        if let Some(place) = self.file.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = self.waiting.to_le_bytes();
        }
        self.at += (self.filled / 8) as usize;
        self.waiting >>= self.filled & !7;
        self.filled &= 7;
    }

    /// The file. What is left of the last byte is filled up with zeros.
    pub fn finish(mut self) -> Vec<u8> {
        self.filled = self.filled.next_multiple_of(8);
        self.flush();
        self.file.truncate(self.at);
        self.file
    }
}

/// Codes rows, and notes the places that symbols change.
pub(crate) struct Coder<'a> {
    pub bits: &'a mut Bits,
    pub table: &'a mut Writer,
}

impl Sink for Coder<'_> {
    #[inline(always)]
    fn literals(&mut self, values: &[u8]) {
        let bits = &mut *self.bits;
        let (groups, rest) = values.as_chunks::<GROUP>();
        for group in groups {
            let (mut waiting, mut filled) = (bits.waiting, bits.filled);
            for value in group {
                let code = bits.codes[usize::from(*value)];
                waiting |= u64::from(code >> 4) << filled;
                filled += u32::from(code & 15);
            }
            (bits.waiting, bits.filled) = (waiting, filled);
            bits.flush();
        }
        for value in rest {
            bits.symbol(usize::from(*value));
        }
    }

    #[inline(always)]
    fn changeable(&mut self, value: u8) {
        let start = self.bits.at * 8 + self.bits.filled as usize;
        let length = usize::from(self.bits.codes[usize::from(value)] & 15);
        self.table.place(start + length - 1);
        self.bits.symbol(usize::from(value));
    }

    fn run(&mut self, length: usize) {
        let (symbol, extra, bits) = run(length);
        self.bits.symbol(symbol);
        self.bits.put(extra, bits);
        self.bits.put(0, 1);
    }
}

/// The symbol of a match of 3 to 258 bytes, its additional bits and their number.
pub(crate) fn run(length: usize) -> (usize, u32, u32) {
    let more = length.saturating_sub(3).min(255) as u32;
    let bits = more.max(4).ilog2() - 2;
    match more {
        255 => (SYMBOLS - 1, 0, 0),
        _ => (
            LITERALS + 1 + (4 * bits + (more >> bits)) as usize,
            more & ((1 << bits) - 1),
            bits,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1951 section 3.2.5.
    #[test]
    fn lengths_of_runs() {
        for (length, expected) in [
            (3, (257, 0, 0)),
            (10, (264, 0, 0)),
            (11, (265, 0, 1)),
            (12, (265, 1, 1)),
            (18, (268, 1, 1)),
            (19, (269, 0, 2)),
            (114, (279, 15, 4)),
            (131, (281, 0, 5)),
            (257, (284, 30, 5)),
            (258, (285, 0, 0)),
        ] {
            assert_eq!(run(length), expected, "{length}");
        }
    }
}
