//! One scan: which coefficients of which components it carries.

use super::frame::Frame;
use super::segment::array;
use super::tables::Tables;
use crate::Error;
use crate::coefficients::MAX_MCU_BLOCKS;

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

/// What a scan header says.
pub struct Scan {
    pub components: Vec<Selected>,
    pub procedure: Procedure,
    /// Zigzag places of the first and last coefficient.
    pub first: usize,
    pub last: usize,
    /// Low bits of the coefficients that this scan leaves to later ones.
    pub low_bits: u8,
    pub restart_interval: u16,
    pub mcus_wide: usize,
    pub mcus_high: usize,
}

/// A component taking part in a scan.
pub struct Selected {
    /// Its place in the frame.
    pub number: usize,
    /// Numbers of its Huffman tables.
    pub dc: u8,
    pub ac: u8,
    /// Blocks of an MCU across and down: 1 where it is alone.
    pub h: usize,
    pub v: usize,
}

impl Scan {
    /// Reads the parameters of SOS (T.81 B.2.3) and notes in the frame what the scan will add.
    pub fn new(parameters: &[u8], frame: &mut Frame, tables: &Tables) -> Result<Self, Error> {
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

        let mut components = Vec::new();
        for &[id, table_numbers] in selectors.as_chunks::<2>().0 {
            let unknown = Error::Malformed("scan of an unknown component");
            let number = frame.components.iter().position(|component| component.id == id);
            let number = number.ok_or(unknown)?;
            let component = frame.components.get_mut(number).ok_or(unknown)?;
            if component.missing_bits.iter().all(Option::is_none) {
                let table = tables.quantisation.get(usize::from(component.quant_number));
                component.quant = table
                    .copied()
                    .flatten()
                    .ok_or(Error::Malformed("missing quantisation table"))?;
            }
            // Also refuses a component named twice in one scan or scanned again.
            for missing in component.missing_bits.get_mut(first..=last).unwrap_or_default() {
                if *missing != before {
                    return Err(Error::Malformed("successive approximation"));
                }
                *missing = Some(low_bits);
            }
            let alone = count == 1;
            components.push(Selected {
                number,
                dc: table_numbers >> 4,
                ac: table_numbers & 15,
                h: if alone { 1 } else { component.h.into() },
                v: if alone { 1 } else { component.v.into() },
            });
        }
        let (mcus_wide, mcus_high) = match components.as_slice() {
            [] => return Err(Error::Malformed("scan of no component")),
            [only] => frame
                .components
                .get(only.number)
                .map(|alone| frame.grid.occupied(frame.width, frame.height, alone.h, alone.v))
                .unwrap_or_default(),
            _ => (frame.grid.mcus_wide, frame.grid.mcus_high),
        };
        let blocks: usize = components.iter().map(|selected| selected.h * selected.v).sum();
        if blocks > MAX_MCU_BLOCKS as usize {
            return Err(Error::Malformed("large MCU"));
        }
        Ok(Self {
            components,
            procedure,
            first,
            last,
            low_bits,
            restart_interval: tables.restart_interval,
            mcus_wide,
            mcus_high,
        })
    }

    /// Coefficients of its band in all blocks of its components. A block takes as long as eight, however narrow the band.
    pub fn visits(&self, frame: &Frame) -> u64 {
        let band = (self.last - self.first + 1).max(8) as u64;
        let components = self
            .components
            .iter()
            .filter_map(|selected| frame.components.get(selected.number));
        components
            .map(|component| component.blocks_wide as u64 * component.blocks_high as u64 * band)
            .sum()
    }
}
