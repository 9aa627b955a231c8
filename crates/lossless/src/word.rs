//! Bits on their way into the file, the first one lowest in its byte: as both deflate and lossless WebP have it.

use crate::huffman::SYMBOLS;

/// Codes of twelve bits that fit beside seven bits left over.
pub(crate) const GROUP: usize = 4;

/// Bits that are not in the file yet, and where they go.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    at: usize,
    waiting: u64,
    filled: u32,
}

impl Word {
    /// Begins behind what a file begins with.
    pub fn behind(file: &[u8]) -> Self {
        Self {
            at: file.len(),
            waiting: 0,
            filled: 0,
        }
    }

    /// Bytes that are written.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A code, shifted by four bits, and its length.
    #[inline(always)]
    pub fn code(&mut self, code: u16) {
        self.put(u32::from(code >> 4), u32::from(code & 15));
    }

    /// Ends the file, in which there is room for a word. What is left of its last byte is filled up with zeros.
    pub fn finish(mut self, file: &mut Vec<u8>) {
        self.filled = self.filled.next_multiple_of(8);
        self.flush(file);
        file.truncate(self.at);
    }

    #[inline(always)]
    pub fn put(&mut self, value: u32, length: u32) {
        self.waiting |= u64::from(value) << self.filled;
        self.filled += length;
    }

    #[inline(always)]
    pub fn symbol(&mut self, codes: &[u16; SYMBOLS], symbol: usize) {
        self.code(codes[symbol]);
    }

    #[inline(always)]
    pub fn group(&mut self, codes: &[u16; SYMBOLS], values: &[u8; GROUP], file: &mut [u8]) {
        for value in values {
            self.symbol(codes, usize::from(*value));
        }
        self.flush(file);
    }

    /// Writes whole bytes; fewer than eight bits stay.
    #[inline(always)]
    pub fn flush(&mut self, file: &mut [u8]) {
        if let Some(place) = file.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = self.waiting.to_le_bytes();
        }
        self.at += (self.filled / 8) as usize;
        self.waiting >>= self.filled & !7;
        self.filled &= 7;
    }

    /// Place of the last bit.
    #[inline(always)]
    pub fn last(&self) -> usize {
        self.at * 8 + self.filled as usize - 1
    }
}
