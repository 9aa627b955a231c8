//! A row's pixels as literals and runs of zeros.

use super::code::{GREENS, VALUES, prefix};
use super::marks::{BLUE, GREEN, Marks};
use super::pixels::{Pixel, Pixels};
use super::predictor::{Modes, residuals};
use crate::table::Notes;
use crate::word::Word;

/// The longest run, and the shortest that is worth it.
pub(super) const LONGEST: usize = 4096;
pub(super) const SHORTEST: usize = 3;
/// Rows of which one is counted to find the codes, and pixels up to which all are.
const SAMPLED: usize = 5;
const SMALL: usize = 1 << 16;

/// Takes a row's pixels in order.
pub(super) trait Sink {
    fn pixel(&mut self, pixel: &Pixel, flags: u8);
    /// So many repetitions of the pixel before.
    fn run(&mut self, length: usize);
}

/// Hands a row over. Zeros that nothing changes are runs.
pub(super) fn walk(line: &[Pixel], flags: &[u8], sink: &mut impl Sink) {
    let mut rest = line.iter().zip(flags);
    while let Some((pixel, flags)) = rest.next() {
        sink.pixel(pixel, *flags);
        if *pixel != [0; 4] || *flags != 0 {
            continue;
        }
        let zeros = rest
            .clone()
            .take_while(|(pixel, flags)| **pixel == [0; 4] && **flags == 0)
            .count();
        if zeros >= SHORTEST {
            let mut left = zeros;
            while left > 0 {
                sink.run(left.min(LONGEST));
                left -= left.min(LONGEST);
            }
            rest.nth(zeros - 1);
        }
    }
}

/// How often each symbol occurs: of green and runs, and of red, blue and alpha.
pub(super) struct Counts {
    pub green: [u32; GREENS],
    pub others: [[u32; VALUES]; 3],
}

impl Sink for Counts {
    fn pixel(&mut self, [green, others @ ..]: &Pixel, _: u8) {
        self.green[usize::from(*green)] += 1;
        for (counts, value) in self.others.iter_mut().zip(others) {
            counts[usize::from(*value)] += 1;
        }
    }

    fn run(&mut self, length: usize) {
        if let Some(count) = self.green.get_mut(VALUES + prefix(length).0) {
            *count += 1;
        }
    }
}

/// Counts a picture's symbols, of a large one only in some of its rows.
pub(super) fn counted(pixels: &Pixels, modes: &Modes, marks: &mut Marks<'_>) -> Counts {
    let mut counts = Counts {
        green: [0; GREENS],
        others: [[0; VALUES]; 3],
    };
    let step = if pixels.pixels.len() <= SMALL { 1 } else { SAMPLED };
    let mut line = Vec::with_capacity(pixels.width);
    for y in (0..pixels.height).step_by(step) {
        residuals(pixels, modes, y, &mut line);
        marks.turn_to(y, pixels.width);
        walk(&line, &marks.flags, &mut counts);
    }
    counts
}

/// Codes a row.
pub(super) struct Coder<'a> {
    pub file: &'a mut [u8],
    pub word: Word,
    /// Of green, red, blue and alpha.
    pub codes: [&'a [u16; VALUES]; 4],
    pub runs: &'a [u16],
    pub chips: Notes<'a>,
    pub carriers: Notes<'a>,
}

impl Sink for Coder<'_> {
    #[inline(always)]
    fn pixel(&mut self, [green, red, blue, alpha]: &Pixel, flags: u8) {
        self.word.code(self.codes[0][usize::from(*green)]);
        if flags & GREEN != 0 {
            self.chips.place(self.word.last());
        }
        self.word.code(self.codes[1][usize::from(*red)]);
        self.word.code(self.codes[2][usize::from(*blue)]);
        if flags & BLUE != 0 {
            self.carriers.place(self.word.last());
        }
        self.word.code(self.codes[3][usize::from(*alpha)]);
        self.word.flush(self.file);
    }

    #[inline(never)]
    fn run(&mut self, length: usize) {
        let (symbol, extra, bits) = prefix(length);
        self.word.code(self.runs.get(symbol).copied().unwrap_or(0));
        self.word.put(extra, bits);
        self.word.flush(self.file);
    }
}
