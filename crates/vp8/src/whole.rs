//! Luma of a macroblock with one prediction for all its pixels.

use crate::choice::{Choice, LumaTrial};
use crate::contexts::Kind;
use crate::modes::{BlockMode, LUMA_CODES, LUMA_PROBABILITIES, LUMA_TREE, Luma};
use crate::pixels::{add, hadamard_sum, join_line, squared_errors, subtract};
use crate::predict::{Border, Sides};
use crate::quantise::Quantised;
use crate::rates::cost_of_code;
use crate::transform::{Blocks, forward, forward_walsh, inverse, inverse_walsh};

/// A macroblock's luma as one mode would code it, its sixteen blocks side by side.
pub(crate) struct Trial {
    mode: BlockMode,
    second_order: Quantised<1>,
    blocks: Quantised<16>,
    /// Coefficients before they were quantised.
    exact: Blocks<16>,
    pixels: Blocks<16>,
    pub(crate) score: u64,
}

impl Trial {
    /// A block's coefficients in raster order before they were quantised.
    pub(crate) fn exact(&self, block: usize) -> [i16; 16] {
        self.exact.map(|row| row[block])
    }

    /// Puts the blocks into the order of pixels.
    pub(crate) fn finish(&self) -> LumaTrial {
        let mut pixels = [0; 256];
        for (y, line) in pixels.as_chunks_mut::<16>().0.iter_mut().enumerate() {
            join_line(&self.pixels, y, 0, line);
        }
        LumaTrial {
            luma: Luma::Whole(self.mode),
            mode_cost: 0,
            second_order: self.second_order.block(0),
            blocks: std::array::from_fn(|b| self.blocks.block(b)),
            pixels,
        }
    }
}

/// The best mode found.
pub(crate) fn choose(choice: &Choice<'_>, border: &Border<16>) -> Trial {
    let sides = Sides::new(std::slice::from_ref(border));
    let source = &choice.source.luma;
    let mut guesses =
        BlockMode::ALL.map(|mode| (hadamard_sum(&mut subtract(source, &sides.predict(mode))), mode as usize));
    guesses.sort_unstable();
    let [(least, first), (next, second), ..] = guesses;
    let best = code(choice, BlockMode::ALL[first], &sides.predict(BlockMode::ALL[first]));
    // A guess that is clearly worse is seldom wrong.
    if next > least + least / 4 {
        return best;
    }
    let other = code(choice, BlockMode::ALL[second], &sides.predict(BlockMode::ALL[second]));
    if other.score < best.score { other } else { best }
}

fn code(choice: &Choice<'_>, mode: BlockMode, prediction: &Blocks<16>) -> Trial {
    let source = &choice.source.luma;
    let mut pixels = subtract(source, prediction);
    forward(&mut pixels);
    let mut dcs = forward_walsh(&pixels[0]).map(|v| [v]);
    let second_order = choice.quantiser.second_order.quantise(&mut dcs, 0);
    pixels[0] = inverse_walsh(&dcs.map(|[v]| v));
    let exact = pixels;
    let blocks = choice.quantiser.luma.quantise(&mut pixels, 1);
    inverse(&mut pixels);
    add(prediction, &mut pixels);
    let mut rate = cost_of_code(&LUMA_TREE, &LUMA_PROBABILITIES, LUMA_CODES[mode as usize]);
    let context = usize::from(choice.above.second_order) + usize::from(choice.left.second_order);
    rate += choice
        .rates
        .block(Kind::SecondOrder, context, second_order.ends[0].into(), |i| {
            second_order.levels[i][0]
        });
    let (mut above, mut left) = (choice.above.luma, choice.left.luma);
    for b in 0..16 {
        let (above, left, end) = (&mut above[b % 4], &mut left[b / 4], usize::from(blocks.ends[b]));
        let context = usize::from(*above) + usize::from(*left);
        rate += choice.rates.block(Kind::LumaAc, context, end, |i| blocks.levels[i][b]);
        (*above, *left) = (end > 1, end > 1);
    }
    let score = choice.score(squared_errors(source, &pixels).iter().sum(), rate);
    Trial {
        mode,
        second_order,
        blocks,
        exact,
        pixels,
        score,
    }
}
