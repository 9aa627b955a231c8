//! Places of a file whose symbol can still be changed when it is finished.
//!
//! The boolean coder halves its interval for an even decision, and if the interval's width is even, both halves leave the same
//! width behind. All that follows is then coded alike, whatever was decided, and lies higher by half the interval if it was
//! true: the file of the other decision is this file with a number added to it. Each such place has its own number, and they
//! add up. Even are the signs of levels; the choice between a magnitude of three and of four, where the header says so; and the
//! bits of a probability in the header, whose intervals are always even: the flag in front of them has at least doubled what
//! was left. No later probability depends on any of these.
//!
//! A changed level changes pixels, and pixels are what neighbours are predicted from. Luma that is predicted as a whole is
//! predicted from the last column of the macroblock to the left and the last line of that above; its blocks that touch
//! neither of these are in nobody's prediction.

use crate::Error;
use crate::bool_encoder::BoolEncoder;
use crate::container;
use crate::contexts::{Contexts, Kind};
use crate::header::Frame;
use crate::plan::{INTERIOR, Plan};
use crate::quantise::Levels;
use crate::tables::TokenProbabilities;
use crate::texture::Texture;
use crate::tokens::{Decision, decide, make_even};

/// A luma level that holds a symbol. One that was planned as zero or one becomes 1 for symbol 0 and -1 for symbol 1; one of three
/// or four, 3 for symbol 0 and 4 for symbol 1, and keeps its sign. No others may hold one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Number of the macroblock, row by row.
    pub macroblock: usize,
    /// Number of the block in it, row by row.
    pub block: usize,
    /// Zigzag index, 1..=15.
    pub index: usize,
}

/// What a symbol of 1 adds to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addend {
    /// Where the bytes lie that it is added to, as one number, carrying into those before.
    pub offset: usize,
    /// What is added, to two bytes.
    pub value: u16,
}

/// A block that nothing is predicted from.
#[derive(Debug, Clone, Copy)]
pub struct Free<'a> {
    /// Number of the macroblock, row by row.
    pub macroblock: usize,
    /// Number of the block in it, row by row.
    pub block: usize,
    /// Coefficients in raster order. The first is coded elsewhere.
    pub exact: &'a [i16; 16],
    /// Levels in zigzag order.
    pub levels: &'a [i16; 16],
}

/// A finished file with every symbol at 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spliced {
    /// A WebP file.
    pub file: Vec<u8>,
    /// What a symbol of 1 adds at each place; `None` where the interval was odd, and the level is as it was planned.
    pub addends: Vec<Option<Addend>>,
    /// What each of the [`SPARE`](crate::SPARE) bytes is multiplied by before it is added to three bytes at an offset.
    pub spare: Vec<(usize, u16)>,
}

impl Plan {
    /// The blocks that nothing is predicted from, in coding order.
    pub fn free(&self) -> impl Iterator<Item = Free<'_>> {
        self.exact.iter().flat_map(|exact| {
            let levels = self.macroblocks.get(exact.macroblock).filter(|own| !own.is_empty());
            let blocks = INTERIOR.into_iter().zip(&exact.blocks);
            blocks.filter_map(move |(block, coefficients)| {
                Some(Free {
                    macroblock: exact.macroblock,
                    block,
                    exact: coefficients,
                    levels: &levels?.blocks.get(block)?.levels,
                })
            })
        })
    }

    /// Texture of the source by macroblock and block.
    #[must_use]
    pub fn textures(&self) -> &[[Texture; 16]] {
        &self.textures
    }

    /// The quantisation step of luma but for its averages; an orthonormal transform's is half of it.
    #[must_use]
    pub fn step(&self) -> u16 {
        self.quantiser.luma.step[1]
    }

    /// Codes the picture with symbol 0 at `places`, which must be in coding order and of blocks in [`Plan::free`].
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the format cannot say the result's size.
    pub fn splice(&self, places: &[Place]) -> Result<Spliced, Error> {
        let mut probabilities = self.statistics.probabilities();
        let fours = places.iter().filter(|place| self.is_large(place));
        make_even(
            &mut probabilities,
            fours.fold(0, |set, place| set | 1 << (place.index & 15)),
        );
        self.write(places, probabilities)
    }

    /// The same with given probabilities.
    pub(crate) fn write(&self, places: &[Place], probabilities: TokenProbabilities) -> Result<Spliced, Error> {
        let mut tokens = Tokens {
            encoder: BoolEncoder::with_capacity(self.macroblocks.len() * 32),
            probabilities,
            addends: Vec::with_capacity(places.len()),
        };
        let mut above = vec![Contexts::default(); self.columns()];
        let mut left = Contexts::default();
        let mut rest = places;
        for (number, macroblock) in self.macroblocks.iter().enumerate() {
            let column = number % self.columns();
            if column == 0 {
                left = Contexts::default();
            }
            let count = rest.iter().take_while(|place| place.macroblock == number).count();
            let (own, after) = rest.split_at(count);
            rest = after;
            macroblock.blocks(&mut above[column], &mut left, |kind, context, block, levels| {
                let places = own.iter().filter(|place| block == Some(place.block));
                match own.is_empty() {
                    true => tokens.put(kind, context, levels),
                    false => tokens.put_with(kind, context, levels, places.map(|place| place.index)),
                }
            });
        }
        let frame = Frame {
            plan: self,
            probabilities: &tokens.probabilities,
            tokens: &tokens.encoder.finish(),
        };
        let written = frame.write()?;
        let (file, start) = container::wrap(&written.bytes)?;
        let moved = |addend: Addend| Addend {
            offset: addend.offset + written.tokens + start,
            ..addend
        };
        Ok(Spliced {
            addends: tokens.addends.into_iter().map(|addend| addend.map(moved)).collect(),
            spare: written.spare.into_iter().map(|(at, unit)| (at + start, unit)).collect(),
            file,
        })
    }

    fn is_large(&self, place: &Place) -> bool {
        let block = self
            .macroblocks
            .get(place.macroblock)
            .and_then(|macroblock| macroblock.blocks.get(place.block));
        block
            .and_then(|block| block.levels.get(place.index))
            .is_some_and(|level| level.unsigned_abs() > 1)
    }
}

