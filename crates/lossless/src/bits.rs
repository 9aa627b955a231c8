//! Bits on their way into the file, the first one lowest in its byte (RFC 1951 section 3.1.1).

use crate::huffman::{LITERALS, SYMBOLS, codes};
use crate::rows::{Rows, Sink};
use crate::table::{Notes, Writer};
use crate::word::{GROUP, Word};

/// Longest code and what comes with it: a run of zeros with its additional bits and its distance.
const LONGEST_CODE: usize = 12;

/// A growing file.
pub(crate) struct Bits {
    /// Filled up to where the word goes.
    file: Vec<u8>,
    word: Word,
    /// Codes, shifted by four bits, and their lengths.
    codes: [u16; SYMBOLS],
}

impl Bits {
    /// Begins a block, which is the only one, behind what the file begins with.
    pub fn new(file: Vec<u8>, lengths: &[u8; SYMBOLS]) -> Self {
        let mut codes = codes(lengths);
        let mut bits = Self {
            word: Word::behind(&file),
            file,
            codes: std::array::from_fn(|_| codes.next().unwrap_or(0)),
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
    fn reserve(&mut self, bytes: usize) {
        let room = self.word.at() + bytes / 8 * LONGEST_CODE + bytes + 64;
        if self.file.len() < room {
            self.file.resize(room + room / 4, 0);
        }
    }

    /// Codes a row, and notes the places that symbols change.
    pub fn row(&mut self, rows: &Rows<'_>, table: &mut Writer) {
        let length = rows.line().len();
        self.reserve(length);
        let notes = table.notes(length, (self.word.at() + length * 2) * 8);
        let mut coder = Coder {
            file: &mut self.file,
            word: self.word,
            codes: &self.codes,
            notes,
        };
        rows.walk(&mut coder);
        self.word = coder.word;
        let (noted, last) = coder.notes.end();
        table.take_over(noted, last);
    }

    pub fn symbol(&mut self, symbol: usize) {
        self.word.symbol(&self.codes, symbol);
        self.word.flush(&mut self.file);
    }

    fn put(&mut self, value: u32, length: u32) {
        self.word.put(value, length);
        self.word.flush(&mut self.file);
    }

    /// The file. What is left of the last byte is filled up with zeros.
    pub fn finish(mut self) -> Vec<u8> {
        self.word.finish(&mut self.file);
        self.file
    }
}

/// Codes a row. Its functions stay apart: what each of them needs fits into registers.
struct Coder<'a> {
    file: &'a mut [u8],
    word: Word,
    codes: &'a [u16; SYMBOLS],
    notes: Notes<'a>,
}

impl Coder<'_> {
    /// A group in which symbols change the bytes whose bits are set.
    #[inline(always)]
    fn noted(&mut self, values: &[u8; GROUP], mask: u8) {
        let ends = values.map(|value| {
            self.word.symbol(self.codes, usize::from(value));
            self.word.last()
        });
        self.notes.places(&ends, mask);
        self.word.flush(self.file);
    }
}

impl Sink for Coder<'_> {
    #[inline(never)]
    fn literals(&mut self, values: &[u8]) {
        let (groups, rest) = values.as_chunks::<GROUP>();
        for group in groups {
            self.word.group(self.codes, group, self.file);
        }
        for value in rest {
            self.word.symbol(self.codes, usize::from(*value));
        }
        self.word.flush(self.file);
    }

    #[inline(never)]
    fn chip<const N: usize, const ROW: usize>(&mut self, values: &[u8; ROW], first: u8, last: u8) {
        if let [begin, between @ .., end] = values.as_chunks::<GROUP>().0 {
            self.noted(begin, first);
            for group in between {
                self.word.group(self.codes, group, self.file);
            }
            if last == 0 {
                self.word.group(self.codes, end, self.file);
            } else {
                self.noted(end, last << (GROUP - N));
            }
        }
    }

    #[inline(never)]
    fn changeable(&mut self, value: u8) {
        self.word.symbol(self.codes, value.into());
        self.notes.place(self.word.last());
        self.word.flush(self.file);
    }

    #[inline(never)]
    fn run(&mut self, length: usize) {
        let (symbol, extra, bits) = run(length);
        self.word.symbol(self.codes, symbol);
        self.word.put(extra, bits);
        // The distance.
        self.word.put(0, 1);
        self.word.flush(self.file);
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
