//! What pixels are predicted from (RFC 9649 section 4.1).

use super::pixels::{Pixel, Pixels};
use crate::cells::SIDE;

/// A predictor: of the fourteen those in which a pixel's prediction has nothing to do with what is right of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The left neighbour.
    Left = 1,
    /// The upper neighbour.
    Top = 2,
    /// The mean of both, rounded down.
    Mean = 7,
    /// What a plane through three neighbours has here, clamped.
    Gradient = 12,
}

const MODES: [Mode; 4] = [Mode::Mean, Mode::Gradient, Mode::Left, Mode::Top];

/// The neighbours of a pixel: left, upper, and left of the upper one.
pub(super) type Neighbours<T> = [T; 3];

impl Mode {
    /// A sample, predicted.
    #[inline(always)]
    pub fn sample(self, [left, top, corner]: Neighbours<u8>) -> u8 {
        match self {
            Self::Left => left,
            Self::Top => top,
            Self::Mean => (left & top) + ((left ^ top) >> 1),
            Self::Gradient => {
                let sum = i16::from(left) + i16::from(top) - i16::from(corner);
                sum.clamp(0, 255) as u8
            }
        }
    }

    #[inline(always)]
    fn pixel(self, [left, top, corner]: Neighbours<Pixel>) -> Pixel {
        std::array::from_fn(|n| self.sample([left[n], top[n], corner[n]]))
    }
}

/// A predictor for each block, row by row; those at the right and lower edge may be cut off.
pub(super) struct Modes {
    wide: usize,
    pub modes: Vec<Mode>,
}

impl Modes {
    /// The predictor of a pixel. The first row and column have one of their own, whatever the block's.
    #[inline(always)]
    pub fn of(&self, x: usize, y: usize) -> Mode {
        match (x, y) {
            (_, 0) => Mode::Left,
            (0, _) => Mode::Top,
            _ => self.of_block(x / SIDE, y / SIDE),
        }
    }

    fn of_block(&self, column: usize, row: usize) -> Mode {
        self.modes.get(row * self.wide + column).copied().unwrap_or(Mode::Left)
    }
}

/// The neighbours of a pixel. What is left of the first one of all is opaque black; the others outside are never asked for.
#[inline(always)]
pub(super) fn neighbours(pixels: &Pixels, x: usize, y: usize) -> Neighbours<Pixel> {
    let at = |x: Option<usize>, y: Option<usize>| match (x, y) {
        (Some(x), Some(y)) => pixels.get(x, y),
        _ => [0, 0, 0, u8::MAX],
    };
    let (left, up) = (x.checked_sub(1), y.checked_sub(1));
    [at(left, Some(y)), at(Some(x), up), at(left, up)]
}

/// The residual of a pixel.
pub(super) fn residual(pixels: &Pixels, modes: &Modes, x: usize, y: usize) -> Pixel {
    minus(pixels.get(x, y), modes.of(x, y).pixel(neighbours(pixels, x, y)))
}

/// The residuals of a row.
pub(super) fn residuals(pixels: &Pixels, modes: &Modes, y: usize, line: &mut Vec<Pixel>) {
    line.clear();
    line.resize(pixels.width, [0; 4]);
    let (blocks, _) = line.as_chunks_mut::<SIDE>();
    let whole = if y > 0 { blocks.len() } else { 0 };
    for (column, to) in blocks.iter_mut().enumerate().take(whole).skip(1) {
        if let Some((own, neighbours)) = block_row(pixels, column * SIDE, y) {
            let residuals = match modes.of_block(column, y / SIDE) {
                Mode::Left => left_over(&own, &neighbours, Mode::Left),
                Mode::Top => left_over(&own, &neighbours, Mode::Top),
                Mode::Mean => left_over(&own, &neighbours, Mode::Mean),
                Mode::Gradient => left_over(&own, &neighbours, Mode::Gradient),
            };
            to.as_flattened_mut().copy_from_slice(&residuals);
        }
    }
    // The first block of a row, all of the first row, and what is cut off.
    let others = (0..SIDE.min(pixels.width)).chain(SIDE.max(whole * SIDE)..pixels.width);
    for x in others {
        if let Some(to) = line.get_mut(x) {
            *to = residual(pixels, modes, x, y);
        }
    }
}

/// Eight pixels of a row, and what is left of them, above and left above. `None` in the first column or row, and where they are cut off.
#[inline(always)]
fn block_row(pixels: &Pixels, x: usize, y: usize) -> Option<([u8; ROW], Neighbours<[u8; ROW]>)> {
    let start = x.checked_sub(1)?;
    let line = |y: usize| pixels.row(y).get(start..).unwrap_or_default().as_flattened();
    let (own, above) = (line(y), line(y.checked_sub(1)?));
    let block = |samples: &[u8]| samples.first_chunk::<ROW>().copied();
    let behind = |samples: &[u8]| samples.get(4..).and_then(block);
    Some((behind(own)?, [block(own)?, behind(above)?, block(above)?]))
}

#[inline(always)]
fn left_over(own: &[u8; ROW], [left, top, corner]: &Neighbours<[u8; ROW]>, mode: Mode) -> [u8; ROW] {
    let mut residuals = [0; ROW];
    for n in 0..ROW {
        residuals[n] = own[n].wrapping_sub(mode.sample([left[n], top[n], corner[n]]));
    }
    residuals
}

#[inline(always)]
fn minus(own: Pixel, predicted: Pixel) -> Pixel {
    std::array::from_fn(|n| own[n].wrapping_sub(predicted[n]))
}

/// Samples of a block's row.
const ROW: usize = SIDE * 4;
/// Rows of a block of which one is tried.
const TRIED: usize = 2;

/// For each block the predictor that leaves least, of what is tried.
pub(super) fn choose(pixels: &Pixels) -> Modes {
    let wide = pixels.width.div_ceil(SIDE);
    let mut modes = Vec::with_capacity(wide * pixels.height.div_ceil(SIDE));
    for band in 0..pixels.height.div_ceil(SIDE) {
        let rows = (band * SIDE + 1..band * SIDE + SIDE).step_by(TRIED);
        modes.extend((0..wide).map(|column| {
            // The first column of all is left out, and so is what is cut off.
            let start = (column * SIDE).max(1);
            let mut lanes = [[0_u16; ROW]; MODES.len()];
            for (own, neighbours) in rows.clone().filter_map(|y| block_row(pixels, start, y)) {
                add(&own, &neighbours, &mut lanes);
            }
            let sum = |lanes: &[u16; ROW]| lanes.iter().map(|lane| u32::from(*lane)).sum::<u32>();
            let least = MODES.into_iter().zip(&lanes).min_by_key(|(_, lanes)| sum(lanes));
            least.map_or(Mode::Left, |(mode, _)| mode)
        }));
    }
    Modes { wide, modes }
}

/// Adds the magnitudes of a row's residuals, of each predictor.
#[inline(always)]
fn add(own: &[u8; ROW], neighbours: &Neighbours<[u8; ROW]>, lanes: &mut [[u16; ROW]; MODES.len()]) {
    // One after the other, so that each loop is over one predictor.
    let mut of = |place: usize, mode: Mode| {
        let residuals = left_over(own, neighbours, mode);
        for n in 0..ROW {
            lanes[place][n] += u16::from(residuals[n].min(residuals[n].wrapping_neg()));
        }
    };
    of(0, MODES[0]);
    of(1, MODES[1]);
    of(2, MODES[2]);
    of(3, MODES[3]);
}
