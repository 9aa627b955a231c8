//! Blocks as Huffman symbols with their additional bits (T.81 F.1.2.1, F.1.2.2).

use crate::coefficients::Grid;
use crate::huffman::Table;
use crate::{Coefficients, Component, Error};

/// A symbol and what follows it, packed: from the lowest bit on, up to eleven additional bits, the number of the symbol's table (8
/// bits further up than the symbol itself), and whether somebody wants to know where the additional bits are.
///
/// The size category is the low half of every symbol, of DC differences too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol(u32);

/// Values of [`Symbol::number`].
pub const NUMBERS: usize = 4 << 8;

const NUMBER: u32 = 11;
const WATCHED: u32 = 31;

impl Symbol {
    /// With `bits` of at most eleven bits, and `watched` 0 or 1.
    #[inline(always)]
    pub fn new(number: u32, bits: u32, watched: u32) -> Self {
        Self(watched << WATCHED | number << NUMBER | bits)
    }

    /// The symbol, plus 256 times its table: DC and AC of the first component, DC and AC of the others.
    #[inline(always)]
    pub fn number(self) -> usize {
        (self.0 >> NUMBER) as usize % NUMBERS
    }

    /// The additional bits, and nothing else.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.0 & ((1 << NUMBER) - 1)
    }

    /// How many additional bits there are.
    #[inline(always)]
    pub fn length(self) -> u32 {
        self.0 >> NUMBER & 15
    }

    /// 1 if it is watched, else 0.
    #[inline(always)]
    pub fn watched(self) -> usize {
        (self.0 >> WATCHED) as usize
    }
}

/// In a symbol's number: AC's tables, and those of all components but the first.
const AC: u32 = 1 << 8;
const OTHERS: u32 = 1 << 9;
/// Sixteen coefficients that are zero, before one that is not.
pub const SIXTEEN_ZEROS: u32 = 0xF0;
const END_OF_BLOCK: u32 = 0x00;

/// Most symbols of a block: the DC difference, 63 coefficients.
const BLOCK_SYMBOLS: usize = 64;

/// The largest DC difference and the largest AC coefficient in baseline files (tables F.1, F.2), and one more.
pub const DC_END: u32 = 1 << 11;
pub const AC_END: u32 = 1 << 10;

/// Makes symbols of rows of MCUs, and counts them.
pub struct Rows<'a, W> {
    coefficients: &'a Coefficients,
    grid: Grid,
    watched: W,
    /// Room for the symbols of a row.
    row: Vec<Symbol>,
    /// How often each symbol came, by its number.
    histogram: Box<[u32; NUMBERS]>,
    /// Coefficients that are watched.
    watched_so_far: usize,
}

impl<'a, W: Fn(usize, usize) -> u64> Rows<'a, W> {
    /// `watched` has for each component and block a word with a bit for each coefficient, in zigzag order, that is watched.
    pub fn new(coefficients: &'a Coefficients, grid: Grid, watched: W) -> Self {
        let blocks = |component: &Component| usize::from(component.v) * component.blocks_wide;
        let blocks: usize = coefficients.components.iter().map(blocks).sum();
        Self {
            coefficients,
            grid,
            watched,
            row: vec![Symbol(0); blocks * BLOCK_SYMBOLS],
            histogram: Box::new([0; NUMBERS]),
            watched_so_far: 0,
        }
    }

    /// Coefficients of all rows so far that are watched, those of a row that was asked for twice counted twice.
    pub fn watched(&self) -> usize {
        self.watched_so_far
    }

    /// How often each symbol came in all rows so far, by its number, those of a row that was asked for twice counted twice.
    pub fn histogram(&self) -> &[u32; NUMBERS] {
        &self.histogram
    }

