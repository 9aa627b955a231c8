//! Encoding for those who will change bits of the file afterwards: where each coefficient's additional bits lie.
//!
//! A coefficient is coded as a Huffman symbol, which says its size category, and as many additional bits, which say its value
//! and on which nothing else depends (T.81 F.1.2). Whoever changes additional bits changes that coefficient alone.

use crate::bits::Bits;
use crate::coefficients::Grid;
use crate::encode::checked_grid;
use crate::header::header;
use crate::huffman::Table;
use crate::symbols::{NUMBERS, Rows, Symbol};
use crate::{Coefficients, Error, marker};

/// A file in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstuffed {
    /// Everything before the entropy-coded data.
    pub header: Vec<u8>,
    /// The entropy-coded data of all scans, without the zero that the file has after each 0xFF (T.81 B.1.1.5).
    pub entropy: Vec<u8>,
    /// What stands between scans, and before which byte of the entropy-coded data.
    pub between: Vec<(usize, Vec<u8>)>,
    /// How many bits of the entropy-coded data are before the additional bits of each coefficient that was watched, in the order
    /// of the file.
    pub positions: Vec<usize>,
}

impl Unstuffed {
    /// The file, and the places of the entropy-coded data behind which it has a byte more, ascending: each moves what is behind it by
    /// one. They are those of the bytes 0xFF, and, as often as it has bytes, of the one before what stands between scans.
    #[must_use]
    pub fn finish(self) -> (Vec<u8>, Vec<usize>) {
        let ones = ones_bytes(&self.entropy);
        let between: usize = self.between.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut file = self.header;
        file.reserve(self.entropy.len() + ones.len() + between + 2);
        let mut places = Vec::with_capacity(ones.len() + between);
        let mut ones = ones.into_iter().peekable();
        let (mut start, end) = (0, self.entropy.len());
        let scans = self.between.iter().map(|(end, bytes)| (*end, bytes.as_slice()));
        for (end, bytes) in scans.chain([(end, &[][..])]) {
            while let Some(place) = ones.next_if(|place| *place < end) {
                file.extend_from_slice(self.entropy.get(start..=place).unwrap_or_default());
                file.push(0);
                places.push(place);
                start = place + 1;
            }
            file.extend_from_slice(self.entropy.get(start..end).unwrap_or_default());
            start = end;
            file.extend_from_slice(bytes);
            places.extend(std::iter::repeat_n(end.saturating_sub(1), bytes.len()));
        }
        file.extend([0xFF, marker::EOI]);
        (file, places)
    }
}

/// The places of the bytes that are 0xFF.
#[inline(never)]
fn ones_bytes(bytes: &[u8]) -> Vec<usize> {
    const ONE_EACH: u64 = 0x0101_0101_0101_0101;
    let mut places = Vec::with_capacity(bytes.len() / 128);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut add = |start: usize, bytes: &[u8]| {
        places.extend(
            (start..)
                .zip(bytes)
                .filter(|(_, byte)| **byte == 0xFF)
                .map(|(place, _)| place),
        );
    };
    for (start, word) in (0..).step_by(8).zip(words) {
        let value = u64::from_le_bytes(*word);
        // Only a zero byte of the inverse borrows into its top bit.
        if (!value).wrapping_sub(ONE_EACH) & value & (ONE_EACH << 7) != 0 {
            add(start, word);
        }
    }
    add(words.len() * 8, rest);
    places
}

/// Symbols that are kept from counting to writing, 4 bytes each: those of a picture of half a megapixel. The rest of a larger one is
/// made twice.
pub const MOST_KEPT: usize = 1 << 18;

