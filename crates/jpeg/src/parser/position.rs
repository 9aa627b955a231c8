//! From MCU to MCU of a scan.

use super::scan::Scan;
use crate::{Error, marker};

/// The MCU to decode next.
pub struct Position {
    pub row: usize,
    pub column: usize,
    /// MCUs before the next restart marker, where there are any.
    until_restart: usize,
    restarts: u8,
}

/// Why there is no next MCU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// There may not be enough data for it.
    Wait,
    /// A restart marker must come first.
    Restart,
    /// All are done.
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

    /// MCUs up to the end of the row or the next restart, or why there are none.
    pub fn before_break(&self, scan: &Scan) -> Result<usize, Stop> {
        if self.row == scan.mcus_high {
            return Err(Stop::Done);
        }
        let row = scan.mcus_wide - self.column;
        match (scan.restart_interval, self.until_restart) {
            (0, _) => Ok(row),
            (_, 0) => Err(Stop::Restart),
            (_, left) => Ok(row.min(left)),
        }
    }

    /// Passes so many MCUs of this row. Tells whether that was its last.
    pub fn pass(&mut self, scan: &Scan, mcus: usize) -> bool {
        self.column += mcus;
        self.until_restart = self.until_restart.saturating_sub(mcus);
        let last = self.column == scan.mcus_wide;
        if last {
            (self.row, self.column) = (self.row + 1, 0);
        }
        last
    }

    /// Passes the restart marker that comes here, if it is of this code.
    pub fn restart(&mut self, scan: &Scan, code: u8) -> Result<(), Error> {
        if code != marker::RST0 + self.restarts {
            return Err(Error::Malformed("restart marker missing or out of order"));
        }
        self.restarts = (self.restarts + 1) % 8;
        self.until_restart = scan.restart_interval.into();
        Ok(())
    }
}
