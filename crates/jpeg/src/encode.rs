//! Coefficients to a baseline JFIF file.

use crate::bit_writer::BitWriter;
use crate::coefficients::{Grid, MAX_MCU_BLOCKS};
use crate::header::header;
use crate::huffman::Table;
use crate::symbols::{self, Sink};
use crate::{Coefficients, Error, marker};

/// Writes a sequential baseline JFIF file with Huffman tables made for the picture and no other metadata. Reading it gives back
/// equal coefficients.
///
/// # Errors
/// [`Error::Unsupported`] unless there are one or three components, [`Error::Geometry`] if they do not fit together,
/// [`Error::QuantisationRange`] and [`Error::CoefficientRange`] for values that a baseline file cannot hold.
pub fn encode(c: &Coefficients) -> Result<Vec<u8>, Error> {
    let (grid, tables) = tables(c)?;
    let mut file = header(c, &tables);
    write(c, grid, &tables, &mut file);
    file.extend([0xFF, marker::EOI]);
    Ok(file)
}

/// Writes the entropy-coded data. Out of line, like the other loops over all blocks: together they would have too many
/// numbers at once for the machine's registers.
#[inline(never)]
fn write(c: &Coefficients, grid: Grid, tables: &[(Table, Table)], file: &mut Vec<u8>) {
    let codes: Vec<_> = tables.iter().map(|(dc, ac)| (Codes::new(dc), Codes::new(ac))).collect();
    let mut writer = BitWriter::new(file);
    for_each_block(c, grid, |table, block, previous| {
        if let Some((dc, ac)) = codes.get(table) {
            let mut coder = Coder {
                writer: &mut writer,
                dc,
                ac,
            };
            symbols::code(block, previous, &mut coder);
        }
    });
    writer.finish();
}

/// The grid of MCUs and the best Huffman tables, DC and AC: one pair for the first component, one for the others.
#[inline(never)]
pub(crate) fn tables(c: &Coefficients) -> Result<(Grid, Vec<(Table, Table)>), Error> {
    let grid = checked_grid(c)?;
    let mut histograms: [Histogram; 2] = Default::default();
    let mut in_range = true;
    for_each_block(c, grid, |table, block, previous| {
        in_range &= symbols::in_range(block, previous);
        if in_range {
            symbols::code(block, previous, &mut histograms[table]);
        }
    });
    if !in_range {
        return Err(Error::CoefficientRange);
    }
    let pairs = histograms.iter().take(c.components.len());
    let tables = pairs.map(|Histogram { dc, ac }| (Table::optimal(dc), Table::optimal(ac)));
    Ok((grid, tables.collect()))
}

/// The grid of MCUs, if the components fit it.
fn checked_grid(c: &Coefficients) -> Result<Grid, Error> {
    let factors = || c.components.iter().map(|component| (component.h, component.v));
    let single = match c.components.len() {
        1 => true,
        3 => false,
        _ => return Err(Error::Unsupported("only one or three components can be written")),
    };
    let mcu_blocks = factors().map(|(h, v)| u32::from(h) * u32::from(v)).sum::<u32>();
    let in_range = factors().all(|(h, v)| (1..=4).contains(&h) && (1..=4).contains(&v));
    if !in_range || mcu_blocks > if single { 1 } else { MAX_MCU_BLOCKS } || c.width == 0 || c.height == 0 {
        return Err(Error::Geometry);
    }
    let grid = Grid::new(c.width, c.height, factors());
    for (n, component) in c.components.iter().enumerate() {
        let padded = grid.padded(component.h, component.v);
        if padded != (component.blocks_wide, component.blocks_high)
            || component.blocks.len() != padded.0 * padded.1
            || c.components.iter().take(n).any(|other| other.id == component.id)
        {
            return Err(Error::Geometry);
        }
        if !component.quant.iter().all(|step| (1..=255).contains(step)) {
            return Err(Error::QuantisationRange);
        }
    }
    Ok(grid)
}