    /// The symbols of one row of MCUs in the order of an interleaved scan (T.81 A.2.3).
    #[inline(never)]
    pub fn symbols(&mut self, mcu_row: usize) -> &[Symbol] {
        let mut out = Out {
            symbols: &mut self.row,
            count: 0,
            histogram: &mut self.histogram,
            tables: 0,
        };
        let mut watched_here = 0;
        let mut previous = self.coefficients.averages_before(mcu_row);
        for mcu in 0..self.grid.mcus_wide {
            for ((n, component), previous) in self.coefficients.components.iter().enumerate().zip(&mut previous) {
                let (h, v) = (usize::from(component.h), usize::from(component.v));
                out.tables = if n > 0 { OTHERS } else { 0 };
                for row in mcu_row * v..(mcu_row + 1) * v {
                    let start = row * component.blocks_wide + mcu * h;
                    let blocks = component.blocks.get(start..start + h).unwrap_or_default();
                    for (number, block) in (start..).zip(blocks) {
                        let watched = (self.watched)(n, number);
                        watched_here += watched.count_ones() as usize;
                        out.block(block, i32::from(block[0]) - i32::from(*previous), watched);
                        *previous = block[0];
                    }
                }
            }
        }
        let count = out.count;
        self.watched_so_far += watched_here;
        self.row.get(..count).unwrap_or_default()
    }

    /// The best Huffman tables for all that was seen, DC and AC: one pair for the first component, one for the others.
    ///
    /// # Errors
    /// [`Error::CoefficientRange`] if baseline coding cannot express it.
    pub fn tables(&self) -> Result<Vec<(Table, Table)>, Error> {
        let tables = self.histogram.as_chunks::<256>().0.as_chunks::<2>().0;
        // Bits that a symbol has no room for reach into its category, which stays too large.
        let from = |counts: &[u32], category: u32| counts.iter().skip(category as usize).any(|count| *count > 0);
        let too_large = |[dc, ac]: &[[u32; 256]; 2]| {
            from(dc, DC_END.ilog2() + 1) || ac.chunks_exact(16).any(|run| from(run, AC_END.ilog2() + 1))
        };
        if tables.iter().any(too_large) {
            return Err(Error::CoefficientRange);
        }
        let pairs = tables.iter().take(self.coefficients.components.len());
        Ok(pairs.map(|[dc, ac]| (Table::optimal(dc), Table::optimal(ac))).collect())
    }
}

/// Where symbols go.
struct Out<'a> {
    symbols: &'a mut [Symbol],
    count: usize,
    histogram: &'a mut [u32; NUMBERS],
    /// The component's tables: 0 or [`OTHERS`].
    tables: u32,
}

impl Out<'_> {
    /// The symbols of a block whose DC coefficient differs from the one before by `difference`.
    ///
    /// Out of line, so that its numbers stay in registers, and without branches that depend on values, which nobody can foresee.
    #[inline(never)]
    fn block(&mut self, block: &[i16; 64], difference: i32, watched: u64) {
        let (dc, ac) = (self.tables, self.tables | AC);
        let room = self.symbols.get_mut(self.count..);
        let Some(symbols) = room.and_then(|room| room.first_chunk_mut::<BLOCK_SYMBOLS>()) else {
            return;
        };
        let histogram = &mut *self.histogram;
        let mut count = 0;
        let mut put = |symbol: Symbol| {
            histogram[symbol.number()] += 1;
            // No block has more.
            symbols[count % BLOCK_SYMBOLS] = symbol;
            count += 1;
        };
        let (length, bits) = category(difference);
        put(Symbol::new(dc | length, bits, watched as u32 & 1));

        let mut rest = nonzero(block) & !1;
        let mut next = 1;
        while rest != 0 {
            let place = rest.trailing_zeros();
            rest &= rest - 1;
            let mut run = place - next;
            next = place + 1;
            while run >= 16 {
                put(Symbol::new(ac | SIXTEEN_ZEROS, 0, 0));
                run -= 16;
            }
            let (length, bits) = category(block[place as usize % 64].into());
            let watched = (watched >> (place % 64)) as u32 & 1;
            put(Symbol::new(ac | run << 4 | length, bits, watched));
        }
        if next < 64 {
            put(Symbol::new(ac | END_OF_BLOCK, 0, 0));
        }
        self.count += count;
    }
}

