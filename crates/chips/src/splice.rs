//! From levels to a file and the tables that change it.

mod operations;
mod settle;

use jpeg::{Coefficients, Process, Visit};

use crate::carriers::Place;
use crate::chip::Chip;
use crate::table::Writer;
use crate::{Error, order::in_file_order};
use operations::{AVERAGE, CARRIER, Operation, Operations, TEXTURE};
use settle::{mend, settle};
use watermark::MIN_CARRIERS;

/// A file in which every symbol is 0, and its tables.
#[derive(Debug, Default)]
pub(crate) struct Spliced {
    pub file: Vec<u8>,
    /// Of each chip twice: its own difference, and that of the next block.
    pub averages: Vec<u8>,
    pub textures: Vec<u8>,
    pub carriers: Vec<u8>,
    /// Chips that were kept.
    pub chips: [usize; 2],
}

/// Encodes `coefficients`, which must have every chip at its low level and every carrier at its 0. `order` is that of luma's blocks in a
/// baseline file, which chips are in, too; carriers are in the order of the file.
///
/// A byte 0xFF has a zero stuffed behind it, so no byte may become one, or cease to be one, with a symbol. Where some symbols
/// could make one, a symbol that holds a zero bit of that byte is given up: its chip stays as it is in the base file.
///
/// # Errors
/// [`Error::Jpeg`] if the coefficients cannot be coded; [`Error::TooSmall`] if too many carriers had to be given up.
pub(crate) fn splice(
    (process, coefficients): (Process, &Coefficients),
    order: &[usize],
    averages: &[Chip],
    textures: &[Chip],
    carriers: &[Place],
) -> Result<Spliced, Error> {
    let textures = &*in_file_order(textures, process, coefficients);
    let watched = watched(coefficients, order, averages, textures, carriers);
    let word = |component: usize, block: usize| {
        let words = watched.get(component).map_or(&[][..], Vec::as_slice);
        words.get(block).copied().unwrap_or_default()
    };
    let mut parts = process.encode_unstuffed(coefficients, word)?;
    let mut operations = Operations::new(coefficients, [averages, textures], carriers.len(), parts.entropy.len());
    let mut positions = std::mem::take(&mut parts.positions).into_iter();
    if process == Process::Baseline && watched.iter().skip(1).all(Vec::is_empty) {
        let words = watched.first().map_or(&[][..], Vec::as_slice);
        operations.of_luma(order, words, positions);
    } else {
        for Visit { component, block, band } in process.visits(coefficients) {
            operations.block(component, block, word(component, block) & band, &mut positions);
        }
    }
    let (operations, masks) = operations.finish();
    let counts = [averages.len(), textures.len(), carriers.len()];
    let mut given_up = settle(&mut parts.entropy, &operations, &masks, counts);
    let lost = |given_up: &[Vec<bool>; 3]| given_up[CARRIER].iter().filter(|lost| **lost).count();
    let copies = carriers.len() / MIN_CARRIERS;
    let most_lost = MOST_LOST.get(copies).copied().unwrap_or(MOST_LOST[3]);
    if lost(&given_up) > most_lost / 4 {
        mend(
            (process, coefficients),
            &mut parts.entropy,
            &operations,
            &masks,
            &mut given_up[CARRIER],
        )?;
    }
    if lost(&given_up) > most_lost {
        return Err(Error::TooSmall);
    }

    let header = parts.header.len();
    let (file, stuffed) = parts.finish();
    let table =
        |operations: &[Operation], kind: usize| table(operations, &given_up[kind], (&stuffed, header), kind == CARRIER);
    let [averages, textures, carriers] = operations;
    let kept = |kind: usize| given_up[kind].iter().filter(|lost| !**lost).count();
    Ok(Spliced {
        file,
        averages: table(&averages, AVERAGE),
        textures: table(&textures, TEXTURE),
        carriers: table(&carriers, CARRIER),
        chips: [kept(AVERAGE), kept(TEXTURE)],
    })
}

/// What a table says of the operations that were not given up, at their places in the file: behind a header of so many bytes, and
/// behind what was stuffed before them. With `numbered`, those that were given up keep their numbers. Out of line, so that its numbers
/// stay in registers.
#[inline(never)]
fn table(operations: &[Operation], given_up: &[bool], (stuffed, header): (&[usize], usize), numbered: bool) -> Vec<u8> {
    let (mut table, mut before, mut next) = (Writer::default(), 0, 0);
    for &Operation {
        byte,
        mask,
        again,
        number,
    } in operations
    {
        if given_up.get(number as usize) != Some(&false) {
            continue;
        }
        while stuffed.get(before).is_some_and(|place| *place < byte) {
            before += 1;
        }
        if numbered {
            for _ in next..number {
                table.pass();
            }
            next = number + 1;
        }
        table.invert(header + byte + before, mask, again);
    }
    table.finish()
}

/// Carriers that may be given up, by copies of the codeword. Of those, half hold what they should. With one copy the code corrects
/// eight bytes that do not; with two a wrong bit meets a right one, and the code fills in sixteen bytes of which that is known; with
/// three it is outvoted, and what meets another wrong one is corrected. A quarter of that, which a photograph hardly loses, is not
/// worth a second look.
const MOST_LOST: [usize; 4] = [0, 8, 28, 90];

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
