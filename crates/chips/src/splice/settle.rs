//! Which symbols are given up, so that no byte becomes 0xFF or ceases to be it.

use jpeg::{Coefficients, Process, Visit};

use super::operations::{CARRIER, Operation};
use crate::Error;

/// Finds the symbols to give up, by kind and number. Bytes that are 0xFF lose one of their changeable bits for good. `tables` are the
/// operations, `masks` what they invert of each byte.
pub fn settle(entropy: &mut [u8], tables: &[Vec<Operation>; 3], masks: &[u8], counts: [usize; 3]) -> [Vec<bool>; 3] {
    let mut given_up = counts.map(|count| vec![false; count]);
    let mut same_byte = Vec::new();
    for byte in critical(entropy, masks) {
        let Some(&value) = entropy.get(byte) else { continue };
        same_byte.clear();
        for (kind, operations) in tables.iter().enumerate() {
            let of_byte = within(operations, |operation| operation.byte.cmp(&byte));
            same_byte.extend(
                of_byte
                    .iter()
                    .map(|operation| ((kind, operation.number), operation.mask)),
            );
        }
        same_byte.retain(|((kind, number), _)| given_up[*kind].get(*number as usize) == Some(&false));
        let changeable = same_byte.iter().fold(0, |all, (_, mask)| all | mask);
        if value | changeable != 0xFF || changeable == 0 {
            continue;
        }
        // A chip rather than a carrier; of a byte that is 0xFF now, any, else one that holds a zero.
        let holding = same_byte.iter().filter(|(_, mask)| value == 0xFF || !value & mask != 0);
        let Some(&((of_kind, number), _)) = holding.min_by_key(|(owner, _)| *owner) else {
            continue;
        };
        if let Some(lost) = given_up[of_kind].get_mut(number as usize) {
            *lost = true;
        }
        if value == 0xFF {
            let operations = tables.get(of_kind).map_or(&[][..], Vec::as_slice);
            for operation in within(operations, |operation| operation.number.cmp(&number)) {
                if let Some(byte) = entropy.get_mut(operation.byte) {
                    *byte ^= operation.mask;
                }
            }
        }
    }
    given_up
}

/// The bytes that symbols change and that could become 0xFF, or are it.
#[inline(never)]
fn critical(entropy: &[u8], masks: &[u8]) -> Vec<usize> {
    const GROUP: usize = 16;
    let is_critical = |value: u8, mask: u8| (value | mask == 0xFF) & (mask != 0);
    let mut found = Vec::new();
    let groups = entropy.chunks(GROUP).zip(masks.chunks(GROUP));
    for (start, (values, masks)) in (0..).step_by(GROUP).zip(groups) {
        // Few groups have one, and it is found out for a whole group at once.
        let any = match (values.first_chunk::<GROUP>(), masks.first_chunk::<GROUP>()) {
            (Some(values), Some(masks)) => {
                let each: [bool; GROUP] = std::array::from_fn(|i| is_critical(values[i], masks[i]));
                each != [false; GROUP]
            }
            _ => true,
        };
        if any {
            let bytes = (start..).zip(values.iter().zip(masks));
            found.extend(
                bytes
                    .filter(|(_, (value, mask))| is_critical(**value, **mask))
                    .map(|(byte, _)| byte),
            );
        }
    }
    found
}

/// Those of sorted operations that `compare` calls equal.
fn within(operations: &[Operation], compare: impl Fn(&Operation) -> std::cmp::Ordering) -> &[Operation] {
    let start = operations.partition_point(|operation| compare(operation).is_lt());
    let rest = operations.get(start..).unwrap_or_default();
    let count = rest.iter().take_while(|operation| compare(operation).is_eq()).count();
    rest.get(..count).unwrap_or_default()
}

/// Saves carriers that were given up, by clearing for good another bit of their byte: the last additional bit of an AC coefficient
/// that has no symbol. In drawings, where blocks repeat, so do the bytes that carriers are lost in.
///
/// # Errors
/// [`Error::Jpeg`] if the coefficients cannot be coded.
pub fn mend(
    (process, coefficients): (Process, &Coefficients),
    entropy: &mut [u8],
    tables: &[Vec<Operation>; 3],
    masks: &[u8],
    given_up: &mut [bool],
) -> Result<(), Error> {
    let is_lost = |operation: &&Operation| given_up.get(operation.number as usize) == Some(&true);
    let lost: Vec<Operation> = tables[CARRIER].iter().filter(is_lost).copied().collect();
    let nonzero = |component: usize, block: usize| {
        let component = coefficients.components.get(component);
        let block = component.and_then(|component| component.blocks.get(block));
        let flags = block.into_iter().flatten().map(|level| u64::from(*level != 0));
        flags.rev().fold(0, |all, flag| all << 1 | flag) & !1
    };
    let mut positions = process.encode_unstuffed(coefficients, nonzero)?.positions.into_iter();
    let mut lost = lost.into_iter().peekable();
    for Visit { component, block, band } in process.visits(coefficients) {
        let blocks = coefficients
            .components
            .get(component)
            .map(|component| &component.blocks);
        let levels = blocks
            .and_then(|blocks| blocks.get(block))
            .into_iter()
            .flatten()
            .enumerate()
            .skip(1)
            .filter(|(index, level)| band >> index & 1 == 1 && **level != 0);
        for ((_, level), position) in levels.zip(&mut positions) {
            let last = position + 15 - level.unsigned_abs().leading_zeros() as usize;
            let (byte, mask) = (last / 8, 0x80 >> (last % 8));
            while lost.next_if(|operation| operation.byte < byte).is_some() {}
            let (Some(operation), Some(value)) = (lost.peek(), entropy.get_mut(byte)) else {
                continue;
            };
            if operation.byte != byte || *value & mask == 0 {
                continue;
            }
            if masks.get(byte).is_some_and(|all| all & mask == 0) {
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
