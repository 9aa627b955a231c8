//! Decoding of the blocks of a sequential scan.

use super::bit_reader::BitReader;
use super::intake::Reach;
use super::lookup::{END, Lookup, Pairs, Skips};
use super::sink::Sink;
use crate::Error;

/// Where zigzag places go in a block: the places from 64 on, and those that nobody wants, go behind the wanted ones.
pub type Slots = [u8; 256];

/// Numbers that a block being decoded may reach: its slots, the one behind them, where goes what nobody wants, and so many more that
/// indexes need no check.
pub const SPAN: usize = 256;

/// Which coefficients are wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub slots: &'a Slots,
    /// The last wanted place.
    pub last: usize,
}

/// Runs of zeros that lead out of the block or the band.
pub const TOO_MANY: Error = Error::Malformed("too many coefficients in a block");

/// What decoding a component's blocks in a sequential scan takes.
pub struct Coder<'t> {
    pub dc: &'t Lookup,
    pub ac: &'t Lookup,
    /// Of the AC table, if there are enough values wanted.
    pub pairs: Option<&'t Pairs>,
    /// Of the AC table, if there is anything to skip.
    pub skips: Option<&'t Skips>,
    /// DC coefficient of the block before.
    pub previous: i32,
}

/// MCUs decoded in a row. Their blocks go to the sink only then: what was stored number by number cannot be loaded as a vector before
/// all of it is in the cache, and the processor would wait for each block.
pub struct Batch {
    /// The component, of those of the scan, of each block of an MCU.
    pub order: Vec<u8>,
    /// The slots of each block in the order of decoding, and what the last one may reach.
    pub slots: Vec<i16>,
    /// Whether each block may have AC coefficients.
    pub ac: Vec<bool>,
}

impl Batch {
    /// MCUs that it holds.
    pub const MCUS: usize = 8;

    /// For MCUs of blocks of these components.
    pub fn new<const K: usize>(order: Vec<u8>) -> Self {
        let blocks = order.len() * Self::MCUS;
        Self {
            order,
            slots: vec![0; blocks * K + SPAN],
            ac: vec![false; blocks],
        }
    }

    /// Decodes MCUs (T.81 F.2.2), at most `count`, as far as there is data. Returns their number.
    ///
    /// One function for all of it, with a copy of the reader and no call that comes back into a loop over symbols: a Wasm engine
    /// keeps the window in registers from block to block.
    #[inline(never)]
    pub fn decode<const K: usize, S: Sink<K>>(
        &mut self,
        reader: &mut BitReader<'_>,
        reach: Reach,
        coders: &mut [Coder<'_>],
        count: usize,
    ) -> Result<usize, Error> {
        // A block reaches the first slot of the one behind it, whose DC coefficient comes later. To have each block made zero by itself
        // would be a call out of Wasm for each.
        self.slots.fill(0);
        let mut bits = *reader;
        let (mut done, mut start) = (0, 0);
        let mut flags = self.ac.iter_mut();
        while done < count && reach.covers_mcu(&bits) {
            for &number in &self.order {
                let (Some(coder), Some(slots), Some(ac)) = (
                    coders.get_mut(usize::from(number)),
                    self.slots.get_mut(start..).and_then(<[i16]>::first_chunk_mut),
                    flags.next(),
                ) else {
                    return Ok(done);
                };
                *ac = sequential::<K, S>(&mut bits, reader, coder, slots)?;
                start += K;
            }
            if reach.exceeded(&bits) {
                return Err(Error::Truncated);
            }
            done += 1;
        }
        *reader = bits;
        Ok(done)
    }
}

/// A block: its slots, which are zero but the first, and the one behind them. Tells whether there may be AC coefficients.
#[inline(always)]
fn sequential<'d, const K: usize, S: Sink<K>>(
    bits: &mut BitReader<'d>,
    reader: &mut BitReader<'d>,
    coder: &mut Coder<'_>,
    block: &mut [i16; SPAN],
) -> Result<bool, Error> {
    bits.refill();
    let value = match coder.dc.short(bits) {
        Some((_, value)) => value,
        None => rare(bits, reader, coder.dc)?.1,
    };
    // Cannot overflow: `previous` never leaves 16 bits.
    coder.previous += value;
    block[0] = coefficient(coder.previous)?;
    let mut place = 1;
    loop {
        let (next, over) = quickly::<K>(bits, coder, S::WANTED, (place, block));
        place = next;
        if over {
            break;
        }
        let (advance, value) = rare(bits, reader, coder.ac)?;
        place += advance;
        put(block, S::WANTED, place, value as i16);
        if place > 63 {
            break;
        }
    }
    match place {
        64 | END.. => Ok(place != END + 1),
        _ => Err(TOO_MANY),
    }
}

/// The AC coefficients of a block. Returns the place behind them, more than 64 behind the end of the block, and whether that is all:
/// it gives up before what is rare.
#[inline(always)]
fn quickly<const K: usize>(
    bits: &mut BitReader<'_>,
    coder: &Coder<'_>,
    wanted: Wanted<'_>,
    (mut place, block): (usize, &mut [i16; SPAN]),
) -> (usize, bool) {
    if place <= wanted.last {
        if K > 4
            && let Some(pairs) = coder.pairs
        {
            let (next, over) = pairs.decode(bits, place, wanted, block);
            if !over || next > 63 {
                return (next, over);
            }
            place = next;
        } else {
            while place <= wanted.last {
                bits.refill();
                let Some((advance, value)) = coder.ac.short(bits) else {
                    return (place, false);
                };
                place += advance;
                put(block, wanted, place, value as i16);
            }
        }
    }
    match coder.skips {
        Some(skips) if K < 64 && place < 64 => skips.skip(bits, place),
        _ => (place, true),
    }
}

/// A symbol of any code.
#[inline(never)]
fn any_symbol(reader: &mut BitReader<'_>, table: &Lookup) -> Result<(usize, i32), Error> {
    table.next(reader)
}

/// The same by way of another reader: were the address of the first one taken, it could not live in registers.
#[inline(always)]
fn rare<'a>(bits: &mut BitReader<'a>, reader: &mut BitReader<'a>, table: &Lookup) -> Result<(usize, i32), Error> {
    *reader = *bits;
    let symbol = any_symbol(reader, table)?;
    *bits = *reader;
    Ok(symbol)
}

/// Puts a coefficient where the place before this one belongs. What ends the block lands beyond all places too.
#[inline(always)]
pub fn put(block: &mut [i16; SPAN], wanted: Wanted<'_>, behind: usize, value: i16) {
    block[usize::from(wanted.slots[behind.wrapping_sub(1) & 255])] = value;
}

/// A DC coefficient as its difference from the block before (T.81 F.2.2.1).
#[inline(always)]
pub fn difference(bits: &mut BitReader<'_>, dc: &Lookup, previous: &mut i32) -> Result<i16, Error> {
    // Cannot overflow: `previous` never leaves 16 bits.
    *previous += dc.next(bits)?.1;
    coefficient(*previous)
}

#[inline(always)]
fn coefficient(value: i32) -> Result<i16, Error> {
    i16::try_from(value).map_err(|_| Error::Malformed("coefficient beyond 16 bits"))
}

/// `value << bits`, if it is a coefficient.
#[inline(always)]
pub fn shifted(value: i32, bits: u8) -> Result<i16, Error> {
    coefficient(value << bits)
}
