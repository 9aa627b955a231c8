//! The entropy-coded segments of a scan, MCU by MCU, as far as there is data.

use super::band::Band;
use super::bit_reader::{BitReader, Window};
use super::block::{self, Block, Coder};
use super::lookup::Skips;
use super::position::{MCU_BYTES, Position, Step};
use super::scan::{Procedure, Scan, Selected};
use super::sink::Sink;
use super::tables::Tables;
use crate::Error;

/// A scan being decoded.
pub struct Mcus {
    scan: Scan,
    /// By the number of the AC table.
    skips: [Option<Skips>; 4],
    position: Position,
    window: Window,
    /// DC coefficient of the block before, by component of the scan.
    previous: [i32; 4],
    end_of_band_run: u32,
}

/// What is to be decoded in an MCU.
struct Part<'t> {
    selected: &'t Selected,
    coder: Coder<'t>,
}

impl Mcus {
    /// At the start of the scan's data.
    pub fn new<const K: usize, S: Sink<K>>(scan: Scan, tables: &Tables) -> Result<Self, Error> {
        let mut skips = [const { None }; 4];
        if scan.procedure == Procedure::Sequential && S::WANTED.last < 63 {
            for (number, skips) in (0..).zip(&mut skips) {
                let used = scan.components.iter().any(|selected| selected.ac == number);
                if used {
                    *skips = Some(Skips::new(tables.ac(number)?)?);
                }
            }
        }
        Ok(Self {
            position: Position::new(&scan),
            scan,
            skips,
            window: Window::default(),
            previous: [0; 4],
            end_of_band_run: 0,
        })
    }

