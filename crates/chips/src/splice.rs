//! From levels to a file and the tables that change it.

use jpeg::{Coefficients, encode_unstuffed};

use crate::Error;
use crate::carriers::{Place, one};
use crate::chip::Chip;
use crate::table::Writer;
use watermark::MIN_CARRIERS;

/// A file in which every symbol is 0, and its tables.
#[derive(Debug, Default)]
pub(crate) struct Spliced {
    pub file: Vec<u8>,
    /// The first of a chip's two differences, and the second.
    pub averages: [Vec<u8>; 2],
    pub textures: Vec<u8>,
    pub carriers: Vec<u8>,
    /// Chips that were kept.
    pub chips: [usize; 2],
}

/// Encodes `coefficients`, which must have every chip at its low level and every carrier at its 0. `order` is that of luma's blocks.
///
/// A byte 0xFF has a zero stuffed behind it, so no byte may become one, or cease to be one, with a symbol. Where some symbols
/// could make one, a symbol that holds a zero bit of that byte is given up: its chip stays as it is in the base file.
///
/// # Errors
/// [`Error::Jpeg`] if the coefficients cannot be coded; [`Error::TooSmall`] if too many carriers had to be given up.
pub(crate) fn splice(
    coefficients: &Coefficients,
    order: &[usize],
    averages: &[Chip],
    textures: &[Chip],
    carriers: &[Place],
) -> Result<Spliced, Error> {
    let watched = watched(coefficients, order, averages, textures, carriers);
    let word = |component: usize, block: usize| {
        let words = watched.get(component).map_or(&[][..], Vec::as_slice);
        words.get(block).copied().unwrap_or_default()
    };
    let mut parts = encode_unstuffed(coefficients, word)?;
    let mut operations = Operations::new(coefficients, averages, textures, carriers.len());
    let mut positions = std::mem::take(&mut parts.positions).into_iter();
    if watched.iter().skip(1).all(Vec::is_empty) {
        for &block in order {
            operations.block(0, block, word(0, block), &mut positions);
        }
    } else {
        for (component, block) in coefficients.coding_order() {
            operations.block(component, block, word(component, block), &mut positions);
        }
    }
    let Operations { mut all, .. } = operations;
    let mut given_up = settle(
        &mut parts.entropy,
        &all,
        [averages.len(), textures.len(), carriers.len()],
    );
    let lost = |given_up: &[Vec<bool>; 3]| given_up[CARRIER].iter().filter(|lost| **lost).count();
    let copies = carriers.len() / MIN_CARRIERS;
    let most_lost = MOST_LOST.get(copies).copied().unwrap_or(MOST_LOST[3]);
    if lost(&given_up) > most_lost / 4 {
        mend(coefficients, &mut parts.entropy, &all, &mut given_up[CARRIER])?;
    }
    if lost(&given_up) > most_lost {
        return Err(Error::TooSmall);
    }

    let mut moved = parts.header.len();
    let (file, stuffed) = parts.finish();
    let mut stuffed = stuffed.into_iter().peekable();
    for operation in &mut all {
        while stuffed.next_if(|place| *place < operation.byte).is_some() {
            moved += 1;
        }
        operation.byte += moved;
    }
    let mut tables: [Writer; 4] = Default::default();
    let mut last = [None; 4];
    let mut next_carrier = 0;
    for operation in &all {
        let Operation { byte, mask, table, .. } = *operation;
        let (table, owner) = (usize::from(table), operation.owner());
        if given_up[owner.0][owner.1] {
            continue;
        }
        if owner.0 == CARRIER {
            for _ in next_carrier..owner.1 {
                tables[table].pass();
            }
            next_carrier = owner.1 + 1;
        }
        tables[table].invert(byte, mask, last[table] == Some(owner));
        last[table] = Some(owner);
    }
    let kept = |kind: usize| given_up[kind].iter().filter(|lost| !**lost).count();
    let [first, textures, carriers, second] = tables.map(Writer::finish);
    Ok(Spliced {
        file,
        averages: [first, second],
        textures,
        carriers,
        chips: [kept(AVERAGE), kept(TEXTURE)],
    })
}

/// Carriers that may be given up, by copies of the codeword. Of those, half hold what they should. With one copy the code corrects
/// eight bytes that do not; with two a wrong bit meets a right one, and the code fills in sixteen bytes of which that is known; with
/// three it is outvoted, and what meets another wrong one is corrected. A quarter of that, which a photograph hardly loses, is not
/// worth a second look.
const MOST_LOST: [usize; 4] = [0, 8, 28, 90];

const AVERAGE: usize = 0;
const TEXTURE: usize = 1;
const CARRIER: usize = 2;
/// The table of second differences.
const SECOND: usize = 3;