/// Writes tokens and notes what their symbols add.
struct Tokens {
    encoder: BoolEncoder,
    probabilities: TokenProbabilities,
    addends: Vec<Option<Addend>>,
}

impl Tokens {
    fn put(&mut self, kind: Kind, context: usize, levels: &Levels) -> bool {
        let probabilities = self.probabilities.as_flattened().as_flattened().as_flattened();
        decide(kind, context, levels, |decision, bit| {
            self.encoder.put(bit, probability(decision, probabilities));
        })
    }

    /// The same with symbol 0 at some indexes, but for those that meet an odd interval.
    fn put_with(
        &mut self,
        kind: Kind,
        context: usize,
        planned: &Levels,
        indexes: impl Iterator<Item = usize> + Clone,
    ) -> bool {
        let probabilities = self.probabilities.as_flattened().as_flattened().as_flattened();
        let mut taken = indexes.clone().fold(0_u16, |set, index| set | 1 << (index & 15));
        let mut levels = planned.with_symbols(taken);
        // An interval's width does not depend on its position, so what will come of a choice is soon known.
        while let Some(index) = odd(kind, context, &levels, taken, probabilities, self.encoder.range()) {
            taken &= !(1 << index);
            levels = planned.with_symbols(taken);
        }
        let mut addends = [None; 16];
        let coded = decide(kind, context, &levels, |decision, bit| {
            if let Some(index) = symbol(decision, &levels).filter(|index| taken >> index & 1 == 1) {
                addends[index] = Some(self.encoder.addend());
            }
            self.encoder.put(bit, probability(decision, probabilities));
        });
        let own = indexes.map(|index| addends.get(index).copied().flatten());
        self.addends.extend(own);
        coded
    }
}

/// The first index in `taken` whose symbol meets an interval of odd width, if the block begins at an interval of `range`.
fn odd(kind: Kind, context: usize, levels: &Levels, taken: u16, probabilities: &[u8], range: u32) -> Option<usize> {
    let (mut range, mut found) = (range, None);
    decide(kind, context, levels, |decision, bit| {
        if range % 2 == 1 && found.is_none() {
            found = symbol(decision, levels).filter(|index| taken >> index & 1 == 1);
        }
        range = BoolEncoder::next_range(range, bit, probability(decision, probabilities)).0;
    });
    found
}

/// The index whose symbol a decision would be.
fn symbol(decision: Decision, levels: &Levels) -> Option<usize> {
    match decision {
        Decision::Sign(index) if levels.levels[index].unsigned_abs() == 1 => Some(index),
        Decision::Four(_, index) => Some(index),
        _ => None,
    }
}

#[inline(always)]
fn probability(decision: Decision, probabilities: &[u8]) -> u8 {
    match decision {
        Decision::Adaptable(number) | Decision::Four(number, _) => probabilities[number],
        Decision::Fixed(probability) => probability,
        Decision::Sign(_) => 128,
    }
}
