//! Where the fragile layer lies in a JPEG: in the last additional bit of coefficients that are not zero.
//!
//! That bit is the least-significant bit of a level of two and more, and the sign of a level of one. Changing it leaves the
//! size category as it is, and with it every Huffman code. In a picture with blocks to spare, each carrier has a run of
//! blocks, and is the first of their two lowest frequencies that has a level of two or more: no symbol, of this layer or
//! another, changes which one that is, so whoever has the file finds it. Where a run has none, and in small pictures, a
//! coefficient is taken wherever it is, and made one if it is zero.

use jpeg::{Coefficients, Process, Visit};
use watermark::{MIN_CARRIERS, MarkKey, Payload};

use crate::order;

/// Copies of the codeword, at least where there is room and at most. Nothing is lost between writing and reading but the few
/// carriers that had to be given up, and each copy costs a little quality.
const COPIES: (usize, usize) = (2, 3);
/// Most carriers in a block, before small pictures take what they must.
const USUAL_DEPTH: usize = 9;

/// The frequencies among which a run of blocks finds its carrier. A chip on them must not turn a level below two into one above.
pub(crate) const LOWEST: [usize; 2] = [1, 2];
/// One carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of the component.
    pub component: usize,
    /// Number of the block in its component, row by row.
    pub block: usize,
    /// Place in the zigzag sequence, 1..=63.
    pub index: usize,
}

/// The carriers of a picture, numbered in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carriers(Vec<Place>);

impl Carriers {
    /// The carriers of a picture that was marked and written as a baseline file.
    #[must_use]
    pub fn of(coefficients: &Coefficients) -> Self {
        Self::written_as(Process::Baseline, coefficients)
    }

    /// The same of a file that was written in one of two ways. It need not be that file any more: what is coded again without loss keeps
    /// its carriers, and their numbers.
    #[must_use]
    pub fn written_as(process: Process, coefficients: &Coefficients) -> Self {
        let luma = coefficients.components.first().map_or(&[][..], |luma| &luma.blocks);
        let order = match process {
            Process::Baseline => coefficients.luma_order(),
            Process::Progressive => order::of_frequencies(process.visits(coefficients)),
        };
        Self::among(&order, process.visits(coefficients), |block, index| {
            let level = luma.get(block).and_then(|block| block.get(index));
            level.is_some_and(|level| level.unsigned_abs() >= 2)
        })
    }

