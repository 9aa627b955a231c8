//! Chroma of a macroblock.

use crate::choice::Choice;
use crate::contexts::Kind;
use crate::modes::{BlockMode, CHROMA_CODES, CHROMA_PROBABILITIES, CHROMA_TREE};
use crate::pixels::{add, hadamard_sum, join_line, squared_errors, subtract};
use crate::predict::{Border, Sides};
use crate::quantise::Quantised;
use crate::rates::cost_of_code;
use crate::transform::{Blocks, forward, inverse};

/// Both chroma blocks as one mode would code them: four blocks of the blue difference beside four of the red.
pub(crate) struct Trial {
    pub(crate) mode: BlockMode,
    pub(crate) blocks: Quantised<8>,
    pixels: Blocks<8>,
    score: u64,
}

impl Trial {
    /// What the decoder will see before its loop filter.
    pub(crate) fn pixels(&self) -> [[u8; 64]; 2] {
        let mut pixels = [[0; 64]; 2];
        for (plane, pixels) in pixels.iter_mut().enumerate() {
            for (y, line) in pixels.as_chunks_mut::<8>().0.iter_mut().enumerate() {
                join_line(&self.pixels, y, plane * 4, line);
            }
        }
        pixels
    }
}

/// The best mode found.
pub(crate) fn choose(choice: &Choice<'_>, borders: &[Border<8>; 2]) -> Trial {
    let sides = Sides::new(borders);
    let source = &choice.source.chroma;
    let mut guesses =
        BlockMode::ALL.map(|mode| (hadamard_sum(&mut subtract(source, &sides.predict(mode))), mode as usize));
    guesses.sort_unstable();
    let [(least, first), (next, second), ..] = guesses;
    let best = code(choice, BlockMode::ALL[first], &sides.predict(BlockMode::ALL[first]));
    if next > least + least / 4 {
        return best;
    }
    let other = code(choice, BlockMode::ALL[second], &sides.predict(BlockMode::ALL[second]));
    if other.score < best.score { other } else { best }
}

fn code(choice: &Choice<'_>, mode: BlockMode, prediction: &Blocks<8>) -> Trial {
    let source = &choice.source.chroma;
    let mut pixels = subtract(source, prediction);
    forward(&mut pixels);
    let blocks = choice.quantiser.chroma.quantise(&mut pixels, 0);
    inverse(&mut pixels);
    add(prediction, &mut pixels);
    let mut rate = cost_of_code(&CHROMA_TREE, &CHROMA_PROBABILITIES, CHROMA_CODES[mode as usize]);
    let (mut above, mut left) = (choice.above.chroma, choice.left.chroma);
    for lane in 0..8 {
        let (plane, b) = (lane / 4, lane % 4);
        let (above, left, end) = (
            &mut above[plane][b % 2],
            &mut left[plane][b / 2],
            usize::from(blocks.ends[lane]),
        );
        let context = usize::from(*above) + usize::from(*left);
        rate += choice
            .rates
            .block(Kind::Chroma, context, end, |i| blocks.levels[i][lane]);
        (*above, *left) = (end > 0, end > 0);
    }
    let score = choice.score(squared_errors(source, &pixels).iter().sum(), rate);
    Trial {
        mode,
        blocks,
        pixels,
        score,
    }
}
