//! One scan: which coefficients of which components it carries, and the order of its blocks.

use super::block::{BlockDecoder, Procedure};
use super::frame::Frame;
use super::lookup::Lookup;
use super::{Tables, array};
use crate::Error;
use crate::coefficients::MAX_MCU_BLOCKS;

/// A scan header with everything it refers to.
pub struct Scan<'t> {
    components: Vec<Selected<'t>>,
    pub procedure: Procedure,
    /// Zigzag places of the first and last coefficient.
    pub first: usize,
    pub last: usize,
    /// Low bits of the coefficients that this scan leaves to later ones.
    pub low_bits: u8,
    restart_interval: u16,
}

/// A component taking part in a scan.
pub struct Selected<'t> {
    pub number: usize,
    pub dc: Option<&'t Lookup>,
    pub ac: Option<&'t Lookup>,
}

impl<'t> Scan<'t> {
    /// Reads the parameters of SOS (T.81 B.2.3) and notes in the frame what the scan will add.
    pub fn new(parameters: &[u8], frame: &mut Frame, tables: &'t Tables) -> Result<Self, Error> {
        let short = Error::Malformed("short segment");
        let (&count, rest) = parameters.split_first().ok_or(short)?;
        let (selectors, rest) = rest.split_at_checked(usize::from(count) * 2).ok_or(short)?;
        let [first, last, approximation] = array(rest)?;
        let (high_bits, low_bits) = (approximation >> 4, approximation & 15);
        let (first, last) = (usize::from(first), usize::from(last));
        let procedure = match (frame.progressive, first, last, high_bits) {
            // Some writers leave these parameters of a sequential scan at other values than 0, 63, 0, 0. They mean nothing there.
            (false, ..) => Procedure::Sequential,
            (true, 0, 0, 0) => Procedure::DcFirst,
            (true, 0, 0, _) => Procedure::DcRefinement,
            (true, 1..=63, 1..=63, 0) if first <= last && count == 1 => Procedure::AcFirst,
            (true, 1..=63, 1..=63, _) if first <= last && count == 1 => Procedure::AcRefinement,
            _ => return Err(Error::Malformed("spectral selection")),
        };
        let (first, last, high_bits, low_bits) = if frame.progressive {
            (first, last, high_bits, low_bits)
        } else {
            (0, 63, 0, 0)
        };
        let before = (high_bits > 0).then_some(high_bits);
        if low_bits > 13 || before.is_some_and(|high| high != low_bits + 1) {
            return Err(Error::Malformed("successive approximation"));
        }

        let mut scan = Self {
            components: Vec::new(),
            procedure,
            first,
            last,
            low_bits,
            restart_interval: tables.restart_interval,
        };
        for &[id, table_numbers] in selectors.as_chunks::<2>().0 {
            let number = frame.components.iter().position(|component| component.id == id);
            let number = number.ok_or(Error::Malformed("scan of an unknown component"))?;
            let state = frame
                .states
                .get_mut(number)
                .ok_or(Error::Malformed("scan of an unknown component"))?;
            if let Some(component) = frame.components.get_mut(number)
                && state.missing_bits.iter().all(Option::is_none)
            {
                let table = tables
                    .quantisation
                    .get(usize::from(state.quant_number))
                    .copied()
                    .flatten();
                component.quant = table.ok_or(Error::Malformed("missing quantisation table"))?;
            }
            // Also refuses a component named twice in one scan or scanned again.
            for missing in state.missing_bits.get_mut(first..=last).unwrap_or_default() {
                if *missing != before {
                    return Err(Error::Malformed("successive approximation"));
                }
                *missing = Some(low_bits);
            }
            let dc = tables.dc.get(usize::from(table_numbers >> 4)).and_then(Option::as_ref);
            let ac = tables.ac.get(usize::from(table_numbers & 15)).and_then(Option::as_ref);
            scan.components.push(Selected { number, dc, ac });
        }
        let factors = |selected: &Selected<'_>| {
            frame
                .components
                .get(selected.number)
                .map_or(0, |component| u32::from(component.h) * u32::from(component.v))
        };
        match scan.components.len() {
            0 => Err(Error::Malformed("scan of no component")),
            1 => Ok(scan),
            _ if scan.components.iter().map(factors).sum::<u32>() > MAX_MCU_BLOCKS => {
                Err(Error::Malformed("large MCU"))
            }
            _ => Ok(scan),
        }
    }

    /// Coefficients of its band in all blocks of its components. A block takes as long as eight, however narrow the band.
    pub fn visits(&self, frame: &Frame) -> u64 {
        let band = (self.last - self.first + 1).max(8) as u64;
        let components = self
            .components
            .iter()
            .filter_map(|selected| frame.components.get(selected.number));
        components.map(|component| component.blocks.len() as u64 * band).sum()
    }

    /// Decodes the scan's entropy-coded segments from the front of `data` into the frame and returns what follows them.
    pub fn decode<'d>(&self, data: &'d [u8], frame: &mut Frame) -> Result<&'d [u8], Error> {
        let alone = match self.components.as_slice() {
            [only] => frame
                .components
                .get(only.number)
                .map(|component| (component.h, component.v)),
            _ => None,
        };
        let (mcus_wide, mcus_high) = match alone {
            Some((h, v)) => frame.grid.occupied(frame.width, frame.height, h, v),
            None => (frame.grid.mcus_wide, frame.grid.mcus_high),
        };
        let mut decoder = BlockDecoder::new(self, data);
        let mut until_restart = self.restart_interval;
        let mut restarts = 0;
        for mcu_row in 0..mcus_high {
            for mcu in 0..mcus_wide {
                if self.restart_interval > 0 {
                    if until_restart == 0 {
                        decoder.restart(restarts)?;
                        restarts = (restarts + 1) % 8;
                        until_restart = self.restart_interval;
                    }
                    until_restart -= 1;
                }
                for selected in &self.components {
                    let Some(component) = frame.components.get_mut(selected.number) else {
                        continue;
                    };
                    let (h, v) = if alone.is_some() {
                        (1, 1)
                    } else {
                        (component.h.into(), component.v.into())
                    };
                    for row in mcu_row * v..(mcu_row + 1) * v {
                        let start = row * component.blocks_wide + mcu * h;
                        for block in component.blocks.get_mut(start..start + h).unwrap_or_default() {
                            decoder.block(selected, block)?;
                        }
                    }
                }
                if decoder.overrun() {
                    return Err(Error::Truncated);
                }
            }
        }
        Ok(decoder.rest())
    }
}