/// Encodes as [`encode`](crate::encode) does, to the same bytes, and finds where the DC differences and AC coefficients are that are
/// `watched`: a word for each component and block, with a bit for each place of the zigzag sequence. An AC coefficient that is
/// watched must not be zero.
///
/// # Errors
/// As [`encode`](crate::encode).
pub fn encode_unstuffed(c: &Coefficients, watched: impl Fn(usize, usize) -> u64) -> Result<Unstuffed, Error> {
    let grid = checked_grid(c)?;
    let mut rows = Rows::new(c, grid, watched);
    let (mut kept, mut kept_rows) = (Vec::new(), 0);
    for mcu_row in 0..grid.mcus_high {
        let symbols = rows.symbols(mcu_row);
        if kept_rows == mcu_row && kept.len() + symbols.len() <= MOST_KEPT {
            kept.extend_from_slice(symbols);
            kept_rows += 1;
        }
    }
    let tables = rows.tables()?;
    let codes = codes(&tables);
    let header = header(c, &tables);
    let mut entropy = vec![0; length(&codes, rows.histogram())];
    let mut positions = Positions::default();
    positions.expect(rows.watched());
    let mut bits = write(&kept, &codes, Bits::new(&mut entropy), &mut positions);
    for mcu_row in kept_rows..grid.mcus_high {
        bits = write(rows.symbols(mcu_row), &codes, bits, &mut positions);
    }
    bits.finish();
    Ok(Unstuffed {
        header,
        entropy,
        between: Vec::new(),
        positions: positions.finish(),
    })
}

/// Where watched symbols are.
#[derive(Default)]
pub struct Positions {
    places: Vec<usize>,
    count: usize,
}

impl Positions {
    /// Takes room for so many more.
    pub fn expect(&mut self, more: usize) {
        // One more is written, and left out again.
        self.places.resize(self.count + more + 1, 0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Moves those behind the first so many by some bits.
    pub fn shift(&mut self, first: usize, by: usize) {
        let places = self.places.get_mut(first..self.count).unwrap_or_default();
        places.iter_mut().for_each(|place| *place += by);
    }

    /// All of them.
    pub fn finish(mut self) -> Vec<usize> {
        self.places.truncate(self.count);
        self.places
    }
}

/// Bytes that so many symbols of each number take.
pub fn length(codes: &[u32; NUMBERS], histogram: &[u32; NUMBERS]) -> usize {
    let lengths = codes.iter().zip(histogram);
    let bits: usize = lengths
        .map(|(code, count)| (code & 31) as usize * *count as usize)
        .sum();
    bits.div_ceil(8)
}

/// For each number of a symbol its code, moved to the left by its additional bits, and below it in five bits the length of both.
fn codes(tables: &[(Table, Table)]) -> Box<[u32; NUMBERS]> {
    let mut codes = Box::new([0; NUMBERS]);
    for (table, of_table) in tables.iter().flat_map(|(dc, ac)| [dc, ac]).zip(codes.chunks_mut(256)) {
        for (symbol, code, length) in table.codes() {
            let additional = u32::from(symbol) & 15;
            of_table[usize::from(symbol)] = u32::from(code) << additional << 5 | (u32::from(length) + additional);
        }
    }
    codes
}

/// Writes symbols. Out of line, with few branches, and two at a time, so that its numbers stay in registers.
#[inline(never)]
pub fn write<'a>(
    symbols: &[Symbol],
    codes: &[u32; NUMBERS],
    mut bits: Bits<'a>,
    positions: &mut Positions,
) -> Bits<'a> {
    let (places, mut count) = (positions.places.as_mut_slice(), positions.count);
    let mut note = |symbol: Symbol, behind: usize| {
        // Overwritten by the next one unless it is watched.
        if let Some(place) = places.get_mut(count) {
            *place = behind - symbol.length() as usize;
        }
        count += symbol.watched();
    };
    let (pairs, last) = symbols.as_chunks::<2>();
    for &[one, other] in pairs {
        let (first, second) = (codes[one.number()], codes[other.number()]);
        let (length, both) = (first & 31, (first & 31) + (second & 31));
        let before = bits.written();
        note(one, before + length as usize);
        note(other, before + both as usize);
        let (first, second) = (first >> 5 | one.bits(), second >> 5 | other.bits());
        bits.put(u64::from(first) << (both - length) | u64::from(second), both);
    }
    for &symbol in last {
        let code = codes[symbol.number()];
        bits.put((code >> 5 | symbol.bits()).into(), code & 31);
        note(symbol, bits.written());
    }
    positions.count = count;
    bits
}

impl Coefficients {
    /// Component and number of every block in the order of an interleaved scan (T.81 A.2.3).
    pub fn coding_order(&self) -> impl Iterator<Item = (usize, usize)> {
        let factors = self.components.iter().map(|component| (component.h, component.v));
        places(self, Grid::new(self.width, self.height, factors))
    }

