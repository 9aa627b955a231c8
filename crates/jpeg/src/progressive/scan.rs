//! The symbols of one scan (T.81 G.1.2.1, G.1.2.2).

use super::{AVERAGES, Band};
use crate::coefficients::Grid;
use crate::huffman::Table;
use crate::symbols::{AC_END, DC_END, NUMBERS, SIXTEEN_ZEROS, Symbol, category, nonzero};
use crate::{Coefficients, Component, Error};

/// Most blocks without anything that one symbol stands for, and one more: a symbol has room for eleven additional bits.
const RUN_END: u32 = 1 << 12;

/// Makes symbols of rows of MCUs, or of rows of one component's blocks, and counts them.
pub struct Scan<'a, W> {
    coefficients: &'a Coefficients,
    grid: Grid,
    band: Option<&'a Band>,
    watched: W,
    /// Room for the symbols of a row.
    row: Vec<Symbol>,
    out: Out,
}

/// What is known of the symbols so far.
struct Out {
    /// Symbols in the row.
    count: usize,
    /// How often each symbol came, by its number.
    histogram: Box<[u32; NUMBERS]>,
    /// All values, folded together: that keeps the highest bit.
    magnitudes: u32,
    /// Coefficients that are watched.
    watched: usize,
    /// Blocks in a row, up to the last one, that had no more in the band.
    run: u32,
}

impl<'a, W: Fn(usize, usize) -> u64> Scan<'a, W> {
    /// The scan of a band, or of all averages; `watched` is as for [`encode_unstuffed`](crate::encode_unstuffed).
    pub fn new(coefficients: &'a Coefficients, grid: Grid, band: Option<&'a Band>, watched: W) -> Self {
        let components = coefficients.components.iter();
        let symbols: usize = match band {
            None => components.map(|one| usize::from(one.v) * one.blocks_wide).sum(),
            // A symbol for each coefficient, and that of a run.
            Some(band) => components
                .skip(band.component)
                .take(1)
                .map(|one| one.blocks_wide * 64 + 2)
                .sum(),
        };
        Self {
            coefficients,
            grid,
            band,
            watched,
            row: vec![Symbol::new(0, 0, 0); symbols],
            out: Out {
                count: 0,
                histogram: Box::new([0; NUMBERS]),
                magnitudes: 0,
                watched: 0,
                run: 0,
            },
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.band.map_or(self.grid.mcus_high, |band| self.occupied(band).1)
    }

    /// Coefficients of all rows so far that are watched, those of a row that was asked for twice counted twice.
    pub fn watched(&self) -> usize {
        self.out.watched
    }

    /// How often each symbol came in all rows so far, by its number, those of a row that was asked for twice counted twice.
    pub fn histogram(&self) -> &[u32; NUMBERS] {
        &self.out.histogram
    }

    /// Blocks without anything that no symbol so far stands for.
    pub fn run(&self) -> u32 {
        self.out.run
    }

    /// Goes back to before the row where this was the run.
    pub fn resume(&mut self, run: u32) {
        self.out.run = run;
    }

    /// The symbols of a row. Rows are asked for in their order.
    pub fn symbols(&mut self, row: usize) -> &[Symbol] {
        self.out.count = 0;
        match self.band {
            None => self.averages(row),
            Some(band) => self.frequencies(band, row),
        }
        self.row.get(..self.out.count).unwrap_or_default()
    }

    /// The best Huffman tables for all that was seen: one for averages of the first component, one for the others', or one for a band.
    ///
    /// # Errors
    /// [`Error::CoefficientRange`] if baseline coding could not express it.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let (end, tables) = match self.band {
            None => (DC_END, self.coefficients.components.len().min(2)),
            Some(_) => (AC_END, 1),
        };
        if self.out.magnitudes >= end {
            return Err(Error::CoefficientRange);
        }
        let histograms = self.out.histogram.as_chunks::<256>().0.iter().step_by(2);
        Ok(histograms.take(tables).map(Table::optimal).collect())
    }

    #[inline(never)]
    fn averages(&mut self, mcu_row: usize) {
        let mut previous = self.coefficients.averages_before(mcu_row);
        for mcu in 0..self.grid.mcus_wide {
            for ((n, component), previous) in self.coefficients.components.iter().enumerate().zip(&mut previous) {
                let (h, v) = (usize::from(component.h), usize::from(component.v));
                for row in mcu_row * v..(mcu_row + 1) * v {
                    let start = row * component.blocks_wide + mcu * h;
                    let blocks = component.blocks.get(start..start + h).unwrap_or_default();
                    for (number, block) in (start..).zip(blocks) {
                        let difference = i32::from(block[0]) - i32::from(*previous);
                        *previous = block[0];
                        self.out.magnitudes |= difference.unsigned_abs();
                        let (length, bits) = category(difference);
                        let watched = ((self.watched)(n, number) & AVERAGES) as u32;
                        let table = u32::from(n > 0) << 9;
                        self.out.put(&mut self.row, Symbol::new(table | length, bits, watched));
                    }
                }
            }
        }
    }

    #[inline(never)]
    fn frequencies(&mut self, band: &Band, row: usize) {
        let (wide, high) = self.occupied(band);
        let Some(component) = self.coefficients.components.get(band.component) else {
            return;
        };
        let start = row * component.blocks_wide;
        let blocks = component.blocks.get(start..start + wide).unwrap_or_default();
        let mask = band.mask();
        let out = &mut self.out;
        for (number, block) in (start..).zip(blocks) {
            let mut rest = nonzero(block) & mask;
            if rest != 0 {
                out.end_run(&mut self.row);
                let watched = (self.watched)(band.component, number);
                let mut next = u32::from(band.first);
                while rest != 0 {
                    let place = rest.trailing_zeros();
                    rest &= rest - 1;
                    let mut run = place - next;
                    next = place + 1;
                    while run >= 16 {
                        out.put(&mut self.row, Symbol::new(SIXTEEN_ZEROS, 0, 0));
                        run -= 16;
                    }
                    let value = i32::from(block[place as usize & 63]);
                    let (length, bits) = category(value);
                    out.magnitudes |= value.unsigned_abs();
                    let watched = (watched >> (place & 63)) as u32 & 1;
                    out.put(&mut self.row, Symbol::new(run << 4 | length, bits, watched));
                }
                if next > u32::from(band.last) {
                    continue;
                }
            }
            out.run += 1;
            if out.run == RUN_END - 1 {
                out.end_run(&mut self.row);
            }
        }
        if row + 1 == high {
            out.end_run(&mut self.row);
        }
    }

    /// Blocks of the band's component that hold samples of the picture.
    fn occupied(&self, band: &Band) -> (usize, usize) {
        let (width, height) = (self.coefficients.width, self.coefficients.height);
        let of = |component: &Component| self.grid.occupied(width, height, component.h, component.v);
        self.coefficients.components.get(band.component).map_or((0, 0), of)
    }
}

impl Out {
    #[inline(always)]
    fn put(&mut self, row: &mut [Symbol], symbol: Symbol) {
        self.histogram[symbol.number()] += 1;
        if let Some(place) = row.get_mut(self.count) {
            *place = symbol;
            self.count += 1;
            self.watched += symbol.watched();
        }
    }

    /// The symbol of a run, if there is one: its exponent, and as many bits less the highest.
    #[inline(always)]
    fn end_run(&mut self, row: &mut [Symbol]) {
        if self.run > 0 {
            let exponent = self.run.ilog2();
            self.put(row, Symbol::new(exponent << 4, self.run ^ 1 << exponent, 0));
            self.run = 0;
        }
    }
}
