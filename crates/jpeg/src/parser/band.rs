//! Decoding of the AC coefficients of a progressive scan (T.81 G.1.2).

use super::bit_reader::BitReader;
use super::block::{TOO_MANY, Wanted, shifted};
use super::intake::Reach;
use super::lookup::{END, Lookup, Pairs};
use crate::Error;

/// The band of AC coefficients that a progressive scan carries, and what it keeps from block to block.
pub struct Band<'a> {
    pub wanted: Wanted<'a>,
    pub ac: &'a Lookup,
    /// Of the table, if there is a use for it.
    pub pairs: Option<&'a Pairs>,
    /// Places of the band.
    pub first: usize,
    pub last: usize,
    /// Low bits left to later scans.
    pub low_bits: u8,
    /// Blocks that have no further new coefficients in this band.
    pub end_of_band_run: u32,
}

impl Band<'_> {
    /// The first scan of neighbouring blocks, as many as there is data for. Returns their number. Notes the
    /// places that are not zero where that is asked for.
    pub fn first_of_row<const K: usize>(
        &mut self,
        reader: (&mut BitReader<'_>, Reach),
        blocks: &mut [[i16; K]],
        significant: &mut [u64],
    ) -> Result<usize, Error> {
        match self.pairs {
            Some(pairs) if significant.is_empty() => self.each_of_row(reader, blocks, |band, bits, block, _| {
                band.first_in_pairs(pairs, bits, block)
            }),
            _ => self.each_of_row(reader, blocks, |band, bits, block, number| {
                let found = band.first(bits, block)?;
                if let Some(significant) = significant.get_mut(number) {
                    *significant |= found;
                }
                Ok(())
            }),
        }
    }

    /// Decodes blocks, by their number, but for those that a run of ended bands passes over.
    #[inline(never)]
    fn each_of_row<'d, const K: usize>(
        &mut self,
        (reader, reach): (&mut BitReader<'d>, Reach),
        blocks: &mut [[i16; K]],
        mut decode: impl FnMut(&mut Self, &mut BitReader<'d>, &mut [i16; K], usize) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut bits = *reader;
        let (mut done, count) = (0, blocks.len());
        while let Some(block) = blocks.get_mut(done)
            && reach.covers_mcu(&bits)
        {
            if self.end_of_band_run > 0 {
                let passed = self.end_of_band_run.min((count - done) as u32);
                self.end_of_band_run -= passed;
                done += passed as usize;
                continue;
            }
            decode(self, &mut bits, block, done)?;
            if reach.exceeded(&bits) {
                return Err(Error::Truncated);
            }
            done += 1;
        }
        *reader = bits;
        Ok(done)
    }

    /// The same for a refining scan. All blocks' places that are not zero must be known.
    #[inline(never)]
    pub fn refine_row<const K: usize>(
        &mut self,
        (reader, reach): (&mut BitReader<'_>, Reach),
        blocks: &mut [[i16; K]],
        significant: &mut [u64],
    ) -> Result<usize, Error> {
        let mut bits = *reader;
        let mut done = 0;
        for (block, significant) in blocks.iter_mut().zip(significant) {
            if !reach.covers_mcu(&bits) {
                break;
            }
            self.refine(&mut bits, block, significant)?;
            if reach.exceeded(&bits) {
                return Err(Error::Truncated);
            }
            done += 1;
        }
        *reader = bits;
        Ok(done)
    }

    /// T.81 G.1.2.2. Returns the places that are not zero.
    #[inline(always)]
    fn first(&mut self, bits: &mut BitReader<'_>, block: &mut [i16]) -> Result<u64, Error> {
        let mut significant = 0;
        let mut place = self.first;
        while place <= self.last {
            let Some((behind, differs)) = self.symbol(bits, block, place)? else {
                break;
            };
            place = behind;
            significant |= u64::from(differs) << (place - 1);
        }
        Ok(significant)
    }

    /// A symbol from `place` on. Returns the place behind it and whether its coefficient is not zero, or nothing if it ends the band.
    #[inline(always)]
    fn symbol(
        &mut self,
        bits: &mut BitReader<'_>,
        block: &mut [i16],
        place: usize,
    ) -> Result<Option<(usize, bool)>, Error> {
        let (advance, value) = self.ac.next(bits)?;
        if advance == END {
            self.end_of_band_run = run_length(bits, value) - 1;
            return Ok(None);
        }
        let behind = place + advance;
        if behind > self.last + 1 {
            return Err(TOO_MANY);
        }
        if value != 0 {
            self.put(block, behind - 1, shifted(value, self.low_bits)?);
        }
        Ok(Some((behind, value != 0)))
    }

    /// The same two symbols at once, without telling where they were. Values of pairs have 11 bits, so that they can be shifted.
    #[inline(always)]
    fn first_in_pairs<const K: usize>(
        &mut self,
        pairs: &Pairs,
        bits: &mut BitReader<'_>,
        block: &mut [i16; K],
    ) -> Result<(), Error> {
        let mut place = self.first;
        loop {
            bits.refill();
            for _ in 0..4 {
                if place > self.last {
                    return Ok(());
                }
                let pair = pairs.peek(bits);
                let next = place + pair.both();
                // Behind the band's last place another block begins; an end of band there is that block's.
                let (next, most) = if next < END {
                    (next, self.last + 1)
                } else {
                    (next - END, self.last)
                };
                if next > most {
                    let Some((behind, _)) = self.symbol(bits, block, place)? else {
                        return Ok(());
                    };
                    place = behind;
                    break;
                }
                let [first, second] = pair.values().map(|value| value << self.low_bits);
                self.put(block, (place + pair.first()).wrapping_sub(1), first);
                self.put(block, (place + pair.both()).wrapping_sub(1), second);
                bits.consume(pair.length());
                if most == self.last {
                    return Ok(());
                }
                place = next;
            }
        }
    }

    /// T.81 G.1.2.3: one more bit for coefficients that are not zero, and new ones of magnitude 1 at this bit.
    #[inline(always)]
    fn refine(&mut self, bits: &mut BitReader<'_>, block: &mut [i16], significant: &mut u64) -> Result<(), Error> {
        let end = u64::MAX >> (63 - self.last);
        // The places of the band that are still to be gone through.
        let mut rest = end & u64::MAX << self.first;
        while self.end_of_band_run == 0 && rest != 0 {
            let (advance, value) = self.ac.next(bits)?;
            if advance == END {
                self.end_of_band_run = run_length(bits, value);
                break;
            }
            if value.abs() > 1 {
                return Err(Error::Malformed("refinement by more than one bit"));
            }
            // The new coefficient is at the last of so many zeros.
            let mut zeros = rest & !*significant;
            for _ in 1..advance {
                zeros &= zeros.wrapping_sub(1);
            }
            let new = zeros & zeros.wrapping_neg();
            if new == 0 && value != 0 {
                return Err(TOO_MANY);
            }
            let passed = rest & new.wrapping_sub(1);
            self.correct(bits, block, passed & *significant)?;
            rest &= !(passed | new);
            if value != 0 {
                *significant |= new;
                self.put(block, new.trailing_zeros() as usize, shifted(value, self.low_bits)?);
            }
        }
        if self.end_of_band_run > 0 {
            self.correct(bits, block, rest & *significant)?;
            self.end_of_band_run -= 1;
        }
        Ok(())
    }

    /// Reads a bit for each of these places.
    #[inline(always)]
    fn correct(&self, bits: &mut BitReader<'_>, block: &mut [i16], mut places: u64) -> Result<(), Error> {
        let unit = 1i16 << self.low_bits;
        while places != 0 {
            let place = places.trailing_zeros() as usize;
            places &= places - 1;
            bits.refill_seldom();
            if bits.take(1) == 1
                && let Some(coefficient) = self.slot(block, place)
            {
                let refined = coefficient.checked_add(unit * coefficient.signum());
                *coefficient = refined.ok_or(Error::Malformed("coefficient beyond 16 bits"))?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn put(&self, block: &mut [i16], place: usize, value: i16) {
        if let Some(coefficient) = self.slot(block, place) {
            *coefficient = value;
        }
    }

    #[inline(always)]
    fn slot<'b>(&self, block: &'b mut [i16], place: usize) -> Option<&'b mut i16> {
        block.get_mut(usize::from(self.wanted.slots[place & 255]))
    }
}

/// The number of blocks of an end-of-band run of this class, 0..=14.
#[inline(always)]
fn run_length(bits: &mut BitReader<'_>, class: i32) -> u32 {
    let class = class.cast_unsigned() & 15;
    bits.refill_seldom();
    (1 << class) + bits.take(class)
}
