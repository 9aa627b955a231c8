//! Filtered rows, and which of their bytes symbols change.

use crate::carriers::{BAND, Carriers};
use crate::cells::{Block, CELL, SIDE};
use crate::filter::Filter;
use crate::picture::{Picture, Shape};
use crate::settle;

/// Zeros looked for at once.
const STRIDE: usize = 8;
/// The longest match.
const LONGEST: usize = 258;
/// The shortest match.
const SHORTEST: usize = 3;

/// Takes a row's bytes in order.
pub(crate) trait Sink {
    /// Bytes that no symbol changes.
    fn literals(&mut self, values: &[u8]);
    /// A byte that a symbol changes.
    fn changeable(&mut self, value: u8);
    /// A chip's row, of `N` channels: symbols change those samples of its first and its last pixel whose bits are set.
    fn chip<const N: usize, const ROW: usize>(&mut self, values: &[u8; ROW], first: u8, last: u8);
    /// So many repetitions of the byte before, 3 to 258.
    fn run(&mut self, length: usize);
}

/// A picture's rows, one at a time.
pub(crate) struct Rows<'a> {
    picture: &'a Picture,
    blocks: &'a [Block],
    filters: &'a [Filter],
    /// Rows, and places in the filtered rows, of what carriers change.
    carriers: Vec<(usize, usize)>,
    y: usize,
    line: Vec<u8>,
    /// What the row's chips change of their first pixels.
    firsts: Vec<u8>,
    /// What each of them changes of its last pixel.
    last: u8,
}

impl<'a> Rows<'a> {
    pub fn new(picture: &'a Picture, blocks: &'a [Block], filters: &'a [Filter], carriers: &Carriers) -> Self {
        let channels = picture.shape.channels;
        let places = (0..carriers.count()).filter_map(|carrier| carriers.place(carrier));
        let changed = places.flat_map(|(x, y, channel)| {
            let own = 1 + x * channels + channel;
            let next = carriers.on_grid().then_some((y, own + channels));
            [(y, own)].into_iter().chain(next)
        });
        Self {
            picture,
            blocks,
            filters,
            carriers: changed.collect(),
            y: 0,
            line: vec![0; picture.shape.row() + 1],
            firsts: Vec::new(),
            last: 0,
        }
    }

    /// Filters a row.
    pub fn turn_to(&mut self, y: usize) {
        let shape = self.picture.shape;
        let row = shape.row();
        let line = |y: Option<usize>| {
            y.and_then(|y| self.picture.samples.get(y * row..(y + 1) * row))
                .unwrap_or_default()
        };
        let (above, own) = (line(y.checked_sub(1)), line(Some(y)));
        let filter = self.filters.get(y).copied().unwrap_or(Filter::None);
        filter.apply(shape.channels, above, own, &mut self.line);
        self.y = y;
        self.firsts.clear();
        self.last = if filter == Filter::Sub { settle::all(shape) } else { 0 };
        if y % BAND < CELL {
            let band = of_band(self.blocks, shape, y);
            settle::firsts(shape, filter, (band, above, own), &mut self.firsts);
        }
    }

    /// The filtered row.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// What each chip of the band changes of its first pixel, and each of its last one: a bit a colour, the first one's lowest.
    pub fn of_chips(&self) -> (&[u8], u8) {
        (&self.firsts, self.last)
    }

    /// Hands the row over.
    pub fn walk(&self, sink: &mut impl Sink) {
        match self.picture.shape.channels {
            _ if self.firsts.is_empty() => self.around_carriers(sink),
            1 => self.around_chips::<1, 8>(sink),
            2 => self.around_chips::<2, 16>(sink),
            3 => self.around_chips::<3, 24>(sink),
            _ => self.around_chips::<4, 32>(sink),
        }
    }

    /// A row without chips.
    fn around_carriers(&self, sink: &mut impl Sink) {
        let from = self.carriers.partition_point(|(row, _)| *row < self.y);
        let mut rest = self.line.as_slice();
        let mut start = 0;
        for (_, at) in self.carriers.iter().skip(from).take_while(|(row, _)| *row == self.y) {
            let Some((before, behind)) = rest.split_at_checked(at - start) else {
                continue;
            };
            let Some((value, behind)) = behind.split_first() else {
                continue;
            };
            plain(before, sink);
            sink.changeable(*value);
            (rest, start) = (behind, at + 1);
        }
        plain(rest, sink);
    }

    /// A row with chips, of `N` channels, of which a block's row has `ROW`. What is in a chip is no run.
    fn around_chips<const N: usize, const ROW: usize>(&self, sink: &mut impl Sink) {
        let Some((filter, samples)) = self.line.split_first_chunk::<1>() else {
            return;
        };
        sink.literals(filter);
        let band = of_band(self.blocks, self.picture.shape, self.y);
        let mut firsts = self.firsts.iter();
        let mut rest = samples;
        let mut before = 0;
        for block in band {
            if !block.chip {
                before += ROW;
                continue;
            }
            let Some((others, behind)) = rest.split_at_checked(before) else {
                return;
            };
            let (Some((chip, behind)), Some(first)) = (behind.split_first_chunk::<ROW>(), firsts.next()) else {
                return;
            };
            if before > 0 {
                plain(others, sink);
            }
            sink.chip::<N, ROW>(chip, *first, self.last);
            (rest, before) = (behind, 0);
        }
        plain(rest, sink);
    }
}

/// The blocks that a row lies in.
fn of_band(blocks: &[Block], shape: Shape, y: usize) -> &[Block] {
    let wide = shape.width / SIDE;
    blocks.get(y / BAND * wide..(y / BAND + 1) * wide).unwrap_or_default()
}

/// Hands over bytes that no symbol changes, longer runs of zeros as such.
fn plain(bytes: &[u8], sink: &mut impl Sink) {
    let mut rest = bytes;
    while rest.len() >= STRIDE {
        let busy = rest
            .as_chunks::<STRIDE>()
            .0
            .iter()
            .take_while(|chunk| **chunk != [0; STRIDE]);
        let (literals, behind) = rest.split_at(busy.count() * STRIDE);
        sink.literals(literals);
        rest = behind;
        if rest.len() < STRIDE {
            break;
        }
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        let (run, behind) = rest.split_at(zeros);
        rest = behind;
        sink.literals(&run[..1]);
        let mut left = zeros - 1;
        while left >= SHORTEST {
            sink.run(left.min(LONGEST));
            left -= left.min(LONGEST);
        }
        sink.literals(&run[..left]);
    }
    sink.literals(rest);
}
