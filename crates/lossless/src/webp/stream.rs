//! The bit stream: header, transforms, codes and rows (RFC 9649 section 3).

use super::code::{Code, GREENS, VALUES, prefix};
use super::marks::Marks;
use super::pixels::{Pixel, Pixels};
use super::predictor::{Modes, residuals};
use super::row::{Coder, LONGEST, SHORTEST, counted, walk};
use super::settle::{Carried, Masks};
use crate::Error;
use crate::cells::SIDE;
use crate::table::Writer;
use crate::word::Word;

/// Longest side of a picture: it has 14 bits.
pub(super) const MOST_SIDE: usize = 1 << 14;

/// Values of distances. The second is the one of a pixel, as a place in the plane.
const DISTANCE: u8 = 1;
/// Bytes before the chunk's own: RIFF header, and the chunk's.
const BEFORE: usize = 20;

/// Codes a picture that is settled. The file, and the tables of chips and of carriers.
///
/// # Errors
/// [`Error::Picture`] for a file that is too large for its header.
pub(super) fn code(
    pixels: &Pixels,
    modes: &Modes,
    masks: &Masks,
    carried: &[Carried],
) -> Result<(Vec<u8>, [Vec<u8>; 2]), Error> {
    let mut marks = Marks::new(masks, carried);
    let counts = counted(pixels, modes, &mut marks);
    let mut stream = Stream::new();
    stream.header(pixels);
    stream.modes(modes);
    let coloured = pixels.pixels.iter().any(|[_, red, ..]| *red != 0);
    let codes = [
        Code::of(&counts.green, VALUES, 1),
        if coloured {
            Code::of(&counts.others[0], 0, 1)
        } else {
            Code::one(0)
        },
        Code::of(&counts.others[1], VALUES, 1),
        if pixels.transparent {
            Code::of(&counts.others[2], 0, 1)
        } else {
            Code::one(0)
        },
    ];
    // No cache of colours, one group of codes.
    stream.put(0, 2);
    codes.iter().for_each(|code| stream.code(code));
    stream.code(&Code::one(DISTANCE));
    let (mut chips, mut lowest) = (Writer::default(), Writer::default());
    let mut line = Vec::with_capacity(pixels.width);
    for y in 0..pixels.height {
        residuals(pixels, modes, y, &mut line);
        marks.turn_to(y, pixels.width);
        marks.describe(y, &mut chips, &mut lowest);
        stream.row(&line, &marks.flags, &codes, (&mut chips, &mut lowest));
    }
    if marks.open {
        lowest.number(0);
    }
    Ok((stream.finish()?, [chips.finish(), lowest.finish()]))
}

/// A growing file.
struct Stream {
    file: Vec<u8>,
    word: Word,
}

impl Stream {
    fn new() -> Self {
        let mut file = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0".to_vec();
        let word = Word::behind(&file);
        file.resize(1 << 12, 0);
        Self { file, word }
    }

    fn put(&mut self, value: usize, length: u32) {
        self.reserve(8);
        self.word.put(value as u32, length);
        self.word.flush(&mut self.file);
    }

    /// Makes room for so many bytes.
    fn reserve(&mut self, bytes: usize) {
        let room = self.word.at() + bytes + 16;
        if self.file.len() < room {
            self.file.resize(room + room / 4, 0);
        }
    }

    /// Sides, alpha, and the first of the transforms: red and blue without green.
    fn header(&mut self, pixels: &Pixels) {
        self.put(0x2F, 8);
        self.put(pixels.width - 1, 14);
        self.put(pixels.height - 1, 14);
        self.put(usize::from(pixels.alpha), 1);
        self.put(0, 3);
        self.put(0b101, 3);
    }

