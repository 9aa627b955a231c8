//! Prefix codes (RFC 9649 sections 5.2.2 and 6.2.1).

use crate::huffman::{codes, lengths_of};

/// Values of a sample, and of green beside lengths of runs.
pub(super) const VALUES: usize = 256;
pub(super) const GREENS: usize = VALUES + 24;

/// The symbol of a length, its additional bits and their number (RFC 9649 section 5.2.2).
pub(super) fn prefix(length: usize) -> (usize, u32, u32) {
    let less = length.saturating_sub(1);
    if less < 4 {
        return (less, 0, 0);
    }
    let bits = less.ilog2() - 1;
    (
        2 * bits as usize + (less >> bits),
        (less & ((1 << bits) - 1)) as u32,
        bits,
    )
}

/// A prefix code.
pub(super) struct Code {
    pub lengths: Vec<u8>,
    /// Codes, shifted by four bits, and their lengths.
    pub codes: Vec<u16>,
    /// The only symbol, which takes no bit.
    pub only: Option<u8>,
}

impl Code {
    /// For symbols that occur so often, at least `least` times, the first ones in pairs.
    pub fn of(counts: &[u32], paired: usize, least: u32) -> Self {
        let lengths = lengths_of(counts, paired, least);
        Self {
            codes: codes(&lengths).collect(),
            lengths,
            only: None,
        }
    }

    /// For one symbol.
    pub fn one(symbol: u8) -> Self {
        Self {
            lengths: Vec::new(),
            codes: vec![0; VALUES],
            only: Some(symbol),
        }
    }
}
