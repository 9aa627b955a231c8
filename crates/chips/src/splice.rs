//! From levels to a file and the tables that change it.

use jpeg::{Coded, Coefficients, encode_unstuffed};

use crate::Error;
use crate::carriers::Place;
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

/// Encodes `coefficients`, which must have every chip at its low level and every carrier at its 0.
///
/// A byte 0xFF has a zero stuffed behind it, so no byte may become one, or cease to be one, with a symbol. Where some symbols
/// could make one, a symbol that holds a zero bit of that byte is given up: its chip stays as it is in the base file.
///
/// # Errors
/// [`Error::Jpeg`] if the coefficients cannot be coded; [`Error::TooSmall`] if too many carriers had to be given up.
pub(crate) fn splice(
    coefficients: &Coefficients,
    averages: &[Chip],
    textures: &[Chip],
    carriers: &[Place],
) -> Result<Spliced, Error> {
    let mut operations = Operations::new(coefficients, averages, textures, carriers);
    let mut parts = encode_unstuffed(coefficients, |coded| operations.observe(&coded))?;
    let Operations { mut all, .. } = operations;
    let mut given_up = settle(
        &mut parts.entropy,
        &all,
        [averages.len(), textures.len(), carriers.len()],
    );
    let lost = |given_up: &[Vec<bool>; 3]| given_up[CARRIER].iter().filter(|lost| **lost).count();
    let copies = carriers.len() / MIN_CARRIERS;
    if lost(&given_up) > FEW_LOST {
        mend(coefficients, &mut parts.entropy, &all, &mut given_up[CARRIER])?;
    }
    if lost(&given_up) > MOST_LOST.get(copies).copied().unwrap_or(MOST_LOST[3]) {
        return Err(Error::TooSmall);
    }

    let mut moved = all.iter_mut().peekable();
    let mut byte = 0;
    let file = parts.finish(|place| {
        while let Some(operation) = moved.next_if(|operation| operation.byte == byte) {
            operation.byte = place;
        }
        byte += 1;
    });
    let mut tables: [Writer; 4] = Default::default();
    let mut last = [None; 4];
    let mut next_carrier = 0;
    for operation in &all {
        let Operation {
            byte,
            mask,
            table,
            owner,
        } = *operation;
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
/// three it is outvoted, and what meets another wrong one is corrected.
const MOST_LOST: [usize; 4] = [0, 8, 28, 90];
/// The same that are not worth a second look.
const FEW_LOST: usize = 4;

const AVERAGE: usize = 0;
const TEXTURE: usize = 1;
const CARRIER: usize = 2;
/// The table of second differences.
const SECOND: usize = 3;

/// Kind and number of a symbol.
type Owner = (usize, usize);

/// Bits of one byte that a symbol inverts.
#[derive(Debug, Clone, Copy)]
struct Operation {
    byte: usize,
    mask: u8,
    table: usize,
    owner: Owner,
}

/// Collects the operations while the file is coded. All lists are in the order of the file.
struct Operations<'a> {
    coefficients: &'a Coefficients,
    averages: &'a [Chip],
    textures: &'a [Chip],
    carriers: &'a [Place],
    /// How many of each kind have been met.
    met: [usize; 3],
    /// The chip whose second difference comes next.
    pending: Option<(usize, Chip)>,
    /// The level of the luma block before.
    before: i32,
    all: Vec<Operation>,
}

impl<'a> Operations<'a> {
    fn new(coefficients: &'a Coefficients, averages: &'a [Chip], textures: &'a [Chip], carriers: &'a [Place]) -> Self {
        Self {
            coefficients,
            averages,
            textures,
            carriers,
            met: [0; 3],
            pending: None,
            before: 0,
            all: Vec::with_capacity(averages.len() * 2 + textures.len() + carriers.len()),
        }
    }

    #[inline(always)]
    fn observe(&mut self, coded: &Coded) {
        if let Some(place) = self.carriers.get(self.met[CARRIER])
            && (place.component, place.block, place.index) == (coded.component, coded.block, coded.index)
        {
            self.push(coded, 1, CARRIER, (CARRIER, self.met[CARRIER]));
            self.met[CARRIER] += 1;
        }
        if coded.component > 0 {
            return;
        }
        if coded.index == 0 {
            self.average(coded);
        } else if let Some(&chip) = self.textures.get(self.met[TEXTURE])
            && (chip.block, chip.index) == (coded.block, coded.index)
        {
            let mask = bits(chip.low.into(), coded.length) ^ bits(chip.high.into(), coded.length);
            self.push(coded, mask, TEXTURE, (TEXTURE, self.met[TEXTURE]));
            self.met[TEXTURE] += 1;
        }
    }

    /// A difference of two averages: the second one of the chip before, or the first one of a chip.
    fn average(&mut self, coded: &Coded) {
        let luma = self.coefficients.components.first();
        let Some(block) = luma.and_then(|luma| luma.blocks.get(coded.block)) else {
            return;
        };
        let level = i32::from(block[0]);
        let mask = |low: i32, high: i32| bits(low, coded.length) ^ bits(high, coded.length);
        if let Some((number, chip)) = self.pending.take() {
            let mask = mask(level - i32::from(chip.low), level - i32::from(chip.high));
            self.push(coded, mask, SECOND, (AVERAGE, number));
        }
        if let Some(&chip) = self.averages.get(self.met[AVERAGE])
            && chip.block == coded.block
        {
            let mask = mask(level - self.before, i32::from(chip.high) - self.before);
            self.push(coded, mask, AVERAGE, (AVERAGE, self.met[AVERAGE]));
            self.pending = Some((self.met[AVERAGE], chip));
            self.met[AVERAGE] += 1;
        }
        self.before = level;
    }

    /// Adds the operations on each byte that `mask`, right-aligned in the additional bits, has a part in.
    #[inline(always)]
    fn push(&mut self, coded: &Coded, mask: u32, table: usize, owner: Owner) {
        let first = coded.position / 8;
        // At most 7 + 11 bits from the first byte on.
        let end = coded.position % 8 + coded.length;
        let window = (mask << (32 - end)).to_be_bytes();
        for (byte, mask) in (first..).zip(window) {
            if mask != 0 {
                self.all.push(Operation {
                    byte,
                    mask,
                    table,
                    owner,
                });
            }
        }
    }
}

/// The additional bits of a value of `length` bits (T.81 F.1.2.1.1).
fn bits(value: i32, length: usize) -> u32 {
    (value + (value >> 31)).cast_unsigned() & ((1 << length) - 1)
}

/// Finds the symbols to give up, by kind and number. Bytes that are 0xFF lose one of their changeable bits for good.
fn settle(entropy: &mut [u8], operations: &[Operation], counts: [usize; 3]) -> [Vec<bool>; 3] {
    let mut given_up = counts.map(|count| vec![false; count]);
    for same_byte in operations.chunk_by(|a, b| a.byte == b.byte) {
        let Some(&value) = same_byte.first().and_then(|operation| entropy.get(operation.byte)) else {
            continue;
        };
        let kept = |operation: &&Operation| !given_up[operation.owner.0][operation.owner.1];
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
        let Some(owner) = holding.map(|operation| operation.owner).min() else {
            continue;
        };
        given_up[owner.0][owner.1] = true;
        if value == 0xFF {
            for operation in operations.iter().filter(|operation| operation.owner == owner) {
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
    let is_lost = |operation: &&Operation| operation.owner.0 == CARRIER && given_up[operation.owner.1];
    let lost: Vec<Operation> = operations.iter().filter(is_lost).copied().collect();
    let mut next = 0;
    encode_unstuffed(coefficients, |coded| {
        let last = coded.position + coded.length.saturating_sub(1);
        let (byte, mask) = (last / 8, 0x80 >> (last % 8));
        while lost.get(next).is_some_and(|operation| operation.byte < byte) {
            next += 1;
        }
        let (Some(operation), Some(value)) = (lost.get(next), entropy.get_mut(byte)) else {
            return;
        };
        if operation.byte != byte || coded.index == 0 || *value & mask == 0 {
            return;
        }
        let first = operations.partition_point(|operation| operation.byte < byte);
        let same_byte = operations
            .iter()
            .skip(first)
            .take_while(|operation| operation.byte == byte);
        if same_byte.fold(0, |all, operation| all | operation.mask) & mask == 0 {
            *value ^= mask;
            given_up[operation.owner.1] = false;
            next += 1;
        }
    })?;
    Ok(())
}