    /// The numbers of the first component's blocks in that order.
    #[must_use]
    pub fn luma_order(&self) -> Vec<usize> {
        let Some(luma) = self.components.first() else {
            return Vec::new();
        };
        let (h, v) = (usize::from(luma.h.max(1)), usize::from(luma.v.max(1)));
        let mut order = Vec::with_capacity(luma.blocks.len());
        for mcu_row in 0..luma.blocks_high / v {
            for mcu in 0..luma.blocks_wide / h {
                for row in mcu_row * v..(mcu_row + 1) * v {
                    let start = row * luma.blocks_wide + mcu * h;
                    order.extend(start..start + h);
                }
            }
        }
        order
    }
}

fn places(c: &Coefficients, grid: Grid) -> impl Iterator<Item = (usize, usize)> {
    let mcus = (0..grid.mcus_high).flat_map(move |y| (0..grid.mcus_wide).map(move |x| (x, y)));
    mcus.flat_map(move |(x, y)| {
        c.components.iter().enumerate().flat_map(move |(number, component)| {
            let (h, v) = (usize::from(component.h), usize::from(component.v));
            (y * v..(y + 1) * v)
                .flat_map(move |row| (x * h..(x + 1) * h).map(move |column| row * component.blocks_wide + column))
                .map(move |block| (number, block))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{LIMITS, every, noise, pictures};
    use crate::{Pixels, Sampling, encode, read, transform};

    #[test]
    fn luma_is_in_the_order_of_the_scan() {
        for c in pictures() {
            let luma = c.coding_order().filter(|(component, _)| *component == 0);
            assert!(luma.map(|(_, block)| block).eq(c.luma_order()));
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_encoder() {
        for c in pictures() {
            let parts = encode_unstuffed(&c, |_, _| 0).unwrap();
            let (entropy, header) = (parts.entropy.clone(), parts.header.len());
            let (file, stuffed) = parts.finish();
            assert_eq!(file, encode(&c).unwrap());
            let ones = (0..).zip(&entropy).filter(|(_, byte)| **byte == 0xFF);
            assert!(ones.map(|(place, _)| place).eq(stuffed.iter().copied()));
            for (place, byte) in entropy.into_iter().enumerate().step_by(11) {
                let moved = stuffed.iter().filter(|stuffed| **stuffed < place).count();
                assert_eq!(file[header + place + moved], byte);
            }
        }
    }

    /// Inverting the bits that were named changes the coefficient that they were named for, to its opposite, and no other.
    #[test]
    fn positions_are_those_of_the_coefficients() {
        for c in pictures() {
            let all = |component: usize, block: usize| every(&c, component, block);
            let parts = encode_unstuffed(&c, all).unwrap();
            let coded = c.coding_order().flat_map(|(component, block)| {
                let indices = (0..64).filter(move |index| all(component, block) >> index & 1 == 1);
                indices.map(move |index| (component, block, index))
            });
            let coded: Vec<_> = coded.zip(&parts.positions).collect();
            assert_eq!(coded.len(), parts.positions.len());
            let some = coded.iter().filter(|((_, _, index), _)| *index > 0).step_by(37);
            for &((component, block, index), position) in some {
                let mut expected = c.clone();
                let value = &mut expected.components[component].blocks[block][index];
                *value = -*value;
                let length = 16 - value.unsigned_abs().leading_zeros() as usize;
                let mut changed = parts.clone();
                for bit in *position..position + length {
                    changed.entropy[bit / 8] ^= 0x80 >> (bit % 8);
                }
                assert_eq!(
                    read(&changed.finish().0, &LIMITS).unwrap(),
                    expected,
                    "{component} {block} {index}"
                );
            }
        }
    }

    /// Of pictures with more symbols than are kept, the last rows are made twice.
    #[test]
    fn large_pictures_are_written_to_the_end() {
        let c = transform(Pixels::Grey(&noise(1400 * 1000)), 1400, 1000, 95, Sampling::Yuv444).unwrap();
        assert_eq!(read(&encode(&c).unwrap(), &LIMITS).unwrap(), c);
    }
}
