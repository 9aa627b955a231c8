//! Decoding of a block of a sequential scan.

use super::bit_reader::BitReader;
use super::lookup::{END, Lookup, Skips};
use super::sink::Sink;
use crate::Error;

/// Where zigzag places go in a block: the places from 64 on, and those that nobody wants, go to [`DUMPED`].
pub type Slots = [u8; 256];

/// The slot of what is thrown away.
pub const DUMPED: u8 = 64;

/// The coefficients of a block by slot, and room for what is thrown away. Twice 64, so that indexes need no check.
#[repr(align(16))]
pub struct Block(pub [i16; 128]);

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
    /// Of the AC table, if there is anything to skip.
    pub skips: Option<&'t Skips>,
    /// DC coefficient of the block before.
    pub previous: i32,
}

/// A block of a sequential scan (T.81 F.2.2). The block's slots are zero before. Tells whether there may be AC coefficients.
///
/// A function of its own, with a copy of the reader and no call that comes back into a loop: a Wasm engine keeps all of it in
/// registers. No more than four parameters with the result's address: the others would come by way of memory.
#[inline(never)]
pub fn sequential<const K: usize, S: Sink<K>>(
    reader: &mut BitReader<'_>,
    coder: &mut Coder<'_>,
    block: &mut Block,
) -> Result<bool, Error> {
    block.0[0] = difference(reader, coder.dc, &mut coder.previous)?;
    let mut bits = *reader;
    let (mut place, done) = quickly(&mut bits, coder, S::WANTED, block);
    *reader = bits;
    if !done {
        place = patiently(reader, coder, S::WANTED, place, block)?;
    }
    match place {
        64 | END.. => Ok(place != END + 1),
        _ => Err(TOO_MANY),
    }
}

/// The AC coefficients of a block. Returns the place behind them, more than 64 behind the end of the block, and whether that is all:
/// it gives up at what is rare.
#[inline(always)]
fn quickly(bits: &mut BitReader<'_>, coder: &Coder<'_>, wanted: Wanted<'_>, block: &mut Block) -> (usize, bool) {
    let mut place = 1;
    while place <= wanted.last {
        if !bits.refill_quickly() {
            return (place, false);
        }
        let Some((advance, value)) = coder.ac.short(bits) else {
            return (place, false);
        };
        place += advance;
        block.put(wanted, place - 1, value);
    }
    let Some(skips) = coder.skips else {
        return (place, true);
    };
    while place < 64 {
        if !bits.refill_quickly() {
            return (place, false);
        }
        let Some(next) = skips.skip(bits, place) else {
            return (place, false);
        };
        place = next;
    }
    (place, true)
}

/// The rest of them, whatever comes.
#[inline(never)]
fn patiently(
    reader: &mut BitReader<'_>,
    coder: &Coder<'_>,
    wanted: Wanted<'_>,
    mut place: usize,
    block: &mut Block,
) -> Result<usize, Error> {
    let mut bits = *reader;
    while place < 64 {
        bits.refill();
        if place > wanted.last
            && let Some(skips) = coder.skips
            && let Some(next) = skips.skip(&mut bits, place)
        {
            place = next;
            continue;
        }
        let (advance, value) = coder.ac.next(&mut bits)?;
        place += advance;
        block.put(wanted, place - 1, value);
    }
    *reader = bits;
    Ok(place)
}

impl Block {
    /// What ends the block lands beyond all places too.
    #[inline(always)]
    fn put(&mut self, wanted: Wanted<'_>, place: usize, value: i32) {
        let slot = wanted.slots[place & 255];
        self.0[usize::from(slot & 127)] = value as i16;
    }
}

/// A DC coefficient as its difference from the block before (T.81 F.2.2.1).
#[inline(always)]
pub fn difference(bits: &mut BitReader<'_>, dc: &Lookup, previous: &mut i32) -> Result<i16, Error> {
    // Cannot overflow: `previous` never leaves 16 bits.
    *previous += dc.next(bits)?.1;
    i16::try_from(*previous).map_err(|_| Error::Malformed("coefficient beyond 16 bits"))
}

/// `value << bits`, if it is a coefficient.
#[inline(always)]
pub fn shifted(value: i32, bits: u8) -> Result<i16, Error> {
    i16::try_from(value << bits).map_err(|_| Error::Malformed("coefficient beyond 16 bits"))
}