    /// Decodes from the front of `data`, which is `complete` if no more can follow. Returns what it left, and whether the scan is
    /// done.
    pub fn decode<'d, const K: usize, S: Sink<K>>(
        &mut self,
        tables: &Tables,
        sink: &mut S,
        data: &'d [u8],
        complete: bool,
    ) -> Result<(&'d [u8], bool), Error> {
        let mut bits = BitReader::new(data, self.window);
        let done = match self.scan.procedure {
            Procedure::Sequential => self.sequential(tables, sink, &mut bits, complete),
            Procedure::DcFirst | Procedure::DcRefinement => self.dc(tables, sink, &mut bits, complete),
            Procedure::AcFirst | Procedure::AcRefinement => self.ac(tables, sink, &mut bits, complete),
        }?;
        self.window = bits.window();
        Ok((bits.rest(), done))
    }

    fn sequential<const K: usize, S: Sink<K>>(
        &mut self,
        tables: &Tables,
        sink: &mut S,
        bits: &mut BitReader<'_>,
        complete: bool,
    ) -> Result<bool, Error> {
        let mut block = Block([0; 128]);
        let mut parts = parts(&self.scan, &self.skips, self.previous, tables)?;
        let done = loop {
            let (row, column) = match self.position.next(&self.scan, bits, complete)? {
                Step::Done => break true,
                Step::Wait => break false,
                Step::Restarted => {
                    parts.iter_mut().for_each(|part| part.coder.previous = 0);
                    continue;
                }
                Step::Mcu(row, column) => (row, column),
            };
            for part in &mut parts {
                let &Selected { number, h, v, .. } = part.selected;
                for (y, x) in (0..v).flat_map(|y| (0..h).map(move |x| (y, x))) {
                    block.0[..K].fill(0);
                    let more = block::sequential::<K, S>(bits, &mut part.coder, &mut block)?;
                    sink.block(number, column * h + x, (y, row * v + y), &block, more);
                }
            }
            if bits.overrun() {
                return Err(Error::Truncated);
            }
            if column + 1 == self.scan.mcus_wide {
                for part in &parts {
                    sink.rows_done(part.selected.number, part.selected.v);
                }
            }
        };
        for (previous, part) in self.previous.iter_mut().zip(&parts) {
            *previous = part.coder.previous;
        }
        Ok(done)
    }

    fn dc<const K: usize, S: Sink<K>>(
        &mut self,
        tables: &Tables,
        sink: &mut S,
        bits: &mut BitReader<'_>,
        complete: bool,
    ) -> Result<bool, Error> {
        loop {
            let (row, column) = match self.position.next(&self.scan, bits, complete)? {
                Step::Done => return Ok(true),
                Step::Wait => return Ok(false),
                Step::Restarted => {
                    self.previous = [0; 4];
                    continue;
                }
                Step::Mcu(row, column) => (row, column),
            };
            for (selected, previous) in self.scan.components.iter().zip(&mut self.previous) {
                let Some(store) = sink.store(selected.number) else {
                    continue;
                };
                for y in row * selected.v..(row + 1) * selected.v {
                    let start = y * store.blocks_wide + column * selected.h;
                    for block in store.blocks.get_mut(start..start + selected.h).unwrap_or_default() {
                        let Some(dc) = block.first_mut() else { continue };
                        if self.scan.procedure == Procedure::DcRefinement {
                            *dc |= (bits.take(1) as i16) << self.scan.low_bits;
                        } else {
                            let value = block::difference(bits, tables.dc(selected.dc)?, previous)?;
                            *dc = block::shifted(value.into(), self.scan.low_bits)?;
                        }
                    }
                }
            }
            if bits.overrun() {
                return Err(Error::Truncated);
            }
        }
    }

    fn ac<const K: usize, S: Sink<K>>(
        &mut self,
        tables: &Tables,
        sink: &mut S,
        bits: &mut BitReader<'_>,
        complete: bool,
    ) -> Result<bool, Error> {
        let Some(selected) = self.scan.components.first() else {
            return Ok(true);
        };
        let mut band = Band {
            wanted: S::WANTED,
            ac: tables.ac(selected.ac)?,
            first: self.scan.first,
            last: self.scan.last,
            low_bits: self.scan.low_bits,
            end_of_band_run: self.end_of_band_run,
        };
        let Some(store) = sink.store(selected.number) else {
            return Ok(true);
        };
        let first = self.scan.procedure == Procedure::AcFirst;
        if !first || self.scan.low_bits > S::DROPPED_BITS {
            store.track()?;
        }
        let done = loop {
            let (row, column) = match self.position.next(&self.scan, bits, complete)? {
                Step::Done => break true,
                Step::Wait => break false,
                Step::Restarted => {
                    band.end_of_band_run = 0;
                    continue;
                }
                Step::Mcu(row, column) => (row, column),
            };
            // With this block the others up to the end of the row or the next restart.
            let others = self.position.before_break(&self.scan);
            let place = row * store.blocks_wide + column;
            let blocks = store.blocks.get_mut(place..=place + others).unwrap_or_default();
            let significant = store.significant.get_mut(place..=place + others).unwrap_or_default();
            let least = if complete { 0 } else { MCU_BYTES };
            let done = if first {
                band.first_of_row(bits, blocks, significant, least)
            } else {
                band.refine_row(bits, blocks, significant, least)
            }?;
            self.position.pass(done.saturating_sub(1));
        };
        self.end_of_band_run = band.end_of_band_run;
        Ok(done)
    }
}

fn parts<'t>(
    scan: &'t Scan,
    skips: &'t [Option<Skips>; 4],
    previous: [i32; 4],
    tables: &'t Tables,
) -> Result<Vec<Part<'t>>, Error> {
    let part = |(selected, previous): (&'t Selected, i32)| {
        Ok(Part {
            selected,
            coder: Coder {
                dc: tables.dc(selected.dc)?,
                ac: tables.ac(selected.ac)?,
                skips: skips.get(usize::from(selected.ac)).and_then(Option::as_ref),
                previous,
            },
        })
    };
    scan.components.iter().zip(previous).map(part).collect()
}
