//! Decoding of one block by each of the procedures of Huffman coding.

use super::bit_reader::BitReader;
use super::lookup::Lookup;
use super::next_marker;
use super::scan::{Scan, Selected};
use crate::{Error, marker};

/// How a block is coded (T.81 F.2, G.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Procedure {
    /// All coefficients at once.
    Sequential,
    /// DC, as differences.
    DcFirst,
    /// One more bit of DC.
    DcRefinement,
    /// AC, with runs of ended bands.
    AcFirst,
    /// One more bit of AC.
    AcRefinement,
}

/// What decoding carries from block to block.
pub struct BlockDecoder<'s, 'd> {
    scan: &'s Scan<'s>,
    bits: BitReader<'d>,
    /// DC coefficient of the block before, by component.
    previous: [i32; 4],
    /// Blocks, this one included, that have no further new coefficients in this band.
    end_of_band_run: u32,
}

impl<'s, 'd> BlockDecoder<'s, 'd> {
    /// At the start of a scan's data.
    pub fn new(scan: &'s Scan<'s>, data: &'d [u8]) -> Self {
        Self {
            scan,
            bits: BitReader::new(data),
            previous: [0; 4],
            end_of_band_run: 0,
        }
    }

    /// Whether more was decoded than there is.
    pub fn overrun(&self) -> bool {
        self.bits.overrun()
    }

