//! Reading the quantised luma levels of a file back (RFC 6386 section 13).

use crate::bool_decoder::BoolDecoder;
use crate::contexts::{Contexts, Kind};
use crate::modes::{
    BlockMode, CHROMA_PROBABILITIES, CHROMA_TREE, LUMA_PROBABILITIES, LUMA_TREE, Luma, SEGMENT_TREE, SPLIT,
    SUBBLOCK_TREE,
};
use crate::parsed::{Parsed, dimensions, parse};
use crate::tables::{AC_STEP, BANDS, SUBBLOCK_MODES};
use crate::tokens::{CATEGORY_BASE, EXTRA_BITS};
use crate::{Error, container};

/// Bounds set before anything is allocated for a file.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest number of pixels; the levels take two bytes for each.
    pub max_pixels: u64,
}

/// Quantised luma levels of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels {
    /// Width of the picture in macroblocks.
    pub columns: usize,
    /// Height of the picture in macroblocks.
    pub rows: usize,
    /// Levels by macroblock in raster order, sub-block in raster order, zigzag index. Index 0 is 0 in macroblocks with a
    /// second-order block, which holds their DC coefficients.
    pub luma: Vec<[[i16; 16]; 16]>,
    /// The quantisation step of luma but for its averages, where no segment has one of its own; an orthonormal transform's is
    /// half of it.
    pub step: u16,
}

/// What a file says of a macroblock's luma.
pub(crate) struct Coded {
    pub(crate) segment: u8,
    pub(crate) luma: Luma,
    /// All zero with sub-block modes; by zigzag index.
    pub(crate) second_order: [i16; 16],
    /// As in [`Levels`].
    pub(crate) blocks: [[i16; 16]; 16],
}

/// Reads the luma levels of a lossy WebP file, simple or extended.
///
/// # Errors
/// [`Error::NotWebP`], [`Error::NoVp8Frame`], [`Error::NotAKeyFrame`], [`Error::Dimensions`], [`Error::TooManyPixels`] by
/// `limits`, or [`Error::Truncated`] when data ends early.
pub fn read_levels(file: &[u8], limits: &Limits) -> Result<Levels, Error> {
    let mut parsed = bounded(file, limits)?;
    let (columns, rows) = parsed.macroblocks();
    let mut luma = Vec::with_capacity(columns * rows);
    walk(&mut parsed, |_, _, coded| luma.push(coded.blocks))?;
    Ok(Levels {
        columns,
        rows,
        luma,
        step: AC_STEP[usize::from(parsed.quantiser & 127)],
    })
}

/// Reads the header of a file that keeps to `limits`.
///
/// # Errors
/// As [`read_levels`].
pub(crate) fn bounded<'a>(file: &'a [u8], limits: &Limits) -> Result<Parsed<'a>, Error> {
    let frame = container::frame(file)?;
    let (width, height) = dimensions(frame)?;
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Error::TooManyPixels);
    }
    parse(frame)
}

/// Reads every macroblock, and tells `visit` its row and column.
///
/// # Errors
/// [`Error::Truncated`].
pub(crate) fn walk(parsed: &mut Parsed<'_>, mut visit: impl FnMut(usize, usize, &Coded)) -> Result<(), Error> {
    let (columns, rows) = parsed.macroblocks();
    let mut above = vec![(Contexts::default(), [0u8; 4]); columns];
    for row in 0..rows {
        let mut left = (Contexts::default(), [0u8; 4]);
        for (column, above) in above.iter_mut().enumerate() {
            let (mut coded, skip) = modes(parsed, &mut above.1, &mut left.1);
            if skip {
                let split = matches!(coded.luma, Luma::Split(_));
                above.0.clear(!split);
                left.0.clear(!split);
            } else {
                macroblock(parsed, row, &mut above.0, &mut left.0, &mut coded);
            }
            visit(row, column, &coded);
        }
        if parsed.modes.exhausted() || parsed.tokens.iter().any(BoolDecoder::exhausted) {
            return Err(Error::Truncated);
        }
    }
    Ok(())
}

/// Reads what the first partition says about a macroblock, and whether it is skipped.
fn modes(parsed: &mut Parsed<'_>, above: &mut [u8; 4], left: &mut [u8; 4]) -> (Coded, bool) {
    let bits = &mut parsed.modes;
    let segment = parsed
        .segments
        .map_or(0, |probabilities| bits.tree(&SEGMENT_TREE, &probabilities));
    let skip = parsed.skip.is_some_and(|probability| bits.get(probability));
    let mode = bits.tree(&LUMA_TREE, &LUMA_PROBABILITIES);
    let luma = if mode == SPLIT {
        let mut modes = [0; 16];
        for (left, modes) in left.iter_mut().zip(modes.as_chunks_mut::<4>().0) {
            for (above, own) in above.iter_mut().zip(modes) {
                let mode = bits.tree(&SUBBLOCK_TREE, &SUBBLOCK_MODES[usize::from(*above)][usize::from(*left)]);
                (*above, *left, *own) = (mode, mode, mode);
            }
        }
        Luma::Split(modes)
    } else {
        let mode = BlockMode::ALL[usize::from(mode)];
        *above = [mode.implied(); 4];
        *left = [mode.implied(); 4];
        Luma::Whole(mode)
    };
    bits.tree(&CHROMA_TREE, &CHROMA_PROBABILITIES);
    let coded = Coded {
        segment,
        luma,
        second_order: [0; 16],
        blocks: [[0; 16]; 16],
    };
    (coded, skip)
}

