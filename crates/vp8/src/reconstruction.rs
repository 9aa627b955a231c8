//! What a file's luma was coded as: what its encoder predicted, and to which levels it quantised the rest (RFC 6386 sections 11, 12
//! and 14).

use crate::Error;
use crate::levels::{Coded, Limits, bounded, walk};
use crate::modes::Luma;
use crate::neighbours::Neighbours;
use crate::parsed::Steps;
use crate::pixels::{add, join_line};
use crate::predict::Sides;
use crate::split::Workspace;
use crate::tables::ZIGZAG;
use crate::transform::{Blocks, inverse, inverse_walsh};

/// The luma of a lossy WebP file, macroblock by macroblock in raster order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconstruction {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Width of the picture in macroblocks.
    pub columns: usize,
    /// Every macroblock.
    pub macroblocks: Vec<Macroblock>,
}

/// How one macroblock's luma was coded. Samples are in the limited range, 16 to 235.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macroblock {
    /// What was predicted of its pixels, row by row.
    pub prediction: [u8; 256],
    /// Quantised levels of what was left, by block and place in the block, both in raster order. Place 0 is 0 where there is a
    /// second-order block.
    pub levels: [[i16; 16]; 16],
    /// Levels of the Walsh-Hadamard transform of the blocks' averages, in raster order. `None` where each block was predicted by itself.
    pub second_order: Option<[i16; 16]>,
    /// By which they were divided.
    pub steps: Steps,
    /// The pixels, row by row, before the loop filter.
    pub pixels: [u8; 256],
}

impl Reconstruction {
    /// Reads a lossy WebP file, simple or extended.
    ///
    /// # Errors
    /// As [`read_levels`](crate::read_levels).
    pub fn of(file: &[u8], limits: &Limits) -> Result<Self, Error> {
        let mut parsed = bounded(file, limits)?;
        let (columns, rows) = parsed.macroblocks();
        let steps = parsed.steps;
        let mut neighbours = Neighbours::new(columns);
        let mut macroblocks = Vec::with_capacity(columns * rows);
        walk(&mut parsed, |_, column, coded| {
            if column == 0 {
                neighbours.start_row();
            }
            let steps = steps[usize::from(coded.segment) % steps.len()];
            let macroblock = Macroblock::new(coded, steps, &neighbours, column);
            neighbours.leave(column, &macroblock.pixels, &[[0; 64]; 2], coded.luma);
            macroblocks.push(macroblock);
        })?;
        Ok(Self {
            width: parsed.width.into(),
            height: parsed.height.into(),
            columns,
            macroblocks,
        })
    }
}

impl Macroblock {
    fn new(coded: &Coded, steps: Steps, neighbours: &Neighbours, column: usize) -> Self {
        let levels = coded.blocks.map(|levels| raster(&levels));
        let second_order = match coded.luma {
            Luma::Whole(_) => Some(raster(&coded.second_order)),
            Luma::Split(_) => None,
        };
        let mut rest = dequantised(&levels, second_order.as_ref(), &steps);
        inverse(&mut rest);
        let border = neighbours.luma(column);
        let (mut prediction, mut pixels) = ([0; 256], [0; 256]);
        match coded.luma {
            Luma::Whole(mode) => {
                let predicted = Sides::new(std::slice::from_ref(&border)).predict(mode);
                add(&predicted, &mut rest);
                for (y, (prediction, pixels)) in lines(&mut prediction).zip(lines(&mut pixels)).enumerate() {
                    join_line(&predicted, y, 0, prediction);
                    join_line(&rest, y, 0, pixels);
                }
            }
            Luma::Split(modes) => {
                let mut workspace = Workspace::new(&border, neighbours.above_right(column));
                for (block, mode) in modes.into_iter().enumerate() {
                    let predicted = workspace.predict(block)[usize::from(mode)];
                    let sum = |at: usize| (i16::from(predicted[at]).wrapping_add(rest[at][block])).clamp(0, 255) as u8;
                    workspace.put(block, &std::array::from_fn(sum));
                    for (line, predicted) in lines(&mut prediction)
                        .skip(block / 4 * 4)
                        .zip(predicted.as_chunks::<4>().0)
                    {
                        line[block % 4 * 4..][..4].copy_from_slice(predicted);
                    }
                }
                pixels = workspace.pixels();
            }
        }
        Self {
            prediction,
            levels,
            second_order,
            steps,
            pixels,
        }
    }
}

fn lines(pixels: &mut [u8; 256]) -> impl Iterator<Item = &mut [u8; 16]> {
    pixels.as_chunks_mut::<16>().0.iter_mut()
}

/// Numbers by zigzag index in raster order.
fn raster(levels: &[i16; 16]) -> [i16; 16] {
    let mut out = [0; 16];
    for (&at, level) in ZIGZAG.iter().zip(levels) {
        out[at] = *level;
    }
    out
}

/// The coefficients of all blocks side by side. What no encoder writes wraps around, as it may in any decoder.
fn dequantised(levels: &[[i16; 16]; 16], second_order: Option<&[i16; 16]>, steps: &Steps) -> Blocks<16> {
    let scaled = |level: i16, at: usize, [average, other]: [u16; 2]| {
        let step = if at == 0 { average } else { other };
        level.wrapping_mul(step.cast_signed())
    };
    let mut out: Blocks<16> =
        std::array::from_fn(|at| std::array::from_fn(|block| scaled(levels[block][at], at, steps.blocks)));
    if let Some(second) = second_order {
        out[0] = inverse_walsh(&std::array::from_fn(|at| scaled(second[at], at, steps.second_order)));
    }
    out
}
