//! The frame: its components, and how much of each coefficient the scans so far have given.

use super::segment::array;
use crate::coefficients::Grid;
use crate::{Error, Limits};

/// What the frame header says.
pub struct Frame {
    pub width: u16,
    pub height: u16,
    pub progressive: bool,
    pub grid: Grid,
    pub components: Vec<FrameComponent>,
}

/// One component of it.
pub struct FrameComponent {
    pub id: u8,
    /// Sampling factors, 1..=4; 1 for a lone component.
    pub h: u8,
    pub v: u8,
    /// Number of the quantisation table, which is looked up when the first scan of the component begins.
    pub quant_number: u8,
    /// That table.
    pub quant: [u16; 64],
    /// Blocks across and down, padded to whole MCUs.
    pub blocks_wide: usize,
    pub blocks_high: usize,
    /// For each coefficient how many low bits are still missing; none before its first scan.
    pub missing_bits: [Option<u8>; 64],
}

impl Frame {
    /// Reads the parameters of SOF0, SOF1 or SOF2 (T.81 B.2.2).
    pub fn new(parameters: &[u8], progressive: bool, limits: &Limits) -> Result<Self, Error> {
        let [precision, h0, h1, w0, w1, count] = array(parameters)?;
        let (height, width) = (u16::from_be_bytes([h0, h1]), u16::from_be_bytes([w0, w1]));
        if precision != 8 {
            return Err(Error::Unsupported("samples of other than 8 bits"));
        }
        if height == 0 {
            return Err(Error::Unsupported("number of lines after the frame header"));
        }
        if width == 0 || count == 0 {
            return Err(Error::Malformed("empty frame"));
        }
        if count > 4 {
            return Err(Error::Unsupported("more than four components"));
        }
        if u64::from(width) * u64::from(height) > limits.max_pixels {
            return Err(Error::TooManyPixels);
        }
        let specifications = parameters.get(6..).unwrap_or_default().as_chunks::<3>().0;
        let specifications = specifications
            .get(..count.into())
            .ok_or(Error::Malformed("short segment"))?;
        // The factors of a lone component mean nothing: its scan is not interleaved and its MCU is one block.
        let factors = |factors: u8| {
            if count == 1 {
                (1, 1)
            } else {
                (factors >> 4, factors & 15)
            }
        };
        if specifications
            .iter()
            .any(|s| ![s[1] >> 4, s[1] & 15].iter().all(|factor| (1..=4).contains(factor)))
        {
            return Err(Error::Malformed("sampling factor"));
        }
        let grid = Grid::new(width, height, specifications.iter().map(|s| factors(s[1])));
        let mut components: Vec<FrameComponent> = Vec::new();
        for &[id, factor, quant_number] in specifications {
            if components.iter().any(|component| component.id == id) {
                return Err(Error::Malformed("component identifier used twice"));
            }
            let (h, v) = factors(factor);
            let (blocks_wide, blocks_high) = grid.padded(h, v);
            components.push(FrameComponent {
                id,
                h,
                v,
                quant_number,
                quant: [0; 64],
                blocks_wide,
                blocks_high,
                missing_bits: [None; 64],
            });
        }
        Ok(Self {
            width,
            height,
            progressive,
            grid,
            components,
        })
    }

    /// Fails if a component had no scan.
    pub fn check_scanned(&self) -> Result<(), Error> {
        if self
            .components
            .iter()
            .any(|component| component.missing_bits[0].is_none())
        {
            return Err(Error::Malformed("component without a scan"));
        }
        Ok(())
    }
}
