//! A file back into its coefficients.

use crate::parser::Parser;
use crate::parser::block::Wanted;
use crate::parser::frame::Frame;
use crate::parser::scan::Scan;
use crate::parser::sink::{Sink, slots};
use crate::parser::store::Store;
use crate::{Coefficients, Component, Error};

/// What a file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels, checked before memory is taken: two bytes a sample, at most 8 a pixel, plus the padding to whole MCUs; an
    /// eighth of a byte more for each sample of a progressive file.
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
/// [`Error::TooManyPixels`], [`Error::TooManyScans`], [`Error::TooMuchWork`], [`Error::Memory`]; [`Error::Truncated`] if anything
/// up to EOI is missing; [`Error::Malformed`] for everything else that breaks the syntax.
pub fn read(file: &[u8], limits: &Limits) -> Result<Coefficients, Error> {
    let mut parser = Parser::new(Stores(Vec::new()), *limits);
    parser.advance(file, true)?;
    let frame = parser.frame.ok_or(Error::Malformed("no frame"))?;
    frame.check_scanned()?;
    let component = |(component, store): (_, Store<64>)| {
        let crate::parser::frame::FrameComponent {
            id,
            h,
            v,
            quant,
            blocks_wide,
            blocks_high,
            ..
        } = component;
        Component {
            id,
            h,
            v,
            quant,
            blocks_wide,
            blocks_high,
            blocks: store.blocks,
        }
    };
    Ok(Coefficients {
        width: frame.width,
        height: frame.height,
        components: frame.components.into_iter().zip(parser.sink.0).map(component).collect(),
    })
}

/// All coefficients in zigzag order.
struct Stores(Vec<Store<64>>);

impl Sink<64> for Stores {
    const WANTED: Wanted<'static> = Wanted {
        slots: &slots(&every_place()),
        last: 63,
    };
    const DROPPED_BITS: u8 = 0;

    fn frame(&mut self, frame: &Frame) -> Result<(), Error> {
        self.0 = frame.components.iter().map(Store::new).collect::<Result<_, _>>()?;
        Ok(())
    }

    fn scan(&mut self, _: &Frame, _: &Scan) {}

    fn blocks<'b>(
        &mut self,
        number: usize,
        (column, step): (usize, usize),
        (_, row): (usize, usize),
        blocks: impl Iterator<Item = (&'b [i16; 64], bool)>,
    ) {
        if let Some(store) = self.0.get_mut(number)
            && let Some(kept) = store.blocks.get_mut(row * store.blocks_wide + column..)
        {
            for (kept, (block, _)) in kept.iter_mut().step_by(step).zip(blocks) {
                *kept = *block;
            }
        }
    }

    fn rows_done(&mut self, _: usize, _: usize) {}

    fn store(&mut self, number: usize) -> Option<&mut Store<64>> {
        self.0.get_mut(number)
    }

    fn dropped(&mut self, _: usize, _: &Scan) {}
}

const fn every_place() -> [u8; 64] {
    let mut places = [0; 64];
    let mut place = 0;
    while place < 64 {
        places[place as usize] = place;
        place += 1;
    }
    places
}
