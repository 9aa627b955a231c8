//! Luma of a macroblock whose sub-blocks each have their own prediction.

use crate::choice::{Choice, LumaTrial};
use crate::contexts::Kind;
use crate::modes::{LUMA_CODES, LUMA_PROBABILITIES, LUMA_TREE, Luma, SPLIT, subblock};
use crate::pixels::{absolute_error, add, squared_errors, subtract};
use crate::predict::{Border, Edge, predict_subblock};
use crate::quantise::Levels;
use crate::rates::cost_of_code;
use crate::transform::{Blocks, forward, inverse};

/// Modes of a sub-block that are tried in full, after a guess has ordered them: as many 16-bit numbers as a vector holds.
const TRIED: usize = 8;

/// Pixels of a macroblock with those around it: 17 lines, the first above it; in each, the pixel to the left, the
/// macroblock's own sixteen, and the four above and to the right that its last column of sub-blocks looks at.
pub(crate) struct Workspace([[u8; 21]; 17]);

impl Workspace {
    pub(crate) fn new(border: &Border<16>, above_right: [u8; 4]) -> Self {
        let mut lines = [[0; 21]; 17];
        lines[0][0] = border.corner;
        lines[0][1..17].copy_from_slice(&border.above);
        for (line, left) in lines[1..].iter_mut().zip(border.left) {
            line[0] = left;
        }
        // Lower sub-blocks look at the same four pixels, since those right of them are not decoded yet.
        for line in lines.iter_mut().step_by(4) {
            line[17..].copy_from_slice(&above_right);
        }
        Self(lines)
    }

    fn edge(&self, block: usize) -> Edge {
        let (x, y) = (block % 4 * 4, block / 4 * 4);
        let mut edge = [0; 13];
        for (edge, line) in edge.iter_mut().zip(self.0[y + 1..y + 5].iter().rev()) {
            *edge = line[x];
        }
        edge[4..].copy_from_slice(&self.0[y][x..x + 9]);
        edge
    }

    /// The predictions of a sub-block in all modes.
    pub(crate) fn predict(&self, block: usize) -> [[u8; 16]; subblock::COUNT] {
        predict_subblock(&self.edge(block))
    }

    /// The macroblock's own pixels, row by row.
    pub(crate) fn pixels(&self) -> [u8; 256] {
        let mut pixels = [0; 256];
        for (out, line) in pixels.as_chunks_mut::<16>().0.iter_mut().zip(&self.0[1..]) {
            out.copy_from_slice(&line[1..17]);
        }
        pixels
    }

    pub(crate) fn put(&mut self, block: usize, pixels: &[u8; 16]) {
        let (x, y) = (block % 4 * 4, block / 4 * 4);
        for (line, pixels) in self.0[y + 1..].iter_mut().zip(pixels.as_chunks::<4>().0) {
            line[x + 1..x + 5].copy_from_slice(pixels);
        }
    }
}

/// The best modes found, or `None` once it is clear that they cannot score below `limit`.
pub(crate) fn choose(choice: &Choice<'_>, border: &Border<16>, above_right: [u8; 4], limit: u64) -> Option<LumaTrial> {
    let mut workspace = Workspace::new(border, above_right);
    let mut modes = [subblock::DC; 16];
    let mut blocks = [Levels::default(); 16];
    let (mut modes_above, mut modes_left) = (*choice.modes_above, *choice.modes_left);
    let (mut above, mut left) = (choice.above.luma, choice.left.luma);
    let mut mode_cost = 0;
    let mut score = choice.score(
        0,
        cost_of_code(&LUMA_TREE, &LUMA_PROBABILITIES, LUMA_CODES[usize::from(SPLIT)]),
    );
    for b in 0..16 {
        let (x, y) = (b % 4, b / 4);
        let rates = &choice.subblock_rates[usize::from(modes_above[x])][usize::from(modes_left[y])];
        let context = usize::from(above[x]) + usize::from(left[y]);
        let best = subblock(choice, b, &workspace.edge(b), rates, context);
        score += best.score;
        mode_cost += u32::from(rates[usize::from(best.mode)]);
        if score >= limit || mode_cost > choice.max_mode_cost {
            return None;
        }
        workspace.put(b, &best.pixels);
        modes[b] = best.mode;
        blocks[b] = best.levels;
        (modes_above[x], modes_left[y]) = (best.mode, best.mode);
        (above[x], left[y]) = (best.levels.end > 0, best.levels.end > 0);
    }
    Some(LumaTrial {
        luma: Luma::Split(modes),
        mode_cost,
        second_order: Levels::default(),
        blocks,
        pixels: workspace.pixels(),
    })
}

/// A sub-block as its best mode codes it.
struct Subblock {
    mode: u8,
    levels: Levels,
    pixels: [u8; 16],
    score: u64,
}

/// Tries modes for sub-block `b` side by side.
fn subblock(choice: &Choice<'_>, b: usize, edge: &Edge, rates: &[u16; subblock::COUNT], context: usize) -> Subblock {
    let pixels: [i16; 16] = std::array::from_fn(|i| choice.source.luma[i][b]);
    let predictions = predict_subblock(edge);
    let modes = candidates(choice, &pixels.map(|p| p as u8), &predictions, rates);
    let source: Blocks<TRIED> = std::array::from_fn(|i| [pixels[i]; TRIED]);
    let tried = modes.map(|mode| &predictions[usize::from(mode)]);
    let prediction: Blocks<TRIED> = std::array::from_fn(|i| tried.map(|pixels| i16::from(pixels[i])));
    let mut pixels = subtract(&source, &prediction);
    forward(&mut pixels);
    let blocks = choice.quantiser.luma.quantise(&mut pixels, 0);
    inverse(&mut pixels);
    add(&prediction, &mut pixels);
    let errors = squared_errors(&source, &pixels);
    let (mut best, mut score) = (0, u64::MAX);
    for (lane, &mode) in modes.iter().enumerate() {
        let mode_rate = u32::from(rates[usize::from(mode)]);
        // Coefficients cost at least something, so many candidates need no closer look.
        if choice.score(errors[lane], mode_rate) >= score {
            continue;
        }
        let rate = choice.rates.block(Kind::Luma, context, blocks.ends[lane].into(), |i| {
            blocks.levels[i][lane]
        });
        let total = choice.score(errors[lane], rate + mode_rate);
        if total < score {
            (best, score) = (lane, total);
        }
    }
    Subblock {
        mode: modes[best],
        levels: blocks.block(best),
        pixels: std::array::from_fn(|i| pixels[i][best] as u8),
        score,
    }
}

/// The modes to try: those whose prediction is nearest to the source, where the cost of saying a mode counts.
fn candidates(
    choice: &Choice<'_>,
    source: &[u8; 16],
    predictions: &[[u8; 16]; subblock::COUNT],
    rates: &[u16; subblock::COUNT],
) -> [u8; TRIED] {
    let guess = |mode: usize| choice.guess(absolute_error(source, &predictions[mode]), rates[mode].into());
    // The mode in the lower bits: plain numbers sort fastest.
    let mut guesses: [u32; subblock::COUNT] = std::array::from_fn(|mode| guess(mode) << 4 | mode as u32);
    guesses.sort_unstable();
    std::array::from_fn(|i| (guesses[i] & 15) as u8)
}
