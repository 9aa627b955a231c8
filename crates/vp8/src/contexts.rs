//! The coding contexts that neighbouring blocks leave for each other (RFC 6386 section 13.3).

/// Which blocks along one edge of a macroblock coded any token but the end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contexts {
    pub(crate) luma: [bool; 4],
    /// Blue difference, then red difference.
    pub(crate) chroma: [[bool; 2]; 2],
    pub(crate) second_order: bool,
}

impl Contexts {
    /// What a macroblock without tokens leaves: one without a second-order block does not speak about those.
    pub(crate) fn clear(&mut self, has_second_order: bool) {
        *self = Self {
            second_order: self.second_order && !has_second_order,
            ..Self::default()
        };
    }
}

/// The kind of a block, which chooses among the token probabilities (section 13.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Kind {
    /// Luma whose DC coefficient is in the second-order block.
    LumaAc = 0,
    SecondOrder = 1,
    Chroma = 2,
    /// Luma with its DC coefficient.
    Luma = 3,
}

impl Kind {
    /// Zigzag index of the first coefficient the block codes.
    pub(crate) fn first(self) -> usize {
        usize::from(self == Self::LumaAc)
    }
}
