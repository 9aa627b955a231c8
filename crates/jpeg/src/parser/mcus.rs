//! The entropy-coded segments of a scan, MCU by MCU, as far as there is data.

use super::band::Band;
use super::block::{self, Batch, Coder};
use super::intake::Intake;
use super::lookup::{Pairs, Skips};
use super::position::{Position, Stop};
use super::scan::{Procedure, Scan, Selected};
use super::segment::next_marker;
use super::sink::Sink;
use super::tables::Tables;
use crate::Error;

/// A scan being decoded.
pub struct Mcus {
    scan: Scan,
    /// By the number of the AC table.
    pairs: [Option<Pairs>; 4],
    skips: [Option<Skips>; 4],
    position: Position,
    intake: Intake,
    batch: Batch,
    /// DC coefficient of the block before, by component of the scan.
    previous: [i32; 4],
    end_of_band_run: u32,
}

impl Mcus {
    /// At the start of the scan's data.
    pub fn new<const K: usize, S: Sink<K>>(scan: Scan, tables: &Tables) -> Result<Self, Error> {
        let (mut pairs, mut skips) = ([const { None }; 4], [const { None }; 4]);
        let mut order = Vec::new();
        if scan.procedure == Procedure::Sequential {
            for (component, selected) in (0..).zip(&scan.components) {
                let (table, number) = (tables.ac(selected.ac)?, usize::from(selected.ac));
                if let Some(pairs @ None) = pairs.get_mut(number)
                    && K > 4
                {
                    *pairs = Some(Pairs::new(table)?);
                }
                if let Some(skips @ None) = skips.get_mut(number)
                    && S::WANTED.last < 63
                {
                    *skips = Some(Skips::new(table)?);
                }
                order.resize(order.len() + selected.h * selected.v, component);
            }
        }
        if let Some(alone) = scan.components.first()
            && scan.procedure == Procedure::AcFirst
            && K > 1
            && scan.low_bits <= S::DROPPED_BITS
            && let Some(pairs) = pairs.get_mut(usize::from(alone.ac))
        {
            *pairs = Some(Pairs::new(tables.ac(alone.ac)?)?);
        }
        Ok(Self {
            position: Position::new(&scan),
            scan,
            pairs,
            skips,
            intake: Intake::new()?,
            batch: Batch::new::<K>(order),
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
        mut data: &'d [u8],
        complete: bool,
    ) -> Result<(&'d [u8], bool), Error> {
        loop {
            data = self.intake.fill(data, complete);
            let stop = match self.scan.procedure {
                Procedure::Sequential => self.sequential(tables, sink),
                Procedure::DcFirst | Procedure::DcRefinement => self.dc(tables, sink),
                Procedure::AcFirst | Procedure::AcRefinement => self.ac(tables, sink),
            }?;
            match stop {
                Stop::Done => return Ok((data, true)),
                Stop::Wait if data.len() < 2 => return Ok((data, false)),
                Stop::Wait => {}
                Stop::Restart => match next_marker(data) {
                    Some((code, rest)) => {
                        self.position.restart(&self.scan, code)?;
                        self.intake.restart();
                        (self.previous, self.end_of_band_run) = ([0; 4], 0);
                        data = rest;
                    }
                    None if complete => return Err(Error::Truncated),
                    // Half of a marker may be there.
                    None => return Ok((data.get(data.len().saturating_sub(1)..).unwrap_or_default(), false)),
                },
            }
        }
    }

    fn sequential<const K: usize, S: Sink<K>>(&mut self, tables: &Tables, sink: &mut S) -> Result<Stop, Error> {
        let (mut bits, reach) = self.intake.reader();
        let mut coders = coders(&self.scan, &self.pairs, &self.skips, self.previous, tables)?;
        let stop = loop {
            let count = match self.position.before_break(&self.scan) {
                Ok(count) => count.min(Batch::MCUS),
                Err(stop) => break stop,
            };
            let (row, column) = (self.position.row, self.position.column);
            let mcus = self.batch.decode::<K, S>(&mut bits, reach, &mut coders, count)?;
            let blocks = self.batch.slots.as_chunks::<K>().0.chunks_exact(self.batch.order.len());
            let blocks = blocks
                .zip(self.batch.ac.chunks_exact(self.batch.order.len()))
                .take(mcus);
            let mut place = 0;
            for &Selected { number, h, v, .. } in &self.scan.components {
                for (y, x) in (0..v).flat_map(|y| (0..h).map(move |x| (y, x))) {
                    let blocks = blocks
                        .clone()
                        .filter_map(|(slots, ac)| Some((slots.get(place)?, *ac.get(place)?)));
                    sink.blocks(number, (column * h + x, h), (y, row * v + y), blocks);
                    place += 1;
                }
            }
            if self.position.pass(&self.scan, mcus) {
                for &Selected { number, v, .. } in &self.scan.components {
                    sink.rows_done(number, v);
                }
            }
            if mcus < count {
                break Stop::Wait;
            }
        };
        for (previous, coder) in self.previous.iter_mut().zip(&coders) {
            *previous = coder.previous;
        }
        let read = bits.bits();
        self.intake.read(read);
        Ok(stop)
    }

    fn dc<const K: usize, S: Sink<K>>(&mut self, tables: &Tables, sink: &mut S) -> Result<Stop, Error> {
        let (mut bits, reach) = self.intake.reader();
        let stop = loop {
            if let Err(stop) = self.position.before_break(&self.scan) {
                break stop;
            }
            if !reach.covers_mcu(&bits) {
                break Stop::Wait;
            }
            let (row, column) = (self.position.row, self.position.column);
            for (selected, previous) in self.scan.components.iter().zip(&mut self.previous) {
                let Some(store) = sink.store(selected.number) else {
                    continue;
                };
                for y in row * selected.v..(row + 1) * selected.v {
                    let start = y * store.blocks_wide + column * selected.h;
                    for block in store.blocks.get_mut(start..start + selected.h).unwrap_or_default() {
                        let Some(dc) = block.first_mut() else { continue };
                        if self.scan.procedure == Procedure::DcRefinement {
                            bits.refill_seldom();
                            *dc |= (bits.take(1) as i16) << self.scan.low_bits;
                        } else {
                            let value = block::difference(&mut bits, tables.dc(selected.dc)?, previous)?;
                            *dc = block::shifted(value.into(), self.scan.low_bits)?;
                        }
                    }
                }
            }
            if reach.exceeded(&bits) {
                return Err(Error::Truncated);
            }
            self.position.pass(&self.scan, 1);
        };
        let read = bits.bits();
        self.intake.read(read);
        Ok(stop)
    }

    fn ac<const K: usize, S: Sink<K>>(&mut self, tables: &Tables, sink: &mut S) -> Result<Stop, Error> {
        let Some(selected) = self.scan.components.first() else {
            return Ok(Stop::Done);
        };
        let mut band = Band {
            wanted: S::WANTED,
            ac: tables.ac(selected.ac)?,
            pairs: self.pairs.get(usize::from(selected.ac)).and_then(Option::as_ref),
            first: self.scan.first,
            last: self.scan.last,
            low_bits: self.scan.low_bits,
            end_of_band_run: self.end_of_band_run,
        };
        let Some(store) = sink.store(selected.number) else {
            return Ok(Stop::Done);
        };
        let first = self.scan.procedure == Procedure::AcFirst;
        if !first || self.scan.low_bits > S::DROPPED_BITS {
            store.track()?;
        }
        let (mut bits, reach) = self.intake.reader();
        let stop = loop {
            let count = match self.position.before_break(&self.scan) {
                Ok(count) => count,
                Err(stop) => break stop,
            };
            let start = self.position.row * store.blocks_wide + self.position.column;
            let blocks = store.blocks.get_mut(start..start + count).unwrap_or_default();
            let significant = store.significant.get_mut(start..start + count).unwrap_or_default();
            let done = if first {
                band.first_of_row((&mut bits, reach), blocks, significant)
            } else {
                band.refine_row((&mut bits, reach), blocks, significant)
            }?;
            self.position.pass(&self.scan, done);
            if done < count {
                break Stop::Wait;
            }
        };
        self.end_of_band_run = band.end_of_band_run;
        let read = bits.bits();
        self.intake.read(read);
        Ok(stop)
    }
}

fn coders<'t>(
    scan: &Scan,
    pairs: &'t [Option<Pairs>; 4],
    skips: &'t [Option<Skips>; 4],
    previous: [i32; 4],
    tables: &'t Tables,
) -> Result<Vec<Coder<'t>>, Error> {
    let coder = |(selected, previous): (&Selected, i32)| {
        let number = usize::from(selected.ac);
        Ok(Coder {
            dc: tables.dc(selected.dc)?,
            ac: tables.ac(selected.ac)?,
            pairs: pairs.get(number).and_then(Option::as_ref),
            skips: skips.get(number).and_then(Option::as_ref),
            previous,
        })
    };
    scan.components.iter().zip(previous).map(coder).collect()
}
