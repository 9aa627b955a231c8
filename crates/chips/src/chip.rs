//! A chip, and what may be one.

/// A place of the picture that can hold one of two symbols: a luma coefficient with two levels of the same size category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chip {
    /// Number of the luma block, row by row.
    pub block: usize,
    /// Place in the zigzag sequence; 0 is the block's average.
    pub index: usize,
    /// The level that stands for 0.
    pub low: i16,
    /// The level that stands for 1, the higher one.
    pub high: i16,
}

/// The additional bits of a value (T.81 F.1.2.1.1), as many of the lowest as its category says.
pub(crate) fn bits(value: i32) -> u32 {
    (value + (value >> 31)).cast_unsigned()
}

/// How many additional bits tell two values of one category apart.
pub(crate) fn inverted([low, high]: [i32; 2]) -> u32 {
    let category = 32 - low.unsigned_abs().leading_zeros();
    ((bits(low) ^ bits(high)) & (1_u32 << category).wrapping_sub(1)).count_ones()
}

/// Whether two levels, or differences, have the same number of additional bits and any at all.
#[cfg(test)]
pub(crate) fn same_category(a: i32, b: i32) -> bool {
    a != 0 && b != 0 && a.unsigned_abs().leading_zeros() == b.unsigned_abs().leading_zeros()
}