/// All operations of one symbol are among so many: those of two luma blocks and of the chroma blocks between.
const NEAR: usize = 1024;

/// Kind and number of a symbol.
type Owner = (usize, usize);

/// Bits of one byte that a symbol inverts.
#[derive(Debug, Clone, Copy)]
struct Operation {
    byte: usize,
    mask: u8,
    table: u8,
    number: u32,
}

impl Operation {
    fn owner(&self) -> Owner {
        let kind = if usize::from(self.table) == SECOND {
            AVERAGE
        } else {
            self.table.into()
        };
        (kind, self.number as usize)
    }
}

/// A word for each block of each component, with a bit for each coefficient that a symbol changes; none for a component without.
fn watched(
    coefficients: &Coefficients,
    order: &[usize],
    averages: &[Chip],
    textures: &[Chip],
    carriers: &[Place],
) -> Vec<Vec<u64>> {
    let mut watched: Vec<Vec<u64>> = vec![Vec::new(); coefficients.components.len()];
    let mut watch = |component: usize, block: usize, index: usize| {
        let (Some(words), Some(component)) = (watched.get_mut(component), coefficients.components.get(component))
        else {
            return;
        };
        if words.is_empty() {
            words.resize(component.blocks.len(), 0);
        }
        if let Some(word) = words.get_mut(block) {
            *word |= 1 << (index & 63);
        }
    };
    for &Place {
        component,
        block,
        index,
    } in carriers
    {
        watch(component, block, index);
    }
    for chip in textures {
        watch(0, chip.block, chip.index);
    }
    // An average changes its own difference and that of the next block.
    let mut averages = averages.iter().peekable();
    for around in order.windows(2) {
        if averages.next_if(|chip| chip.block == around[0]).is_some() {
            watch(0, around[0], 0);
            watch(0, around[1], 0);
        }
    }
    watched
}

/// Collects the operations, block after block. All lists are in the order of the file.
struct Operations<'a> {
    coefficients: &'a Coefficients,
    averages: &'a [Chip],
    textures: &'a [Chip],
    /// How many of each kind have been met.
    met: [usize; 3],
    /// The chip whose second difference comes next.
    pending: Option<(usize, Chip)>,
    /// The level of the luma block before.
    before: i32,
    all: Vec<Operation>,
}

impl<'a> Operations<'a> {
    fn new(coefficients: &'a Coefficients, averages: &'a [Chip], textures: &'a [Chip], carriers: usize) -> Self {
        Self {
            coefficients,
            averages,
            textures,
            met: [0; 3],
            pending: None,
            before: 0,
            all: Vec::with_capacity(averages.len() * 2 + textures.len() + carriers),
        }
    }

    /// The operations of a block, of which the coefficients in `watched` have their additional bits at the next `positions`.
    #[inline(always)]
    fn block(
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
        while watched != 0 {
            let index = watched.trailing_zeros() as usize & 63;
            watched &= watched - 1;
            let Some(position) = positions.next() else {
                return;
            };
            if index == 0 {
                self.average(number, block[0].into(), position);
                continue;
            }
            if let Some(&chip) = self.textures.get(self.met[TEXTURE])
                && (component, chip.block, chip.index) == (0, number, index)
            {
                self.push(
                    position,
                    [chip.low.into(), chip.high.into()],
                    TEXTURE,
                    self.met[TEXTURE],
                );
                self.met[TEXTURE] += 1;
            } else {
                let level = i32::from(block[index]);
                self.push(position, [level, one(block[index]).into()], CARRIER, self.met[CARRIER]);
                self.met[CARRIER] += 1;
            }
        }
        if component == 0 {
            self.before = block[0].into();
        }
    }

    /// A difference of two averages: the second one of the chip before, or the first one of a chip.
    fn average(&mut self, block: usize, level: i32, position: usize) {
        if let Some((number, chip)) = self.pending.take() {
            let differences = [level - i32::from(chip.low), level - i32::from(chip.high)];
            self.push(position, differences, SECOND, number);
        }
        if let Some(&chip) = self.averages.get(self.met[AVERAGE])
            && chip.block == block
        {
            let differences = [level - self.before, i32::from(chip.high) - self.before];
            self.push(position, differences, AVERAGE, self.met[AVERAGE]);
            self.pending = Some((self.met[AVERAGE], chip));
            self.met[AVERAGE] += 1;
        }
    }

