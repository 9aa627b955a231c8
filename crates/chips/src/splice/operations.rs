//! Where symbols change the entropy-coded data.

use jpeg::Coefficients;

use crate::carriers::one;
use crate::chip::{Chip, bits};

/// Kinds of symbols, each of which has a table of what it inverts.
pub const AVERAGE: usize = 0;
pub const TEXTURE: usize = 1;
pub const CARRIER: usize = 2;

/// Bits of one byte that a symbol inverts.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    pub byte: usize,
    pub mask: u8,
    /// Whether the value that is changed has bits in the byte before that are inverted, too.
    pub again: bool,
    /// Of the symbol among those of its kind.
    pub number: u32,
}

/// Collects the operations, block after block. All lists are in the order of the file.
pub struct Operations<'a> {
    coefficients: &'a Coefficients,
    averages: &'a [Chip],
    textures: &'a [Chip],
    /// How many carriers have been met; of chips, those that have not are above.
    carriers: u32,
    of_averages: u32,
    of_textures: u32,
    /// The chip whose second difference comes next.
    pending: Option<(u32, Chip)>,
    /// The level of the luma block before.
    before: i32,
    tables: [Vec<Operation>; 3],
    /// For each byte the bits that any operation inverts.
    masks: Vec<u8>,
}

impl<'a> Operations<'a> {
    /// None yet, of these chips and so many carriers in data of so many bytes.
    pub fn new(
        coefficients: &'a Coefficients,
        [averages, textures]: [&'a [Chip]; 2],
        carriers: usize,
        length: usize,
    ) -> Self {
        // Some lie in two bytes.
        let room = |symbols: usize| Vec::with_capacity(symbols + symbols / 4);
        Self {
            coefficients,
            averages,
            textures,
            carriers: 0,
            of_averages: 0,
            of_textures: 0,
            pending: None,
            before: 0,
            tables: [averages.len() * 2, textures.len(), carriers].map(room),
            masks: vec![0; length],
        }
    }

    /// Those of each table, and the bits that they invert of each byte.
    pub fn finish(self) -> ([Vec<Operation>; 3], Vec<u8>) {
        (self.tables, self.masks)
    }

    /// The operations of luma's blocks in coding order, with a word for each. Out of line, so that its numbers stay in registers.
    #[inline(never)]
    pub fn of_luma(&mut self, order: &[usize], watched: &[u64], mut positions: impl Iterator<Item = usize>) {
        for &block in order {
            let watched = watched.get(block).copied().unwrap_or_default();
            self.block(0, block, watched, &mut positions);
        }
    }

    /// The operations of a block, of which the coefficients in `watched` have their additional bits at the next `positions`.
    #[inline(always)]
    pub fn block(
        &mut self,
        component: usize,
        number: usize,
        mut watched: u64,
        positions: &mut impl Iterator<Item = usize>,
    ) {
        let blocks = self
            .coefficients
            .components
            .get(component)
            .map(|component| &component.blocks);
        let Some(block) = blocks.and_then(|blocks| blocks.get(number)) else {
            return;
        };
        if watched & 1 == 1
            && let Some(position) = positions.next()
        {
            self.average(number, block[0].into(), position);
        }
        watched &= !1;
        while watched != 0 {
            let index = watched.trailing_zeros() as usize & 63;
            watched &= watched - 1;
            let Some(position) = positions.next() else {
                return;
            };
            match self.textures.split_first() {
                Some((chip, rest)) if (component, chip.block, chip.index) == (0, number, index) => {
                    self.textures = rest;
                    let levels = [chip.low.into(), chip.high.into()];
                    self.push(TEXTURE, self.of_textures, position, levels);
                    self.of_textures += 1;
                }
                _ => {
                    let level = block[index];
                    self.push(CARRIER, self.carriers, position, [level.into(), one(level).into()]);
                    self.carriers += 1;
                }
            }
        }
        if component == 0 {
            self.before = block[0].into();
        }
    }

    /// A difference of two averages: the second one of the chip before, or the first one of a chip.
    #[inline(always)]
    fn average(&mut self, block: usize, level: i32, position: usize) {
        if let Some((number, chip)) = self.pending.take() {
            let differences = [level - i32::from(chip.low), level - i32::from(chip.high)];
            self.push(AVERAGE, number, position, differences);
        }
        if let Some((&chip, rest)) = self.averages.split_first()
            && chip.block == block
        {
            self.averages = rest;
            let differences = [level - self.before, i32::from(chip.high) - self.before];
            self.push(AVERAGE, self.of_averages, position, differences);
            self.pending = Some((self.of_averages, chip));
            self.of_averages += 1;
        }
    }

    /// Adds the operations on each byte in which two values of one category differ, of which the additional bits of the first are at
    /// `position`.
    #[inline(always)]
    fn push(&mut self, table: usize, number: u32, position: usize, [low, high]: [i32; 2]) {
        let length = 32 - low.unsigned_abs().leading_zeros();
        let mask = (bits(low) ^ bits(high)) & ((1 << length) - 1);
        // At most 7 + 11 bits from the first byte on.
        let end = (position % 8) as u32 + length;
        let mut window = mask << (32 - end);
        let mut byte = position / 8;
        let mut again = false;
        while window != 0 {
            // To the first byte with any.
            let skipped = window.leading_zeros() / 8;
            byte += skipped as usize;
            window <<= skipped * 8;
            let mask = (window >> 24) as u8;
            window <<= 8;
            if let Some(all) = self.masks.get_mut(byte) {
                *all |= mask;
            }
            self.tables[table].push(Operation {
                byte,
                mask,
                again,
                number,
            });
            again = true;
            byte += 1;
        }
    }
}
