//! A file to the coefficients it carries: markers and tables here, entropy-coded data in the modules below.

mod bit_reader;
mod block;
mod frame;
mod lookup;
mod scan;

use crate::huffman::Table;
use crate::{Coefficients, Error, marker};
use frame::Frame;
use lookup::Lookup;
use scan::Scan;

/// What a file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels, checked before memory is taken: two bytes a sample, at most 8 a pixel, plus the padding to whole MCUs.
    pub max_pixels: u64,
    /// Most scans; a progressive file usually has about ten.
    pub max_scans: u32,
    /// Most coefficients that all scans together may visit, a block counting as eight at least. Encoders visit each three or four
    /// times in a progressive file.
    pub max_visits: u64,
}

/// Reads the coefficients of a baseline, extended Huffman or progressive file with 8-bit samples and 1 to 4 components. Blocks
/// that only pad the picture to whole MCUs are zero where no scan codes them. Application segments are not looked at: what
/// colours the components stand for is not known here.
///
/// # Errors
/// [`Error::Unsupported`] for arithmetic, lossless, hierarchical and 12-bit files, and for a height given only by DNL;
/// [`Error::TooManyPixels`], [`Error::TooManyScans`], [`Error::TooMuchWork`], [`Error::Memory`]; [`Error::Truncated`] if anything up to EOI is missing;
/// [`Error::Malformed`] for everything else that breaks the syntax.
pub fn read(file: &[u8], limits: &Limits) -> Result<Coefficients, Error> {
    if file.len() < 2 {
        return Err(Error::Truncated);
    }
    let Some(mut rest) = file.strip_prefix(&[0xFF, marker::SOI]) else {
        return Err(Error::Malformed("no start of image"));
    };
    let mut tables = Tables::default();
    let mut frame: Option<Frame> = None;
    let (mut scans, mut visits) = (0, 0u64);
    loop {
        let (code, after) = next_marker(rest)?;
        rest = after;
        match code {
            marker::EOI => break,
            marker::RST0..=marker::RST7 | marker::TEM => continue,
            marker::SOI => return Err(Error::Malformed("second start of image")),
            _ => {}
        }
        let (parameters, after) = segment(rest)?;
        rest = after;
        match code {
            marker::DQT => tables.quantisation(parameters)?,
            marker::DHT => tables.huffman(parameters)?,
            marker::DRI => tables.restart_interval = u16::from_be_bytes(array(parameters)?),
            marker::SOF0..=marker::SOF2 if frame.is_some() => return Err(Error::Malformed("second frame")),
            marker::SOF0..=marker::SOF2 => frame = Some(Frame::new(parameters, code == marker::SOF2, limits)?),
            marker::SOF0..=marker::SOF15 | marker::DHP => {
                return Err(Error::Unsupported(match code {
                    marker::DAC | 0xC9..=0xCB | 0xCD..=0xCF => "arithmetic coding",
                    0xC3 => "lossless coding",
                    0xC8 => "extension",
                    _ => "hierarchical coding",
                }));
            }
            marker::DNL => return Err(Error::Unsupported("number of lines after the frame header")),
            marker::SOS => {
                scans += 1;
                if scans > limits.max_scans {
                    return Err(Error::TooManyScans);
                }
                let frame = frame.as_mut().ok_or(Error::Malformed("scan before frame"))?;
                let scan = Scan::new(parameters, frame, &tables)?;
                visits = visits.saturating_add(scan.visits(frame));
                if visits > limits.max_visits {
                    return Err(Error::TooMuchWork);
                }
                rest = scan.decode(rest, frame)?;
            }
            _ => {}
        }
    }
    frame.ok_or(Error::Malformed("no frame"))?.finish()
}

/// The tables in force for the next scan.
#[derive(Default)]
struct Tables {
    quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Lookup>; 4],
    ac: [Option<Lookup>; 4],
    /// MCUs between restart markers; 0 is none.
    restart_interval: u16,
}

impl Tables {
    /// DQT (T.81 B.2.4.1).
    fn quantisation(&mut self, mut parameters: &[u8]) -> Result<(), Error> {
        while let Some((&head, steps)) = parameters.split_first() {
            let slot = self.quantisation.get_mut(usize::from(head & 15));
            let slot = slot.ok_or(Error::Malformed("quantisation table number"))?;
            let bytes = match head >> 4 {
                0 => 64,
                1 => 128,
                _ => return Err(Error::Malformed("quantisation table precision")),
            };
            let (steps, rest) = steps
                .split_at_checked(bytes)
                .ok_or(Error::Malformed("short quantisation table"))?;
            let mut table = [0; 64];
            for (to, from) in table.iter_mut().zip(steps.chunks(bytes / 64)) {
                *to = from.iter().fold(0, |value, &byte| value << 8 | u16::from(byte));
            }
            if table.contains(&0) {
                return Err(Error::Malformed("quantisation step of zero"));
            }
            *slot = Some(table);
            parameters = rest;
        }
        Ok(())
    }

    /// DHT (T.81 B.2.4.2).
    fn huffman(&mut self, mut parameters: &[u8]) -> Result<(), Error> {
        while let Some((&head, lists)) = parameters.split_first() {
            let (class, number) = (head >> 4, usize::from(head & 15));
            let slots = match class {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return Err(Error::Malformed("Huffman table class")),
            };
            let slot = slots.get_mut(number).ok_or(Error::Malformed("Huffman table number"))?;
            let short = Error::Malformed("short Huffman table");
            let (&counts, values) = lists.split_first_chunk::<16>().ok_or(short)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (values, rest) = values.split_at_checked(total).ok_or(short)?;
            if class == 0 && values.iter().any(|&size| size > 15) {
                return Err(Error::Malformed("size of a DC difference"));
            }
            *slot = Some(Lookup::new(&Table {
                counts,
                values: values.to_vec(),
            })?);
            parameters = rest;
        }
        Ok(())
    }
}

/// The next marker's code and what follows it. Bytes before it are skipped: padding, or entropy-coded data nobody asked for.
fn next_marker(data: &[u8]) -> Result<(u8, &[u8]), Error> {
    let mut pairs = data.windows(2).zip(2..);
    let found = pairs.find(|(pair, _)| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF));
    let (pair, end) = found.ok_or(Error::Truncated)?;
    Ok((pair[1], data.get(end..).unwrap_or_default()))
}

/// The parameters of a marker segment and what follows it.
fn segment(data: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let (length, data) = data.split_first_chunk::<2>().ok_or(Error::Truncated)?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2);
    data.split_at_checked(length.ok_or(Error::Malformed("segment length"))?)
        .ok_or(Error::Truncated)
}

/// The first `N` bytes of a segment's parameters.
fn array<const N: usize>(parameters: &[u8]) -> Result<[u8; N], Error> {
    parameters
        .first_chunk()
        .copied()
        .ok_or(Error::Malformed("short segment"))
}
