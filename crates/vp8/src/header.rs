//! Writing the frame header and the first partition (RFC 6386 sections 9 and 19.2).

use crate::Error;
use crate::bool_encoder::BoolEncoder;
use crate::modes::{
    CHROMA_CODES, CHROMA_PROBABILITIES, CHROMA_TREE, LUMA_CODES, LUMA_PROBABILITIES, LUMA_TREE, Luma, Macroblock,
    SPLIT, SUBBLOCK_CODES, SUBBLOCK_TREE,
};
use crate::tables::{DEFAULT_TOKENS, SUBBLOCK_MODES, TOKEN_UPDATES, TokenProbabilities};

/// Largest length of the first partition its 19-bit field can say.
pub(crate) const MAX_FIRST_PARTITION: usize = (1 << 19) - 1;

/// Bytes that mark the start of a key frame's header.
pub(crate) const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];

/// What our frames say in their header; everything else is off.
pub(crate) struct Frame<'a> {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) quantiser: u8,
    pub(crate) filter_level: u8,
    pub(crate) macroblocks: &'a [Macroblock],
    pub(crate) probabilities: &'a TokenProbabilities,
    pub(crate) tokens: &'a [u8],
}

impl Frame<'_> {
    /// The whole frame with one token partition.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when the first partition outgrew its length field.
    pub(crate) fn write(&self) -> Result<Vec<u8>, Error> {
        let first = self.first_partition();
        if first.len() > MAX_FIRST_PARTITION {
            return Err(Error::TooLarge);
        }
        // Key frame, version 0 (normal loop filter), shown.
        let tag = (first.len() as u32) << 5 | 1 << 4;
        let mut out = Vec::with_capacity(10 + first.len() + self.tokens.len());
        out.extend_from_slice(&tag.to_le_bytes()[..3]);
        out.extend_from_slice(&START_CODE);
        out.extend_from_slice(&self.width.to_le_bytes());
        out.extend_from_slice(&self.height.to_le_bytes());
        out.extend_from_slice(&first);
        out.extend_from_slice(self.tokens);
        Ok(out)
    }

    fn first_partition(&self) -> Vec<u8> {
        let mut out = BoolEncoder::with_capacity(self.macroblocks.len() * 8);
        out.put_literal(0, 1); // colour space: BT.601
        out.put_literal(0, 1); // the decoder clamps
        out.put_literal(0, 1); // no segments
        out.put_literal(0, 1); // normal filter
        out.put_literal(u32::from(self.filter_level), 6);
        out.put_literal(0, 3); // sharpness
        out.put_literal(0, 1); // no filter deltas
        out.put_literal(0, 2); // one token partition
        out.put_literal(u32::from(self.quantiser), 7);
        out.put_literal(0, 5); // no quantiser deltas
        out.put_literal(0, 1); // probabilities are for this frame only
        self.put_probabilities(&mut out);
        let skipped = self.macroblocks.iter().filter(|m| m.skip).count();
        out.put_literal(u32::from(skipped > 0), 1);
        let coded = self.macroblocks.len() - skipped;
        let skip = (skipped > 0).then(|| (coded * 255 / self.macroblocks.len()).clamp(1, 255) as u8);
        if let Some(probability) = skip {
            out.put_literal(u32::from(probability), 8);
        }
        self.put_modes(&mut out, skip);
        out.finish()
    }

    fn put_probabilities(&self, out: &mut BoolEncoder) {
        let flat = |t: &'static TokenProbabilities| t.as_flattened().as_flattened().as_flattened();
        let ours = self.probabilities.as_flattened().as_flattened().as_flattened();
        for ((&ours, &default), &update) in ours.iter().zip(flat(&DEFAULT_TOKENS)).zip(flat(&TOKEN_UPDATES)) {
            out.put(ours != default, update);
            if ours != default {
                out.put_literal(u32::from(ours), 8);
            }
        }
    }

    fn put_modes(&self, out: &mut BoolEncoder, skip: Option<u8>) {
        let columns = usize::from(self.width).div_ceil(16);
        let mut above = vec![[0u8; 4]; columns];
        for row in self.macroblocks.chunks(columns) {
            let mut left = [0u8; 4];
            for (macroblock, above) in row.iter().zip(&mut above) {
                if let Some(probability) = skip {
                    out.put(macroblock.skip, probability);
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
