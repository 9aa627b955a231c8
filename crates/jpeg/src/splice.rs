//! Encoding for those who will change bits of the file afterwards: where each coefficient's additional bits lie.
//!
//! A coefficient is coded as a Huffman symbol, which says its size category, and as many additional bits, which say its value
//! and on which nothing else depends (T.81 F.1.2). Whoever changes additional bits changes that coefficient alone.

use crate::coefficients::Grid;
use crate::encode::{Codes, tables};
use crate::header::header;
use crate::symbols::{self, Sink};
use crate::{Coefficients, Error, marker};

/// The additional bits of one coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded {
    /// Number of the component.
    pub component: usize,
    /// Number of the block in its component, row by row.
    pub block: usize,
    /// Place in the zigzag sequence; 0 is the DC coefficient, of which the difference to the block before is coded.
    pub index: usize,
    /// Bits of the entropy-coded data before the first additional bit.
    pub position: usize,
    /// Number of additional bits, the size category: 1..=11, 0 for a DC difference of zero.
    pub length: usize,
}

/// A baseline file in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstuffed {
    /// Everything before the entropy-coded data.
    pub header: Vec<u8>,
    /// The entropy-coded data, without the zero that the file has after each 0xFF (T.81 B.1.1.5).
    pub entropy: Vec<u8>,
}

impl Unstuffed {
    /// The file. `moved` is told of every byte of the entropy-coded data, in order, where it stands in the file.
    pub fn finish(self, mut moved: impl FnMut(usize)) -> Vec<u8> {
        let mut file = self.header;
        file.reserve(self.entropy.len() + self.entropy.len() / 64 + 2);
        for byte in self.entropy {
            moved(file.len());
            file.push(byte);
            if byte == 0xFF {
                file.push(0);
            }
        }
        file.extend([0xFF, marker::EOI]);
        file
    }
}

/// Encodes as [`encode`](crate::encode) does, to the same bytes, and tells `observe` of every DC difference and every AC
/// coefficient that is not zero, in the order of the file.
///
/// # Errors
/// As [`encode`](crate::encode).
pub fn encode_unstuffed(c: &Coefficients, mut observe: impl FnMut(Coded)) -> Result<Unstuffed, Error> {
    let (grid, tables) = tables(c)?;
    let codes: Vec<_> = tables.iter().map(|(dc, ac)| (Codes::new(dc), Codes::new(ac))).collect();
    let mut bits = Bits::default();
    let mut previous = [0; 4];
    for place in places(c, grid) {
        let coded = c
            .components
            .get(place.0)
            .and_then(|component| component.blocks.get(place.1));
        let (Some(block), Some((dc, ac))) = (coded, codes.get(place.0.min(1))) else {
            continue;
        };
        if let Some(previous) = previous.get_mut(place.0) {
            let mut coder = Coder {
                bits: &mut bits,
                dc,
                ac,
                place,
                index: 0,
                observe: &mut observe,
            };
            symbols::code(block, *previous, &mut coder);
            *previous = block[0];
        }
    }
    Ok(Unstuffed {
        header: header(c, &tables),
        entropy: bits.finish(),
    })
}

impl Coefficients {
    /// Component and number of every block in the order of an interleaved scan (T.81 A.2.3).
    pub fn coding_order(&self) -> impl Iterator<Item = (usize, usize)> {
        let factors = self.components.iter().map(|component| (component.h, component.v));
        places(self, Grid::new(self.width, self.height, factors))
    }
}

fn places(c: &Coefficients, grid: Grid) -> impl Iterator<Item = (usize, usize)> {
    let mcus = (0..grid.mcus_high).flat_map(move |y| (0..grid.mcus_wide).map(move |x| (x, y)));
    mcus.flat_map(move |(x, y)| {
        c.components.iter().enumerate().flat_map(move |(number, component)| {
            let (h, v) = (usize::from(component.h), usize::from(component.v));
            (y * v..(y + 1) * v)
                .flat_map(move |row| (x * h..(x + 1) * h).map(move |column| row * component.blocks_wide + column))
                .map(move |block| (number, block))
        })
    })
}

/// Bits, most significant first.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    /// The `count` low bits are still to be written.
    window: u64,
    count: u32,
}