/// The size category, and the low bits of a positive value, of one less for a negative one, as many as the category.
#[inline(always)]
pub fn category(value: i32) -> (u32, u32) {
    let sign = value >> 31;
    let length = 32 - ((value ^ sign) - sign).leading_zeros();
    (length, (value + sign).cast_unsigned() & ((1 << length) - 1))
}

/// Bit k is set when coefficient k is not zero.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub fn nonzero(block: &[i16; 64]) -> u64 {
    use core::arch::wasm32::{i8x16_bitmask, i8x16_narrow_i16x8, i16x8, i16x8_ne, i16x8_splat};
    // Becomes one load.
    let load = |n: &[i16; 8]| i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
    let differs = |eight| i16x8_ne(load(eight), i16x8_splat(0));
    let pairs = block.as_chunks::<8>().0.as_chunks::<2>().0;
    pairs.iter().rev().fold(0, |mask, [low, high]| {
        mask << 16 | u64::from(i8x16_bitmask(i8x16_narrow_i16x8(differs(low), differs(high))))
    })
}

/// Bit k is set when coefficient k is not zero.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
pub fn nonzero(block: &[i16; 64]) -> u64 {
    let flags = block.map(|coefficient| u8::from(coefficient != 0));
    flags.as_chunks::<8>().0.iter().rev().fold(0, |mask, &eight| {
        // Multiplying moves the low bit of byte n to bit 56 + n; no two products meet.
        mask << 8 | u64::from_le_bytes(eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grey picture of these blocks.
    fn picture(blocks: &[[i16; 64]]) -> Coefficients {
        let luma = Component {
            id: 1,
            h: 1,
            v: 1,
            quant: [1; 64],
            blocks_wide: blocks.len(),
            blocks_high: 1,
            blocks: blocks.into(),
        };
        Coefficients {
            width: u16::try_from(blocks.len() * 8).unwrap(),
            height: 8,
            components: vec![luma],
        }
    }

    fn symbols(blocks: &[[i16; 64]], watched: u64) -> (Vec<(usize, u32, u32, usize)>, bool) {
        let picture = picture(blocks);
        let grid = Grid::new(picture.width, picture.height, std::iter::once((1, 1)));
        let mut rows = Rows::new(&picture, grid, |_, _| watched);
        let all = rows.symbols(0).iter();
        let all = all.map(|symbol| (symbol.number(), symbol.bits(), symbol.length(), symbol.watched()));
        (all.collect(), rows.tables().is_ok())
    }

    #[test]
    fn runs_and_values_become_symbols() {
        let mut block = [0; 64];
        (block[0], block[1], block[20], block[63]) = (-3, 5, -1, 2);
        let zeros = (0x1F0, 0, 0, 0);
        let end = (0x100, 0, 0, 0);
        let (found, in_range) = symbols(&[[0; 64], block], 1 << 20 | 1);
        let first = [
            (0, 0, 0, 1),
            end,
            (2, 0, 2, 1),
            (0x103, 5, 3, 0),
            zeros,
            (0x121, 0, 1, 1),
        ];
        assert!(in_range);
        assert_eq!(found, [&first[..], &[zeros, zeros, (0x1A2, 2, 2, 0)]].concat());
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
        let in_range = |blocks: &[[i16; 64]]| symbols(blocks, 0).1;
        let ac = |value| in_range(&[[0; 64].map(|_: i16| value)]);
        assert!(ac(1023) && ac(-1023) && !ac(1024) && !ac(-1024) && !ac(i16::MIN));
        let dc = |value, previous| {
            let mut blocks = [[0; 64]; 2];
            (blocks[0][0], blocks[1][0]) = (previous, value);
            in_range(&blocks)
        };
        assert!(dc(1023, -1024) && !dc(1024, -1024) && !dc(i16::MIN, i16::MAX));
    }
}