    /// Data from the marker that ended the decoded segment, or before it.
    pub fn rest(&self) -> &'d [u8] {
        self.bits.rest()
    }

    /// Goes on behind the restart marker with this number.
    pub fn restart(&mut self, number: u8) -> Result<(), Error> {
        let (code, rest) = next_marker(self.bits.rest())?;
        if code != marker::RST0 + number {
            return Err(Error::Malformed("restart marker missing or out of order"));
        }
        self.bits = BitReader::new(rest);
        self.previous = [0; 4];
        self.end_of_band_run = 0;
        Ok(())
    }

    /// Adds to a block of a component what the scan has for it.
    #[inline]
    pub fn block(&mut self, selected: &Selected<'_>, block: &mut [i16; 64]) -> Result<(), Error> {
        let no_table = Error::Malformed("missing Huffman table");
        match self.scan.procedure {
            Procedure::Sequential => {
                self.dc(selected, block)?;
                self.ac_sequential(selected.ac.ok_or(no_table)?, block)
            }
            Procedure::DcFirst => self.dc(selected, block),
            Procedure::DcRefinement => {
                block[0] |= (self.bits.take(1) as i16) << self.scan.low_bits;
                Ok(())
            }
            Procedure::AcFirst => self.ac_first(selected.ac.ok_or(no_table)?, block),
            Procedure::AcRefinement => self.ac_refinement(selected.ac.ok_or(no_table)?, block),
        }
    }

    /// The DC coefficient as its difference from the block before (T.81 F.2.2.1).
    #[inline(always)]
    fn dc(&mut self, selected: &Selected<'_>, block: &mut [i16; 64]) -> Result<(), Error> {
        let size = selected
            .dc
            .ok_or(Error::Malformed("missing Huffman table"))?
            .symbol(&mut self.bits)?;
        let difference = self.bits.value(u32::from(size & 15));
        let previous = self
            .previous
            .get_mut(selected.number)
            .ok_or(Error::Malformed("component number"))?;
        // Neither sum nor shift can overflow: `previous` never leaves 16 bits.
        *previous = i32::from(shifted(*previous + difference, 0)?);
        block[0] = shifted(*previous, self.scan.low_bits)?;
        Ok(())
    }

    /// T.81 F.2.2.2.
    #[inline(always)]
    fn ac_sequential(&mut self, table: &Lookup, block: &mut [i16; 64]) -> Result<(), Error> {
        let mut place = 1;
        while place < 64 {
            let symbol = table.symbol(&mut self.bits)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    break;
                }
                place += 16;
                continue;
            }
            place += run;
            let value = self.bits.value(size) as i16;
            *block
                .get_mut(place)
                .ok_or(Error::Malformed("too many coefficients in a block"))? = value;
            place += 1;
        }
        Ok(())
    }

    /// T.81 G.1.2.2.
    fn ac_first(&mut self, table: &Lookup, block: &mut [i16; 64]) -> Result<(), Error> {
        if self.end_of_band_run > 0 {
            self.end_of_band_run -= 1;
            return Ok(());
        }
        let mut place = self.scan.first;
        while place <= self.scan.last {
            let symbol = table.symbol(&mut self.bits)?;
            let (run, size) = (symbol >> 4, u32::from(symbol & 15));
            if size == 0 {
                if run < 15 {
                    self.end_of_band_run = self.run_length(run) - 1;
                    break;
                }
                place += 16;
                continue;
            }
            place += usize::from(run);
            let value = shifted(self.bits.value(size), self.scan.low_bits)?;
            *self.in_band(block, place)? = value;
            place += 1;
        }
        Ok(())
    }

    /// T.81 G.1.2.3: one more bit for coefficients that are not zero, and new ones of magnitude 1 at this bit.
    fn ac_refinement(&mut self, table: &Lookup, block: &mut [i16; 64]) -> Result<(), Error> {
        let unit = 1i16 << self.scan.low_bits;
        let mut place = self.scan.first;
        while self.end_of_band_run == 0 && place <= self.scan.last {
            let symbol = table.symbol(&mut self.bits)?;
            let (run, size) = (symbol >> 4, symbol & 15);
            let new = match size {
                0 if run < 15 => {
                    self.end_of_band_run = self.run_length(run);
                    break;
                }
                0 => None,
                1 => Some(if self.bits.take(1) == 1 { unit } else { -unit }),
                _ => return Err(Error::Malformed("refinement by more than one bit")),
            };
            place = self.refine(block, place, Some(run))?;
            if let Some(new) = new {
                *self.in_band(block, place)? = new;
            }
            place += 1;
        }
        if self.end_of_band_run > 0 {
            self.refine(block, place, None)?;
            self.end_of_band_run -= 1;
        }
        Ok(())
    }

    /// Refines coefficients from `place` on until `zeros` zeros are passed and another is met, or the band ends. Returns where.
    fn refine(&mut self, block: &mut [i16; 64], place: usize, zeros: Option<u8>) -> Result<usize, Error> {
        let unit = 1i16 << self.scan.low_bits;
        let mut zeros = zeros.map_or(u32::MAX, u32::from);
        for (coefficient, place) in block.iter_mut().zip(0..=self.scan.last).skip(place) {
            if *coefficient == 0 {
                if zeros == 0 {
                    return Ok(place);
                }
                zeros -= 1;
            } else if self.bits.take(1) == 1 {
                let refined = coefficient.checked_add(unit * coefficient.signum());
                *coefficient = refined.ok_or(Error::Malformed("coefficient beyond 16 bits"))?;
            }
        }
        Ok(self.scan.last + 1)
    }

    /// The number of blocks of an end-of-band run of this class, 0..=14.
    fn run_length(&mut self, class: u8) -> u32 {
        (1 << class) + self.bits.take(u32::from(class))
    }

    fn in_band<'b>(&self, block: &'b mut [i16; 64], place: usize) -> Result<&'b mut i16, Error> {
        let band = block.get_mut(..=self.scan.last);
        band.and_then(|band| band.get_mut(place))
            .ok_or(Error::Malformed("too many coefficients in a block"))
    }
}

/// `value << bits`, if it is a coefficient.
#[inline(always)]
fn shifted(value: i32, bits: u8) -> Result<i16, Error> {
    i16::try_from(value << bits).map_err(|_| Error::Malformed("coefficient beyond 16 bits"))
}