impl Bits {
    #[inline(always)]
    fn put(&mut self, bits: u32, length: u32) {
        self.window = self.window << length | u64::from(bits);
        self.count += length;
        if self.count >= 32 {
            self.count -= 32;
            self.out
                .extend_from_slice(&((self.window >> self.count) as u32).to_be_bytes());
        }
    }

    fn written(&self) -> usize {
        self.out.len() * 8 + self.count as usize
    }

    /// Fills the last byte with ones.
    fn finish(mut self) -> Vec<u8> {
        let padding = (8 - self.count % 8) % 8;
        self.put((1 << padding) - 1, padding);
        while self.count > 0 {
            self.count -= 8;
            self.out.push((self.window >> self.count) as u8);
        }
        self.out
    }
}

struct Coder<'a, O> {
    bits: &'a mut Bits,
    dc: &'a Codes,
    ac: &'a Codes,
    place: (usize, usize),
    /// Of the coefficient coded last.
    index: usize,
    observe: &'a mut O,
}

impl<O: FnMut(Coded)> Coder<'_, O> {
    #[inline(always)]
    fn put(&mut self, (code, code_length): (u16, u8), bits: u32, length: u32) {
        self.bits.put(u32::from(code), u32::from(code_length));
        let position = self.bits.written();
        self.bits.put(bits, length);
        (self.observe)(Coded {
            component: self.place.0,
            block: self.place.1,
            index: self.index,
            position,
            length: length as usize,
        });
    }
}

impl<O: FnMut(Coded)> Sink for Coder<'_, O> {
    #[inline(always)]
    fn dc(&mut self, bits: u32, length: u32) {
        let code = self.dc.0[usize::from(length as u8)];
        self.put(code, bits, length);
    }

    #[inline(always)]
    fn ac(&mut self, symbol: u8, bits: u32, length: u32) {
        let code = self.ac.0[usize::from(symbol)];
        self.index += usize::from(symbol >> 4) + 1;
        if length > 0 {
            self.put(code, bits, length);
        } else {
            self.bits.put(u32::from(code.0), u32::from(code.1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Pixels, Sampling, encode, read, transform};

    const LIMITS: Limits = Limits {
        max_pixels: 1 << 20,
        max_scans: 1,
        max_visits: 1 << 22,
    };

    fn pictures() -> impl Iterator<Item = Coefficients> {
        let rgb: Vec<u8> = (0..70 * 45 * 3_u32).map(|n| ((n * n % 241) ^ (n / 5)) as u8).collect();
        [(70, 45), (64, 32), (9, 17)]
            .into_iter()
            .flat_map(move |(width, height)| {
                let rgb = rgb.clone();
                [Sampling::Yuv420, Sampling::Yuv444].into_iter().map(move |sampling| {
                    let samples = &rgb[..usize::from(width) * usize::from(height) * 3];
                    transform(Pixels::Rgb(samples), width, height, 90, sampling).unwrap()
                })
            })
    }

    #[test]
    fn the_bytes_are_those_of_the_encoder() {
        for c in pictures() {
            let mut count = 0;
            let parts = encode_unstuffed(&c, |_| ()).unwrap();
            let length = parts.entropy.len();
            assert_eq!(parts.finish(|_| count += 1), encode(&c).unwrap());
            assert_eq!(count, length);
        }
    }

    /// Inverting the bits that were named changes the coefficient that they were named for, to its opposite, and no other.
    #[test]
    fn positions_are_those_of_the_coefficients() {
        for c in pictures() {
            let mut coded = Vec::new();
            let parts = encode_unstuffed(&c, |place| coded.push(place)).unwrap();
            let nonzero = c
                .components
                .iter()
                .flat_map(|component| &component.blocks)
                .flat_map(|block| &block[1..]);
            let dc = c.coding_order().count();
            assert_eq!(coded.len(), dc + nonzero.filter(|value| **value != 0).count());
            for place in coded.iter().filter(|place| place.index > 0).step_by(37) {
                let mut changed = parts.clone();
                for bit in place.position..place.position + place.length {
                    changed.entropy[bit / 8] ^= 0x80 >> (bit % 8);
                }
                let read = read(&changed.finish(|_| ()), &LIMITS).unwrap();
                let mut expected = c.clone();
                let value = &mut expected.components[place.component].blocks[place.block][place.index];
                *value = -*value;
                assert_eq!(read, expected, "{place:?}");
            }
        }
    }
}