    /// Adds the operations on each byte in which two values of one category differ, of which the additional bits of the first are at
    /// `position`.
    #[inline(always)]
    fn push(&mut self, position: usize, [low, high]: [i32; 2], table: usize, number: usize) {
        let length = 32 - low.unsigned_abs().leading_zeros();
        let mask = (bits(low) ^ bits(high)) & ((1 << length) - 1);
        // At most 7 + 11 bits from the first byte on.
        let end = (position % 8) as u32 + length;
        let window = (mask << (32 - end)).to_be_bytes();
        for (byte, mask) in (position / 8..).zip(window) {
            if mask != 0 {
                self.all.push(Operation {
                    byte,
                    mask,
                    table: table as u8,
                    number: number as u32,
                });
            }
        }
    }
}

/// The additional bits of a value (T.81 F.1.2.1.1), as many of the lowest as its category says.
fn bits(value: i32) -> u32 {
    (value + (value >> 31)).cast_unsigned()
}

/// Finds the symbols to give up, by kind and number. Bytes that are 0xFF lose one of their changeable bits for good.
fn settle(entropy: &mut [u8], operations: &[Operation], counts: [usize; 3]) -> [Vec<bool>; 3] {
    let mut given_up = counts.map(|count| vec![false; count]);
    let mut next = 0;
    for same_byte in operations.chunk_by(|a, b| a.byte == b.byte) {
        let first = next;
        next += same_byte.len();
        let Some(&value) = same_byte.first().and_then(|operation| entropy.get(operation.byte)) else {
            continue;
        };
        if same_byte.iter().fold(value, |all, operation| all | operation.mask) != 0xFF {
            continue;
        }
        let kept = |operation: &&Operation| {
            let (kind, number) = operation.owner();
            !given_up[kind][number]
        };
        let changeable = same_byte
            .iter()
            .filter(kept)
            .fold(0, |all, operation| all | operation.mask);
        if value | changeable != 0xFF || changeable == 0 {
            continue;
        }
        // A chip rather than a carrier; of a byte that is 0xFF now, any, else one that holds a zero.
        let holding = same_byte
            .iter()
            .filter(kept)
            .filter(|operation| value == 0xFF || !value & operation.mask != 0);
        let Some(owner) = holding.map(Operation::owner).min() else {
            continue;
        };
        given_up[owner.0][owner.1] = true;
        if value == 0xFF {
            let near = operations.get(first.saturating_sub(NEAR)..).unwrap_or_default();
            let near = near.iter().take(2 * NEAR);
            for operation in near.filter(|operation| operation.owner() == owner) {
                if let Some(byte) = entropy.get_mut(operation.byte) {
                    *byte ^= operation.mask;
                }
            }
        }
    }
    given_up
}

/// Saves carriers that were given up, by clearing for good another bit of their byte: the last additional bit of an AC coefficient
/// that has no symbol. In drawings, where blocks repeat, so do the bytes that carriers are lost in.
fn mend(
    coefficients: &Coefficients,
    entropy: &mut [u8],
    operations: &[Operation],
    given_up: &mut [bool],
) -> Result<(), Error> {
    let is_lost = |operation: &&Operation| {
        let (kind, number) = operation.owner();
        kind == CARRIER && given_up[number]
    };
    let lost: Vec<Operation> = operations.iter().filter(is_lost).copied().collect();
    let nonzero = |component: usize, block: usize| {
        let component = coefficients.components.get(component);
        let block = component.and_then(|component| component.blocks.get(block));
        let flags = block.into_iter().flatten().map(|level| u64::from(*level != 0));
        flags.rev().fold(0, |all, flag| all << 1 | flag) & !1
    };
    let mut positions = encode_unstuffed(coefficients, nonzero)?.positions.into_iter();
    let mut lost = lost.into_iter().peekable();
    for (component, block) in coefficients.coding_order() {
        let blocks = coefficients
            .components
            .get(component)
            .map(|component| &component.blocks);
        let levels = blocks
            .and_then(|blocks| blocks.get(block))
            .into_iter()
            .flatten()
            .skip(1);
        for (level, position) in levels.filter(|level| **level != 0).zip(&mut positions) {
            let last = position + 15 - level.unsigned_abs().leading_zeros() as usize;
            let (byte, mask) = (last / 8, 0x80 >> (last % 8));
            while lost.next_if(|operation| operation.byte < byte).is_some() {}
            let (Some(operation), Some(value)) = (lost.peek(), entropy.get_mut(byte)) else {
                continue;
            };
            if operation.byte != byte || *value & mask == 0 {
                continue;
            }
            let first = operations.partition_point(|operation| operation.byte < byte);
            let same_byte = operations
                .iter()
                .skip(first)
                .take_while(|operation| operation.byte == byte);
            if same_byte.fold(0, |all, operation| all | operation.mask) & mask == 0 {
                *value ^= mask;
                if let Some(mended) = given_up.get_mut(operation.number as usize) {
                    *mended = false;
                }
                lost.next();
            }
        }
    }
    Ok(())
}
