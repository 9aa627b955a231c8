//! Intra prediction modes and the trees that code them (RFC 6386 sections 8.1, 11.2 to 11.4).
//!
//! A tree is an array of pairs, one pair for each inner node: a positive entry is the index of a further pair, zero or a
//! negative one is a leaf whose value is the entry's magnitude.

/// How a whole luma or chroma block of a macroblock is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum BlockMode {
    Dc,
    Vertical,
    Horizontal,
    TrueMotion,
}

impl BlockMode {
    pub(crate) const ALL: [Self; 4] = [Self::Dc, Self::Vertical, Self::Horizontal, Self::TrueMotion];

    /// The sub-block mode that neighbours coded with sub-block modes see in place of this one (section 11.3).
    pub(crate) fn implied(self) -> u8 {
        match self {
            Self::Dc => subblock::DC,
            Self::TrueMotion => subblock::TRUE_MOTION,
            Self::Vertical => subblock::VERTICAL,
            Self::Horizontal => subblock::HORIZONTAL,
        }
    }
}

/// How a 4x4 luma sub-block is predicted. Plain numbers, because they index probabilities and costs everywhere.
pub(crate) mod subblock {
    pub(crate) const DC: u8 = 0;
    pub(crate) const TRUE_MOTION: u8 = 1;
    pub(crate) const VERTICAL: u8 = 2;
    pub(crate) const HORIZONTAL: u8 = 3;
    pub(crate) const DOWN_LEFT: u8 = 4;
    pub(crate) const DOWN_RIGHT: u8 = 5;
    pub(crate) const VERTICAL_RIGHT: u8 = 6;
    pub(crate) const VERTICAL_LEFT: u8 = 7;
    pub(crate) const HORIZONTAL_DOWN: u8 = 8;
    pub(crate) const HORIZONTAL_UP: u8 = 9;
    /// Number of modes.
    pub(crate) const COUNT: usize = 10;
}

/// Luma prediction of a macroblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Luma {
    /// One prediction for all 16x16 pixels; the DC coefficients go into a second-order block.
    Whole(BlockMode),
    /// Each of the sixteen 4x4 sub-blocks has its own.
    Split([u8; 16]),
}

/// Luma mode tree of key frames; leaf 4 stands for sub-block modes.
pub(crate) const LUMA_TREE: [i8; 8] = [-4, 2, 4, 6, 0, -1, -2, -3];
pub(crate) const LUMA_PROBABILITIES: [u8; 4] = [145, 156, 163, 128];
/// Leaf of [`LUMA_TREE`] for sub-block modes.
pub(crate) const SPLIT: u8 = 4;
pub(crate) const CHROMA_TREE: [i8; 6] = [0, 2, -1, 4, -2, -3];
pub(crate) const CHROMA_PROBABILITIES: [u8; 3] = [142, 114, 183];
pub(crate) const SUBBLOCK_TREE: [i8; 18] = [0, 2, -1, 4, -2, 6, 8, 12, -3, 10, -5, -6, -4, 14, -7, 16, -8, -9];
pub(crate) const SEGMENT_TREE: [i8; 6] = [2, 4, 0, -1, -2, -3];

/// The path from the root of a tree to a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    /// Branches taken, the last one in the least significant bit.
    pub(crate) bits: u8,
    pub(crate) length: u8,
}

pub(crate) const LUMA_CODES: [Code; 5] = codes(&LUMA_TREE);
pub(crate) const CHROMA_CODES: [Code; 4] = codes(&CHROMA_TREE);
pub(crate) const SUBBLOCK_CODES: [Code; 10] = codes(&SUBBLOCK_TREE);

const fn codes<const N: usize>(tree: &[i8]) -> [Code; N] {
    let mut out = [Code { bits: 0, length: 0 }; N];
    let mut paths = [Code { bits: 0, length: 0 }; 32];
    // Children always stand after their parents, so one sweep knows every path.
    let mut i = 0;
    while i < tree.len() {
        let parent = paths[i & !1];
        let code = Code {
            bits: parent.bits << 1 | (i & 1) as u8,
            length: parent.length + 1,
        };
        if tree[i] > 0 {
            paths[tree[i] as usize] = code;
        } else {
            out[tree[i].unsigned_abs() as usize] = code;
        }
        i += 1;
    }
    out
}
