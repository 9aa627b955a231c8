//! How a file is coded, and the order of what is in it.

use crate::coefficients::Grid;
use crate::splice::encode_unstuffed;
use crate::{Coefficients, Error, Unstuffed, marker, progressive};

/// The two ways in which files are written (T.81 sections 4.3 and 4.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Process {
    /// All of the picture in one scan, block after block.
    #[default]
    Baseline,
    /// Coarse first: the averages of all components, then bands of one component's frequencies after another (spectral selection).
    /// Values are whole in their scan (no successive approximation). Of blocks that only pad the picture to whole MCUs there is
    /// nothing but the averages (T.81 A.2.2).
    Progressive,
}

/// A block in a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Number of the component.
    pub component: usize,
    /// Number of the block in its component, row by row.
    pub block: usize,
    /// A bit for each coefficient, in zigzag order, that the scan has.
    pub band: u64,
}

impl Process {
    /// How a file is coded, by its frame header. `None` for what this crate does not write.
    #[must_use]
    pub fn of(file: &[u8]) -> Option<Self> {
        let mut rest = file.strip_prefix(&[0xFF, marker::SOI])?;
        loop {
            let [ones, code, high, low] = *rest.first_chunk()?;
            match (ones, code) {
                (0xFF, marker::SOF0) => return Some(Self::Baseline),
                (0xFF, marker::SOF2) => return Some(Self::Progressive),
                (0xFF, _) => rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?,
                _ => return None,
            }
        }
    }

    /// Writes a file as [`encode`](crate::encode) does. Reading a progressive one gives back equal coefficients, but for those that only
    /// pad the picture.
    ///
    /// # Errors
    /// As [`encode`](crate::encode).
    pub fn encode(self, c: &Coefficients) -> Result<Vec<u8>, Error> {
        Ok(self.encode_unstuffed(c, |_, _| 0)?.finish().0)
    }

    /// The same for those who will change bits of it: see [`encode_unstuffed`].
    ///
    /// # Errors
    /// As [`encode`](crate::encode).
    pub fn encode_unstuffed(self, c: &Coefficients, watched: impl Fn(usize, usize) -> u64) -> Result<Unstuffed, Error> {
        match self {
            Self::Baseline => encode_unstuffed(c, watched),
            Self::Progressive => progressive::encode_unstuffed(c, watched),
        }
    }

    /// Every block of each scan, in the order of the file.
    pub fn visits(self, c: &Coefficients) -> impl Iterator<Item = Visit> {
        let (first, bands) = match self {
            Self::Baseline => (u64::MAX, &[][..]),
            Self::Progressive => (progressive::AVERAGES, progressive::bands(c.components.len())),
        };
        let interleaved = c.coding_order().map(move |(component, block)| Visit {
            component,
            block,
            band: first,
        });
        let grid = Grid::new(c.width, c.height, c.components.iter().map(|one| (one.h, one.v)));
        let alone = bands.iter().flat_map(move |band| {
            let component = c.components.get(band.component);
            let (wide, high) = component.map_or((0, 0), |one| grid.occupied(c.width, c.height, one.h, one.v));
            let stride = component.map_or(0, |component| component.blocks_wide);
            (0..high).flat_map(move |row| (row * stride..row * stride + wide).map(|block| band.visit(block)))
        });
        interleaved.chain(alone)
    }
}
