//! From MCU to MCU of a scan, and over restart markers.

use super::bit_reader::{BitReader, Window};
use super::scan::Scan;
use super::segment::next_marker;
use crate::{Error, marker};

/// More bytes than an MCU can take: 10 blocks of 64 codes of 16 bits with 15 additional bits, every byte stuffed.
pub const MCU_BYTES: usize = 10 * 64 * 31 / 8 * 2 + 64;

/// The MCU to decode next.
pub struct Position {
    row: usize,
    column: usize,
    /// MCUs before the next restart marker, where there are any.
    until_restart: usize,
    restarts: u8,
}

/// Where a step leads.
pub enum Step {
    /// To this MCU: row and column.
    Mcu(usize, usize),
    /// Behind a restart marker: what is kept from block to block starts anew.
    Restarted,
    /// There may not be enough data for the next one.
    Wait,
    /// There is none.
    Done,
}

impl Position {
    /// The first MCU.
    pub fn new(scan: &Scan) -> Self {
        Self {
            row: 0,
            column: 0,
            until_restart: scan.restart_interval.into(),
            restarts: 0,
        }
    }

    /// Steps to the next MCU, if there is one and data for it.
    #[inline(always)]
    pub fn next(&mut self, scan: &Scan, bits: &mut BitReader<'_>, complete: bool) -> Result<Step, Error> {
        if self.column == scan.mcus_wide {
            (self.row, self.column) = (self.row + 1, 0);
        }
        if self.row == scan.mcus_high {
            return Ok(Step::Done);
        }
        if !complete && bits.rest().len() < MCU_BYTES {
            return Ok(Step::Wait);
        }
        if scan.restart_interval > 0 && self.until_restart == 0 {
            if !restart(bits, &mut self.restarts, complete)? {
                return Ok(Step::Wait);
            }
            self.until_restart = scan.restart_interval.into();
            return Ok(Step::Restarted);
        }
        let here = (self.row, self.column);
        self.pass(1);
        Ok(Step::Mcu(here.0, here.1))
    }

    /// MCUs up to the end of the row or the next restart.
    pub fn before_break(&self, scan: &Scan) -> usize {
        let row = scan.mcus_wide - self.column;
        if scan.restart_interval > 0 {
            row.min(self.until_restart)
        } else {
            row
        }
    }

    /// Passes so many MCUs of this row.
    #[inline(always)]
    pub fn pass(&mut self, mcus: usize) {
        self.column += mcus;
        self.until_restart = self.until_restart.saturating_sub(mcus);
    }
}

/// Goes on behind the restart marker that must come next. Tells whether it is there yet.
fn restart(bits: &mut BitReader<'_>, restarts: &mut u8, complete: bool) -> Result<bool, Error> {
    match next_marker(bits.rest()) {
        Some((code, rest)) if code == marker::RST0 + *restarts => {
            *bits = BitReader::new(rest, Window::default());
            *restarts = (*restarts + 1) % 8;
            Ok(true)
        }
        Some(_) => Err(Error::Malformed("restart marker missing or out of order")),
        None if complete => Err(Error::Truncated),
        None => Ok(false),
    }
}
