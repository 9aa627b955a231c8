//! The tables in force for the next scan.

use super::lookup::Lookup;
use crate::Error;
use crate::huffman::Table;

/// Quantisation and Huffman tables by their numbers, and the restart interval.
#[derive(Default)]
pub struct Tables {
    pub quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Box<Lookup>>; 4],
    ac: [Option<Box<Lookup>>; 4],
    /// MCUs between restart markers; 0 is none.
    pub restart_interval: u16,
}

impl Tables {
    /// The DC table of this number.
    pub fn dc(&self, number: u8) -> Result<&Lookup, Error> {
        table(&self.dc, number)
    }

    /// The AC table of this number.
    pub fn ac(&self, number: u8) -> Result<&Lookup, Error> {
        table(&self.ac, number)
    }

    /// DQT (T.81 B.2.4.1).
    pub fn read_quantisation(&mut self, mut parameters: &[u8]) -> Result<(), Error> {
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
    pub fn read_huffman(&mut self, mut parameters: &[u8]) -> Result<(), Error> {
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

fn table(tables: &[Option<Box<Lookup>>; 4], number: u8) -> Result<&Lookup, Error> {
    let table = tables.get(usize::from(number)).and_then(Option::as_deref);
    table.ok_or(Error::Malformed("missing Huffman table"))
}
