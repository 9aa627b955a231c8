//! The bit stream: transforms, codes, and pixels as literals and runs of zeros (RFC 9649 section 3).

use super::pixels::{Pixel, Pixels};
use super::predictor::{Modes, residuals};
use super::settle::{Carried, Masks};
use crate::Error;
use crate::cells::SIDE;
use crate::huffman::{codes, lengths_of};
use crate::table::{Notes, Writer};
use crate::word::Word;

/// Longest side of a picture: it has 14 bits.
pub(super) const MOST_SIDE: usize = 1 << 14;

/// Values of a sample, and of green beside lengths of runs.
const VALUES: usize = 256;
const GREENS: usize = VALUES + 24;
/// Values of distances. The second is the one of a pixel, as a place in the plane.
const DISTANCE: u8 = 1;
/// The longest run, and the shortest that is worth it.
const LONGEST: usize = 4096;
const SHORTEST: usize = 3;
/// Rows of which one is counted to find the codes, and pixels up to which all are.
const SAMPLED: usize = 5;
const SMALL: usize = 1 << 16;
/// Bytes before the chunk's own: RIFF header, and the chunk's.
const BEFORE: usize = 20;

/// A symbol changes the pixel's green, a carrier its blue.
const GREEN: u8 = 1;
const BLUE: u8 = 2;

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

/// What is changed in a row.
struct Marks<'a> {
    masks: &'a Masks,
    carried: &'a [Carried],
    /// A pixel's [`GREEN`] and [`BLUE`].
    flags: Vec<u8>,
    /// How many changes the row's chips make, and its carriers.
    of_chips: Vec<u8>,
    of_carriers: Vec<u8>,
    /// Whether the last carriers' lower row is still to come.
    open: bool,
}

impl<'a> Marks<'a> {
    fn new(masks: &'a Masks, carried: &'a [Carried]) -> Self {
        Self {
            masks,
            carried,
            flags: Vec::new(),
            of_chips: Vec::new(),
            of_carriers: Vec::new(),
            open: false,
        }
    }

    fn turn_to(&mut self, y: usize, width: usize) {
        self.flags.clear();
        self.flags.resize(width, 0);
        self.of_chips.clear();
        self.of_carriers.clear();
        let wide = self.masks.wide;
        let band = self
            .masks
            .masks
            .get(y / SIDE * wide..(y / SIDE + 1) * wide)
            .unwrap_or_default();
        for (mask, flags) in band.iter().zip(self.flags.as_chunks_mut::<SIDE>().0) {
            if let Some(mask) = mask {
                let own = (mask >> (y % SIDE * SIDE)) as u8;
                self.of_chips.push(own.count_ones() as u8);
                for (n, flag) in flags.iter_mut().enumerate() {
                    *flag = own >> n & 1;
                }
            }
        }
        for carried in of_row(self.carried, y) {
            let places = [(carried.x, true), (carried.x + 1, carried.right)];
            self.of_carriers.push(flag(&mut self.flags, places));
        }
        for carried in y.checked_sub(1).map(|y| of_row(self.carried, y)).unwrap_or_default() {
            let places = [(carried.x, carried.below), (carried.x + 1, carried.corner)];
            self.of_carriers.push(flag(&mut self.flags, places));
        }
    }

    /// Writes what the row's chips and carriers change into their tables.
    fn describe(&mut self, y: usize, chips: &mut Writer, carriers: &mut Writer) {
        if self.masks.masks.len() > y / SIDE * self.masks.wide {
            if y.is_multiple_of(SIDE) {
                chips.number(self.of_chips.len());
            }
            chips.counts(&self.of_chips);
        }
        let own = !of_row(self.carried, y).is_empty();
        if own {
            carriers.number(self.of_carriers.len());
        }
        if own || self.open {
            carriers.counts(&self.of_carriers);
        }
        self.open = own;
    }
}

/// The carriers of a row.
fn of_row(carried: &[Carried], y: usize) -> &[Carried] {
    let from = carried.partition_point(|carried| carried.y < y);
    let to = carried.partition_point(|carried| carried.y <= y);
    carried.get(from..to).unwrap_or_default()
}

/// Flags blue where it is changed; how often it is.
fn flag(flags: &mut [u8], places: [(usize, bool); 2]) -> u8 {
    let mut count = 0;
    for (x, _) in places.into_iter().filter(|(_, changed)| *changed) {
        if let Some(flags) = flags.get_mut(x) {
            *flags |= BLUE;
            count += 1;
        }
    }
    count
}

/// Takes a row's pixels in order.
trait Sink {
    fn pixel(&mut self, pixel: &Pixel, flags: u8);
    /// So many repetitions of the pixel before.
    fn run(&mut self, length: usize);
}

/// Hands a row over. Zeros that nothing changes are runs.
fn walk(line: &[Pixel], flags: &[u8], sink: &mut impl Sink) {
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
struct Counts {
    green: [u32; GREENS],
    others: [[u32; VALUES]; 3],
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

fn counted(pixels: &Pixels, modes: &Modes, marks: &mut Marks<'_>) -> Counts {
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

/// The symbol of a length, its additional bits and their number (RFC 9649 section 5.2.2).
fn prefix(length: usize) -> (usize, u32, u32) {
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
struct Code {
    lengths: Vec<u8>,
    /// Codes, shifted by four bits, and their lengths.
    codes: Vec<u16>,
    /// The only symbol, which takes no bit.
    only: Option<u8>,
}

impl Code {
    /// For symbols that occur so often, at least `least` times, the first ones in pairs.
    fn of(counts: &[u32], paired: usize, least: u32) -> Self {
        let lengths = lengths_of(counts, paired, least);
        Self {
            codes: codes(&lengths).collect(),
            lengths,
            only: None,
        }
    }

    fn one(symbol: u8) -> Self {
        Self {
            lengths: Vec::new(),
            codes: vec![0; VALUES],
            only: Some(symbol),
        }
    }
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

/// Codes a row.
struct Coder<'a> {
    file: &'a mut [u8],
    word: Word,
    /// Of green, red, blue and alpha.
    codes: [&'a [u16; VALUES]; 4],
    runs: &'a [u16],
    chips: Notes<'a>,
    carriers: Notes<'a>,
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
