//! Filtered rows, and which of their bytes symbols change.

use crate::carriers::{BAND, Carriers};
use crate::cells::{self, Block, CELL, Change, SIDE};
use crate::filter::Filter;
use crate::picture::Picture;

/// Zeros looked for at once.
const STRIDE: usize = 8;
/// The longest match.
const LONGEST: usize = 258;
/// The shortest match.
const SHORTEST: usize = 3;

/// Takes a row's bytes in order.
pub(crate) trait Sink {
    fn literals(&mut self, values: &[u8]);
    /// A byte that a symbol changes.
    fn changeable(&mut self, value: u8);
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
    line: Vec<u8>,
    changes: Vec<Change>,
    /// How many of the changes each chip of the band makes.
    counts: Vec<u8>,
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
            line: vec![0; picture.shape.row() + 1],
            changes: Vec::new(),
            counts: Vec::new(),
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
        self.changes.clear();
        self.counts.clear();
        if y % BAND < CELL {
            let wide = shape.width / SIDE;
            let band = self
                .blocks
                .get(y / BAND * wide..(y / BAND + 1) * wide)
                .unwrap_or_default();
            for (column, _) in band.iter().enumerate().filter(|(_, block)| block.chip) {
                let before = self.changes.len();
                cells::changes(shape, column, filter, above, own, |change| self.changes.push(change));
                self.counts.push((self.changes.len() - before) as u8);
            }
        }
        let from = self.carriers.partition_point(|(row, _)| *row < y);
        let carried = self.carriers.iter().skip(from).take_while(|(row, _)| *row == y);
        self.changes.extend(carried.map(|&(_, at)| Change { at, grows: true }));
    }

    /// The filtered row.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// How many changes each chip of the band makes, and the changes.
    pub fn of_chips(&self) -> (&[u8], &[Change]) {
        (&self.counts, &self.changes)
    }

    /// Hands the row over.
    #[inline(always)]
    pub fn walk(&self, sink: &mut impl Sink) {
        let mut rest = self.line.as_slice();
        let mut start = 0;
        for change in &self.changes {
            let Some((before, [value, behind @ ..])) = rest.split_at_checked(change.at - start) else {
                continue;
            };
            plain(before, sink);
            sink.changeable(*value);
            (rest, start) = (behind, change.at + 1);
        }
        plain(rest, sink);
    }
}

/// Hands over bytes that no symbol changes, longer runs of zeros as such.
#[inline(always)]
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