    /// The same of the order in which luma's blocks are coded, all visits, and whether a coefficient of luma's blocks has a level of two
    /// or more.
    pub(crate) fn among(
        order: &[usize],
        visits: impl Iterator<Item = Visit>,
        is_coarse: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let luma = order.len().max(1);
        let wanted = MIN_CARRIERS * (luma / MIN_CARRIERS).clamp(COPIES.0, COPIES.1);
        if luma >= wanted {
            let runs = (0..wanted).map(|run| {
                order
                    .get(run * luma / wanted..(run + 1) * luma / wanted)
                    .unwrap_or_default()
            });
            return Self(runs.filter_map(|run| spared(run, &is_coarse)).collect());
        }
        let needed = MIN_CARRIERS.div_ceil(luma).min(63);
        let depth = wanted.div_ceil(luma).min(USUAL_DEPTH).max(needed);
        let alone = luma * depth >= MIN_CARRIERS;
        let taking_part = visits.filter(|visit| !alone || visit.component == 0);
        let deep = |visit: Visit| {
            let indices = (1..=depth).filter(move |index| visit.band >> index & 1 == 1);
            indices.map(move |index| Place {
                component: visit.component,
                block: visit.block,
                index,
            })
        };
        Self(taking_part.flat_map(deep).collect())
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The bit of a carrier; `None` if there is no such carrier or it is zero, which those of a marked file are not.
    #[must_use]
    pub fn read(&self, coefficients: &Coefficients, carrier: usize) -> Option<bool> {
        let Place {
            component,
            block,
            index,
        } = self.0.get(carrier)?;
        let level = *coefficients
            .components
            .get(*component)?
            .blocks
            .get(*block)?
            .get(*index)?;
        (level != 0).then_some((level - i16::from(level < 0)) & 1 == 1)
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.0
    }
}

/// Reads the fragile mark of a file, in whichever way it was written.
#[must_use]
pub fn read_fragile(coefficients: &Coefficients, key: &MarkKey) -> Option<Payload> {
    [Process::Baseline, Process::Progressive]
        .into_iter()
        .find_map(|process| {
            let carriers = Carriers::written_as(process, coefficients);
            key.open(carriers.count(), |carrier| carriers.read(coefficients, carrier))
        })
}

/// The carrier of a run of blocks.
fn spared(run: &[usize], is_coarse: impl Fn(usize, usize) -> bool) -> Option<Place> {
    let at = |(block, index)| Place {
        component: 0,
        block,
        index,
    };
    let mut low = run.iter().flat_map(|&block| LOWEST.map(|index| (block, index)));
    let coarse = low.find(|&(block, index)| is_coarse(block, index));
    coarse.or(run.first().map(|&block| (block, LOWEST[0]))).map(at)
}

/// The level of a carrier that holds 0, for a coefficient of `steps` quantisation steps; the one that holds 1 differs in the
/// last additional bit. Between ones, and twos and threes, the pair that is nearer on average.
pub(crate) fn level(steps: f32) -> i16 {
    /// Where (1 + x)^2 + (1 - x)^2 = (2 - x)^2 + (3 - x)^2.
    const EQUALLY_FAR: f32 = 1.1;
    // Saturates; no coefficient is anywhere near.
    let nearest = steps.round_ties_even() as i16;
    match nearest {
        2.. => nearest & !1,
        ..=-2 => -(-nearest | 1),
        _ if steps > EQUALLY_FAR => 2,
        _ if steps < -EQUALLY_FAR => -3,
        _ => -1,
    }
}

/// The level of a carrier that holds 1, from that which holds 0.
pub(crate) fn one(zero: i16) -> i16 {
    if zero == -1 { 1 } else { zero + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(blocks: [usize; 3]) -> Coefficients {
        let component = |id: usize| jpeg::Component {
            id: id as u8,
            h: 1,
            v: 1,
            quant: [1; 64],
            blocks_wide: blocks[id],
            blocks_high: 1,
            blocks: vec![[0; 64]; blocks[id]],
        };
        Coefficients {
            width: u16::try_from(blocks[0] * 8).unwrap(),
            height: 8,
            components: [0, 1, 2].map(component).into(),
        }
    }

    #[test]
    fn carriers_grow_as_pictures_shrink() {
        let shape = |blocks: [usize; 3]| {
            let carriers = Carriers::of(&picture(blocks));
            let deepest = carriers.0.iter().map(|place| place.index).max();
            let components = carriers.0.iter().map(|place| place.component).max();
            (carriers.count(), deepest.unwrap(), components.unwrap())
        };
        assert_eq!(shape([8000; 3]), (1344, 1, 0));
        assert_eq!(shape([900; 3]), (896, 1, 0));
        assert_eq!(shape([600; 3]), (1200, 2, 0));
        assert_eq!(shape([100; 3]), (900, 9, 0));
        assert_eq!(shape([16; 3]), (448, 28, 0));
        assert_eq!(shape([7; 3]), (1323, 63, 2));
        assert_eq!(shape([3; 3]), (567, 63, 2));
        assert_eq!(shape([2; 3]), (378, 63, 2));
    }

    #[test]
    fn pairs_stay_in_their_category_and_differ_in_the_bit_that_is_read() {
        let mut c = picture([8000; 3]);
        let carriers = Carriers::of(&c);
        let Place {
            component,
            block,
            index,
        } = carriers.0[5];
        for tenths in -10_000..=10_000_i16 {
            let zero = level(f32::from(tenths) / 10.0);
            let pair = [zero, one(zero)];
            assert!(
                crate::chip::same_category(pair[0].into(), pair[1].into()),
                "{tenths} {pair:?}"
            );
            assert!(
                pair.iter()
                    .all(|level| (f32::from(*level) - f32::from(tenths) / 10.0).abs() <= 2.11),
                "{tenths} {pair:?}"
            );
            for (level, bit) in pair.into_iter().zip([false, true]) {
                c.components[component].blocks[block][index] = level;
                assert_eq!(carriers.read(&c, 5), Some(bit), "{tenths} {pair:?}");
            }
        }
        assert_eq!(
            (carriers.read(&c, 6), carriers.read(&c, carriers.count())),
            (None, None)
        );
    }
}