/// Reads the tokens of a macroblock.
fn macroblock(parsed: &mut Parsed<'_>, row: usize, above: &mut Contexts, left: &mut Contexts, coded: &mut Coded) {
    let count = parsed.tokens.len();
    let bits = &mut parsed.tokens[row % count];
    let mut read = |kind: Kind, above: &mut bool, left: &mut bool, levels: &mut [i16; 16]| {
        let coded = block(
            bits,
            &parsed.probabilities[kind as usize],
            kind.first(),
            usize::from(*above) + usize::from(*left),
            levels,
        );
        *above = coded;
        *left = coded;
    };
    let whole = matches!(coded.luma, Luma::Whole(_));
    if whole {
        let (above, left) = (&mut above.second_order, &mut left.second_order);
        read(Kind::SecondOrder, above, left, &mut coded.second_order);
    }
    let kind = if whole { Kind::LumaAc } else { Kind::Luma };
    for (i, levels) in coded.blocks.iter_mut().enumerate() {
        read(kind, &mut above.luma[i % 4], &mut left.luma[i / 4], levels);
    }
    let mut other = [0; 16];
    for (above, left) in above.chroma.iter_mut().zip(&mut left.chroma) {
        for i in 0..4 {
            read(Kind::Chroma, &mut above[i % 2], &mut left[i / 2], &mut other);
        }
    }
}

/// Reads the levels of a block and says whether any token but the end was coded.
fn block(
    bits: &mut BoolDecoder<'_>,
    probabilities: &[[[u8; 11]; 3]; 8],
    first: usize,
    context: usize,
    levels: &mut [i16; 16],
) -> bool {
    let mut p = &probabilities[usize::from(BANDS[first])][context];
    let mut index = first;
    while index < 16 {
        if !bits.get(p[0]) {
            return index > first;
        }
        while !bits.get(p[1]) {
            index += 1;
            if index == 16 {
                return true;
            }
            p = &probabilities[usize::from(BANDS[index])][0];
        }
        let magnitude = magnitude(bits, p);
        levels[index] = if bits.flag() { -magnitude } else { magnitude };
        index += 1;
        p = &probabilities[usize::from(BANDS[index] & 7)][if magnitude == 1 { 1 } else { 2 }];
    }
    true
}

/// Reads a magnitude of 1 or more.
fn magnitude(bits: &mut BoolDecoder<'_>, p: &[u8; 11]) -> i16 {
    if !bits.get(p[2]) {
        return 1;
    }
    if !bits.get(p[3]) {
        return if !bits.get(p[4]) {
            2
        } else {
            3 + i16::from(bits.get(p[5]))
        };
    }
    let category = if !bits.get(p[6]) {
        usize::from(bits.get(p[7]))
    } else {
        let high = usize::from(bits.get(p[8]));
        2 + high * 2 + usize::from(bits.get(p[9 + high]))
    };
    let extra = EXTRA_BITS[category]
        .iter()
        .fold(0, |value, &p| (value << 1) | i16::from(bits.get(p)));
    CATEGORY_BASE[category].cast_signed() + extra
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reading that goes astray anywhere does not arrive at the end of every partition.
    fn assert_read_to_the_end(file: &[u8], partitions: usize) {
        let mut parsed = parse(container::frame(file).unwrap()).unwrap();
        assert_eq!(parsed.tokens.len(), partitions);
        assert_eq!(parsed.macroblocks(), (9, 7));
        let mut levels = 0;
        walk(&mut parsed, |_, _, coded| {
            levels += coded.blocks.as_flattened().iter().filter(|&&level| level != 0).count();
        })
        .unwrap();
        assert!(levels > 1000);
        for partition in parsed.tokens.iter().chain([&parsed.modes]) {
            assert!(partition.remaining() <= 2, "{} bytes left", partition.remaining());
        }
    }

    #[test]
    fn segments_are_read() {
        assert_read_to_the_end(include_bytes!("../fixtures/segments.webp"), 1);
    }

    #[test]
    fn partitions_and_filter_deltas_are_read() {
        assert_read_to_the_end(include_bytes!("../fixtures/partitions.webp"), 4);
    }
}
