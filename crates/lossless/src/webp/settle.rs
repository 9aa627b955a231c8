//! Makes residuals that symbols change those that can be changed in a bit: where one grows by 1 it is even, where it shrinks it is odd.
//! Pixels are taken in the order in which they are predicted, and each that is wrong gives way by a level itself.

use super::pixels::{Pixel, Pixels};
use super::predictor::{Mode, Modes, Neighbours, neighbours, residual};
use crate::carriers::Carriers;
use crate::cells::{Block, CELL, SIDE};

/// The residuals that each block's symbol changes of green: a bit a pixel, row by row, the first one's lowest. Nothing for blocks
/// that are no chips, of which those that are cut off are not among `blocks`.
pub(super) struct Masks {
    pub wide: usize,
    pub masks: Vec<Option<u64>>,
}

/// Settles green in the blocks of chips.
pub(super) fn chips(pixels: &mut Pixels, blocks: &[Block], modes: &Modes) -> Masks {
    let wide = pixels.width / SIDE;
    let of_block = |(index, block): (usize, &Block)| {
        let corner = (index % wide * SIDE, index / wide * SIDE);
        block.chip.then(|| chip(pixels, modes, corner))
    };
    Masks {
        wide,
        masks: blocks.iter().enumerate().map(of_block).collect(),
    }
}

/// A block's side and the neighbours before it.
const PATCH: usize = SIDE + 1;

/// Settles green in the block of a chip.
fn chip(pixels: &mut Pixels, modes: &Modes, (left, top): (usize, usize)) -> u64 {
    // Nothing is asked for that is left of the picture or above it but once, where it is black.
    let mut greens = [[0; PATCH]; PATCH];
    for (row, greens) in greens.iter_mut().enumerate() {
        let Some(y) = (top + row).checked_sub(1) else { continue };
        let (from, skipped) = (left.saturating_sub(1), usize::from(left == 0));
        let own = pixels.row(y).get(from..).unwrap_or_default();
        let to = greens.iter_mut().skip(skipped);
        to.zip(own).for_each(|(to, pixel)| *to = pixel[0]);
    }
    // Inside, where all neighbours change alike, nothing does but what is clamped.
    let clamped = modes.of(left + 1, top + 1) == Mode::Gradient;
    let mut mask = 0;
    for row in 0..SIDE {
        let inside = !clamped && row > 0 && row < CELL;
        for column in (0..SIDE).step_by(if inside { CELL } else { 1 }) {
            let mode = modes.of(left + column, top + row);
            let neighbours = [greens[row + 1][column], greens[row][column + 1], greens[row][column]];
            let change = change(mode, neighbours, (column, row));
            if change == 0 {
                continue;
            }
            mask |= 1 << (row * SIDE + column);
            let own = &mut greens[row + 1][column + 1];
            let residual = own.wrapping_sub(mode.sample(neighbours));
            if residual & 1 != u8::from(change == u8::MAX)
                && let Some(pixel) = pixels.get_mut(left + column, top + row)
            {
                *pixel = beside(*pixel);
                *own = pixel[0];
            }
        }
    }
    mask
}

/// What the symbol of a block changes of the residual of one of its pixels: 0, 1, or 255 for one less.
#[inline(always)]
fn change(mode: Mode, [left, top, corner]: Neighbours<u8>, (column, row): (usize, usize)) -> u8 {
    // Neighbours outside the block are in no cell of its own. Those in it are below the brightest level.
    let brighter = |is: bool, green: u8| green.saturating_add(u8::from(is));
    let one = [
        brighter(column > 0 && row < CELL, left),
        brighter(row > 0 && column < CELL, top),
        brighter(column > 0 && row > 0, corner),
    ];
    u8::from(column < CELL && row < CELL)
        .wrapping_add(mode.sample([left, top, corner]))
        .wrapping_sub(mode.sample(one))
}

/// A pixel a level darker in all its colours, or brighter if it cannot be darker: red and blue, as they are kept, stay.
fn beside([green, red, blue, alpha]: Pixel) -> Pixel {
    let step = if green > 0 { u8::MAX } else { 1 };
    let kept = |difference: u8| {
        let own = difference.wrapping_add(green);
        // A colour at its end stays as it is.
        let at_end = own == if step == 1 { u8::MAX } else { 0 };
        difference.wrapping_sub(if at_end { step } else { 0 })
    };
    [green.wrapping_add(step), kept(red), kept(blue), alpha]
}

/// What a carrier changes beside its own residual of blue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    pub x: usize,
    pub y: usize,
    pub right: bool,
    pub below: bool,
    pub corner: bool,
}

/// Gives every carrier a zero, and settles blue around it.
pub(super) fn carriers(pixels: &mut Pixels, carriers: &Carriers, modes: &Modes) -> Vec<Carried> {
    let places = (0..carriers.count()).filter_map(|carrier| carriers.place(carrier));
    places.map(|(x, y, _)| carrier(pixels, modes, (x, y))).collect()
}

fn carrier(pixels: &mut Pixels, modes: &Modes, (x, y): (usize, usize)) -> Carried {
    let blue = |pixel: Pixel| pixel[2].wrapping_add(pixel[0]);
    let own = pixels.get(x, y);
    let mut difference = own[2].wrapping_sub(blue(own) & 1);
    let predicted = modes.of(x, y).sample(neighbours(pixels, x, y).map(|pixel| pixel[2]));
    let grows = difference.wrapping_sub(predicted) & 1 == 0;
    // Two levels more or less change no parity: neither blue itself nor its difference from green may begin anew between
    // its two values.
    let even = difference.wrapping_add(own[0]);
    let step = if grows { 1 } else { u8::MAX };
    if !grows && even == 0 {
        difference = difference.wrapping_add(2);
    }
    if difference == (if grows { u8::MAX } else { 0 }) {
        let up = difference.wrapping_add(own[0]) < 254;
        difference = difference.wrapping_add(if up { 2 } else { 254 });
    }
    if let Some(pixel) = pixels.get_mut(x, y) {
        pixel[2] = difference;
    }
    let mut settled = |x: usize, y: usize, which: usize| {
        if x >= pixels.width || y >= pixels.height {
            return false;
        }
        let zero = neighbours(pixels, x, y).map(|pixel| pixel[2]);
        let mut one = zero;
        one[which] = one[which].wrapping_add(step);
        let mode = modes.of(x, y);
        let change = mode.sample(zero).wrapping_sub(mode.sample(one));
        if change == 0 {
            return false;
        }
        let residual = residual(pixels, modes, x, y)[2];
        if residual & 1 != u8::from(change == u8::MAX)
            && let Some(pixel) = pixels.get_mut(x, y)
        {
            let step = if blue(*pixel) > 0 { u8::MAX } else { 1 };
            pixel[2] = pixel[2].wrapping_add(step);
        }
        true
    };
    Carried {
        x,
        y,
        right: settled(x + 1, y, 0),
        below: settled(x, y + 1, 1),
        corner: settled(x + 1, y + 1, 2),
    }
}