/// Visits the blocks in the order of an interleaved scan (T.81 A.2.3) with the number of their Huffman tables (0 for the first
/// component, 1 for the others) and the DC coefficient of the component's block before.
#[inline(always)]
fn for_each_block(c: &Coefficients, grid: Grid, mut visit: impl FnMut(usize, &[i16; 64], i16)) {
    let mut previous = [0; 3];
    for mcu_row in 0..grid.mcus_high {
        for mcu in 0..grid.mcus_wide {
            for ((n, component), previous) in c.components.iter().enumerate().zip(&mut previous) {
                let (h, v) = (usize::from(component.h), usize::from(component.v));
                for row in mcu_row * v..(mcu_row + 1) * v {
                    let start = row * component.blocks_wide + mcu * h;
                    for block in &component.blocks[start..start + h] {
                        visit(n.min(1), block, *previous);
                        *previous = block[0];
                    }
                }
            }
        }
    }
}

/// How often each symbol occurs.
struct Histogram {
    dc: [u32; 256],
    ac: [u32; 256],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            dc: [0; 256],
            ac: [0; 256],
        }
    }
}

impl Sink for Histogram {
    #[inline(always)]
    fn dc(&mut self, _: u32, length: u32) {
        self.dc[usize::from(length as u8)] += 1;
    }

    #[inline(always)]
    fn ac(&mut self, symbol: u8, _: u32, _: u32) {
        self.ac[usize::from(symbol)] += 1;
    }
}

/// Code and length by symbol.
pub(crate) struct Codes(pub [(u16, u8); 256]);

impl Codes {
    pub fn new(table: &Table) -> Self {
        let mut codes = [(0, 0); 256];
        for (symbol, code, length) in table.codes() {
            codes[usize::from(symbol)] = (code, length);
        }
        Self(codes)
    }
}

/// Writes symbols with their codes.
struct Coder<'a, 'w> {
    writer: &'a mut BitWriter<'w>,
    dc: &'a Codes,
    ac: &'a Codes,
}

impl Sink for Coder<'_, '_> {
    #[inline(always)]
    fn dc(&mut self, bits: u32, length: u32) {
        let (code, code_length) = self.dc.0[usize::from(length as u8)];
        self.writer
            .put(u32::from(code) << length | bits, u32::from(code_length) + length);
    }

    #[inline(always)]
    fn ac(&mut self, symbol: u8, bits: u32, length: u32) {
        let (code, code_length) = self.ac.0[usize::from(symbol)];
        self.writer
            .put(u32::from(code) << length | bits, u32::from(code_length) + length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pixels, Sampling, transform};

    fn sample() -> Coefficients {
        transform(Pixels::Rgb(&[90; 20 * 9 * 3]), 20, 9, 80, Sampling::Yuv420).unwrap()
    }

    #[test]
    fn values_outside_baseline_are_refused() {
        type Change = fn(&mut Coefficients);
        let cases: [(Change, Error); 10] = [
            (|c| c.components[0].blocks[3][9] = 1024, Error::CoefficientRange),
            (|c| c.components[2].blocks[1][0] = 2048, Error::CoefficientRange),
            (|c| c.components[1].quant[5] = 256, Error::QuantisationRange),
            (|c| c.components[1].quant[5] = 0, Error::QuantisationRange),
            (|c| c.width = 200, Error::Geometry),
            (|c| c.height = 0, Error::Geometry),
            (|c| c.components[1].h = 5, Error::Geometry),
            (|c| c.components[1].id = 1, Error::Geometry),
            (|c| c.components[0].blocks.truncate(5), Error::Geometry),
            (
                |c| c.components.truncate(2),
                Error::Unsupported("only one or three components can be written"),
            ),
        ];
        for (change, error) in cases {
            let mut c = sample();
            change(&mut c);
            assert_eq!(encode(&c), Err(error));
        }
        assert!(encode(&sample()).is_ok());
    }

    #[test]
    fn the_file_is_baseline_jfif_without_other_metadata() {
        let file = encode(&sample()).unwrap();
        let (mut place, mut markers) = (2, vec![]);
        while file[place + 1] != marker::SOS {
            markers.push(file[place + 1]);
            place += 2 + usize::from(u16::from_be_bytes([file[place + 2], file[place + 3]]));
        }
        let (dht, dqt) = (marker::DHT, marker::DQT);
        assert_eq!(markers, [marker::APP0, dqt, dqt, marker::SOF0, dht, dht, dht, dht]);
        assert!(file.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01") && file.ends_with(&[0xFF, marker::EOI]));
    }
}
