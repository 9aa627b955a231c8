//! Writing the frame header and the first partition (RFC 6386 sections 9 and 19.2).

use crate::Error;
use crate::bool_encoder::BoolEncoder;
use crate::modes::{
    CHROMA_CODES, CHROMA_PROBABILITIES, CHROMA_TREE, LUMA_CODES, LUMA_PROBABILITIES, LUMA_TREE, Luma, SPLIT,
    SUBBLOCK_CODES, SUBBLOCK_TREE,
};
use crate::plan::Plan;
use crate::spare::{SPARE, is_spare};
use crate::tables::{DEFAULT_TOKENS, SUBBLOCK_MODES, TOKEN_UPDATES, TokenProbabilities};

/// Largest length of the first partition its 19-bit field can say.
pub(crate) const MAX_FIRST_PARTITION: usize = (1 << 19) - 1;

/// Bytes that mark the start of a key frame's header.
pub(crate) const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];

/// What our frames say in their header; everything else is off.
pub(crate) struct Frame<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) probabilities: &'a TokenProbabilities,
    pub(crate) tokens: &'a [u8],
}

/// The bytes of a frame.
pub(crate) struct Written {
    pub(crate) bytes: Vec<u8>,
    /// Where each spare byte lies, and what it is multiplied by before it is added to three bytes there.
    pub(crate) spare: Vec<(usize, u16)>,
    /// Where the tokens begin.
    pub(crate) tokens: usize,
}

/// Bytes before the first partition.
const FRAME_HEADER: usize = 10;

impl Frame<'_> {
    /// The whole frame with one token partition.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the first partition outgrew its length field.
    pub(crate) fn write(&self) -> Result<Written, Error> {
        let (first, mut spare) = self.first_partition();
        if first.len() > MAX_FIRST_PARTITION {
            return Err(Error::TooLarge);
        }
        // Key frame, version 0 (normal loop filter), shown.
        let tag = (first.len() as u32) << 5 | 1 << 4;
        let tokens = FRAME_HEADER + first.len();
        let mut bytes = Vec::with_capacity(tokens + self.tokens.len());
        bytes.extend_from_slice(&tag.to_le_bytes()[..3]);
        bytes.extend_from_slice(&START_CODE);
        bytes.extend_from_slice(&self.plan.width.to_le_bytes());
        bytes.extend_from_slice(&self.plan.height.to_le_bytes());
        bytes.extend_from_slice(&first);
        bytes.extend_from_slice(self.tokens);
        for (offset, _) in &mut spare {
            *offset += FRAME_HEADER;
        }
        Ok(Written { bytes, spare, tokens })
    }

    fn first_partition(&self) -> (Vec<u8>, Vec<(usize, u16)>) {
        let macroblocks = &self.plan.macroblocks;
        let mut out = BoolEncoder::with_capacity(macroblocks.len() * 8);
        out.put_literal(0, 1); // colour space: BT.601
        out.put_literal(0, 1); // the decoder clamps
        out.put_literal(0, 1); // no segments
        out.put_literal(0, 1); // normal filter
        out.put_literal(u32::from(self.plan.filter_level), 6);
        out.put_literal(0, 3); // sharpness
        out.put_literal(0, 1); // no filter deltas
        out.put_literal(0, 2); // one token partition
        out.put_literal(u32::from(self.plan.quantiser.index), 7);
        out.put_literal(0, 5); // no quantiser deltas
        out.put_literal(0, 1); // probabilities are for this frame only
        let spare = self.put_probabilities(&mut out);
        let skipped = macroblocks.iter().filter(|macroblock| macroblock.is_empty()).count();
        out.put_literal(u32::from(skipped > 0), 1);
        let coded = macroblocks.len() - skipped;
        let skip = (skipped > 0).then(|| (coded * 255 / macroblocks.len()).clamp(1, 255) as u8);
        if let Some(probability) = skip {
            out.put_literal(u32::from(probability), 8);
        }
        self.put_modes(&mut out, skip);
        (out.finish(), spare)
    }

    /// Those that are spare are 0, and it is said how to change them.
    fn put_probabilities(&self, out: &mut BoolEncoder) -> Vec<(usize, u16)> {
        let mut spare = Vec::with_capacity(SPARE);
        let flat = |t: &'static TokenProbabilities| t.as_flattened().as_flattened().as_flattened();
        let ours = self.probabilities.as_flattened().as_flattened().as_flattened();
        let defaults = flat(&DEFAULT_TOKENS).iter().zip(flat(&TOKEN_UPDATES));
        for (number, (&ours, (&default, &update))) in ours.iter().zip(defaults).enumerate() {
            if is_spare(number) {
                out.put(true, update);
                spare.push(out.literal_unit());
                out.put_literal(0, 8);
                continue;
            }
            out.put(ours != default, update);
            if ours != default {
                out.put_literal(u32::from(ours), 8);
            }
        }
        spare
    }

    fn put_modes(&self, out: &mut BoolEncoder, skip: Option<u8>) {
        let columns = self.plan.columns();
        let mut above = vec![[0u8; 4]; columns];
        for row in self.plan.macroblocks.chunks(columns) {
            let mut left = [0u8; 4];
            for (macroblock, above) in row.iter().zip(&mut above) {
                if let Some(probability) = skip {
                    out.put(macroblock.is_empty(), probability);
                }
                match macroblock.luma {
                    Luma::Whole(mode) => {
                        out.put_tree(&LUMA_TREE, &LUMA_PROBABILITIES, LUMA_CODES[mode as usize]);
                        *above = [mode.implied(); 4];
                        left = *above;
                    }
                    Luma::Split(modes) => {
                        out.put_tree(&LUMA_TREE, &LUMA_PROBABILITIES, LUMA_CODES[usize::from(SPLIT)]);
                        for (i, &mode) in modes.iter().enumerate() {
                            let (x, y) = (i % 4, i / 4);
                            let probabilities = &SUBBLOCK_MODES[usize::from(above[x])][usize::from(left[y])];
                            out.put_tree(&SUBBLOCK_TREE, probabilities, SUBBLOCK_CODES[usize::from(mode)]);
                            above[x] = mode;
                            left[y] = mode;
                        }
                    }
                }
                out.put_tree(
                    &CHROMA_TREE,
                    &CHROMA_PROBABILITIES,
                    CHROMA_CODES[macroblock.chroma as usize],
                );
            }
        }
    }
}