    /// The second and last transform: predictors, as a picture of blocks of eight pixels whose green they are.
    fn modes(&mut self, modes: &Modes) {
        self.put(0b001, 3);
        self.put((SIDE.ilog2() - 2) as usize, 3);
        let mut counts = [0; GREENS];
        runs(modes, |symbol| counts[symbol.0] += 1);
        let code = match modes.modes.first() {
            Some(only) if counts.iter().filter(|count| **count > 0).count() == 1 => Code::one(*only as u8),
            _ => Code::of(&counts, 0, 0),
        };
        // No cache of colours.
        self.put(0, 1);
        self.code(&code);
        for only in [0, 0, 0, DISTANCE] {
            self.code(&Code::one(only));
        }
        runs(modes, |(symbol, extra, bits)| {
            self.reserve(8);
            self.word.code(code.codes.get(symbol).copied().unwrap_or(0));
            self.word.put(extra, bits);
            self.word.flush(&mut self.file);
        });
        // No other transform.
        self.put(0, 1);
    }

    /// A code as its lengths, or its only symbol (RFC 9649 section 6.2.1).
    fn code(&mut self, code: &Code) {
        if let Some(only) = code.only {
            // One symbol, of one bit or of eight.
            let bits = if only < 2 { 1 } else { 8 };
            self.put(0b01, 2);
            self.put(usize::from(bits == 8), 1);
            self.put(only.into(), bits);
            return;
        }
        // Nineteen lengths of lengths: none for repetitions, which are the first, the second and the ninth, and four bits for each of 0
        // to 15.
        self.put(0, 1);
        self.put(19 - 4, 4);
        for place in 0..19 {
            self.put(if matches!(place, 0 | 1 | 8) { 0 } else { 4 }, 3);
        }
        // Of all symbols.
        self.put(0, 1);
        for length in &code.lengths {
            self.put((length.reverse_bits() >> 4).into(), 4);
        }
    }

    /// Codes a row, and notes the places that symbols and carriers change.
    fn row(&mut self, line: &[Pixel], flags: &[u8], codes: &[Code; 4], (chips, carriers): (&mut Writer, &mut Writer)) {
        let bytes = line.len() * 6;
        self.reserve(bytes);
        let end = (self.word.at() + bytes + 8) * 8;
        let [green, red, blue, alpha] = codes.each_ref().map(|code| code.codes.as_slice());
        let (Some(green), Some(red), Some(blue), Some(alpha)) = (
            green.first_chunk(),
            red.first_chunk(),
            blue.first_chunk(),
            alpha.first_chunk(),
        ) else {
            return;
        };
        let mut coder = Coder {
            file: &mut self.file,
            word: self.word,
            codes: [green, red, blue, alpha],
            runs: codes[0].codes.get(VALUES..).unwrap_or_default(),
            chips: chips.notes(line.len(), end),
            carriers: carriers.notes(line.len(), end),
        };
        walk(line, flags, &mut coder);
        self.word = coder.word;
        let ends = (coder.chips.end(), coder.carriers.end());
        chips.take_over(ends.0.0, ends.0.1);
        carriers.take_over(ends.1.0, ends.1.1);
    }

    /// The file, with its lengths.
    fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.reserve(8);
        self.word.finish(&mut self.file);
        let chunk = self.file.len() - BEFORE;
        if !chunk.is_multiple_of(2) {
            self.file.push(0);
        }
        for (place, length) in [(4, self.file.len() - 8), (BEFORE - 4, chunk)] {
            let length = u32::try_from(length).map_err(|_| Error::Picture)?;
            if let Some(place) = self.file.get_mut(place..place + 4) {
                place.copy_from_slice(&length.to_le_bytes());
            }
        }
        Ok(self.file)
    }
}

/// The predictors as symbols with additional bits: literals, and runs of what was before.
fn runs(modes: &Modes, mut symbol: impl FnMut((usize, u32, u32))) {
    for run in modes.modes.chunk_by(|one, other| one == other) {
        let mut left = run;
        if let Some((first, others)) = run.split_first() {
            symbol((*first as usize, 0, 0));
            left = others;
        }
        while left.len() >= SHORTEST {
            let (taken, others) = left.split_at(left.len().min(LONGEST));
            let (length, extra, bits) = prefix(taken.len());
            symbol((VALUES + length, extra, bits));
            left = others;
        }
        left.iter().for_each(|mode| symbol((*mode as usize, 0, 0)));
    }
}
