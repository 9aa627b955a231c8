//! Which kinds of chips a block's coefficients can be, all frequencies at once. Coefficients are rounded to eighths of a level here: what
//! is found takes an exact look.

use super::RANKS;

/// A set of frequencies, numbered by [`ORDER`]: a bit for each.
pub(super) type Ranks = u32;

/// Frequencies by what can be made of their coefficients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes {
    /// Two successive levels with the true value about half way between them: far apart for what they distort.
    pub halves: Ranks,
    /// Two successive levels, one of them near the true value: half as far apart for what they distort.
    pub wholes: Ranks,
    /// The levels on both sides of one that is nearer to the true value than a third of a level: better than two successive ones.
    pub wide: Ranks,
    /// Both signs.
    pub signs: Ranks,
}

/// Bits of a class: what a magnitude can be from its level, rounded down, and from the eighths above that. All larger magnitudes count
/// as the last one, which can be anything.
const HALVES: u8 = 0x80;
const WHOLES: u8 = 0x40;
const AROUND: u8 = 0x20;
const AROUND_NEXT: u8 = 0x10;
const SIGNS: u8 = 0x08;
/// Eighths of a level, at most.
const MOST: u8 = 127;

const OF_LEVEL: [u8; 16] = {
    let mut classes = [0; 16];
    classes[0] = SIGNS;
    let mut level = 2_u8;
    while level < 16 {
        let last = level == 15;
        classes[level as usize] = if (level + 1).is_power_of_two() && !last {
            0
        } else {
            HALVES | WHOLES
        } | if crosses(level) && !last { 0 } else { AROUND }
            | if crosses(level + 1) && !last { 0 } else { AROUND_NEXT };
        level += 1;
    }
    classes
};
const OF_EIGHTHS: [u8; 16] = {
    let mut classes = [0; 16];
    let mut eighths = 0;
    while eighths < 8 {
        classes[eighths] = match eighths {
            0 | 1 => WHOLES | AROUND,
            2 => HALVES | AROUND,
            6 => HALVES | AROUND_NEXT,
            7 => WHOLES | AROUND_NEXT,
            _ => HALVES,
        } | if eighths < 6 { SIGNS } else { 0 };
        eighths += 1;
    }
    classes
};

/// Whether the levels on both sides of one have size categories of their own.
const fn crosses(level: u8) -> bool {
    level.is_power_of_two() || (level + 1).is_power_of_two()
}

/// The classes of a block's coefficients; `inverse` has the part of a step that an eighth is, in 2^-15, in zigzag order from the second
/// on.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
pub(super) fn classes(block: &[i16; 64], inverse: &[i16; RANKS]) -> Classes {
    let mut found = Classes::default();
    for (rank, &index) in super::ORDER.iter().enumerate() {
        let lane = usize::from(index) - 1;
        let product = i32::from(block[lane + 1].wrapping_abs()) * i32::from(inverse[lane]);
        let eighths = ((product + 0x4000) >> 15).clamp(0, MOST.into()) as usize;
        let class = OF_LEVEL[eighths / 8] & OF_EIGHTHS[eighths % 8];
        let bit = |mask: u8| Ranks::from(class & mask != 0) << rank;
        found.halves |= bit(HALVES);
        found.wholes |= bit(WHOLES);
        found.wide |= bit(AROUND | AROUND_NEXT);
        found.signs |= bit(SIGNS);
    }
    found
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub(super) fn classes(block: &[i16; 64], inverse: &[i16; RANKS]) -> Classes {
    use core::arch::wasm32::*;
    // Each becomes one load.
    let words = |n: &[i16; 8]| i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
    let bytes = |n: &[u8; 16]| {
        u8x16(
            n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13], n[14], n[15],
        )
    };
    let Some((block, _)) = block.get(1..).and_then(|block| block.split_first_chunk::<RANKS>()) else {
        return Classes::default();
    };
    let eighths = |eight: usize| {
        let at = |of: &[i16; RANKS]| of.as_chunks::<8>().0.get(eight).map_or(i16x8_splat(0), words);
        i16x8_q15mulr_sat(i16x8_abs(at(block)), at(inverse))
    };
    let first = u8x16_narrow_i16x8(eighths(0), eighths(1));
    let rest = u8x16_narrow_i16x8(eighths(2), i16x8_splat(0));
    // By ORDER.
    let ranked = [
        i8x16_shuffle::<3, 11, 19, 4, 9, 8, 17, 0, 7, 5, 16, 1, 6, 13, 2, 10>(first, rest),
        i8x16_shuffle::<20, 18, 12, 14, 15, 21, 22, 23, 24, 24, 24, 24, 24, 24, 24, 24>(first, rest),
    ];
    let [first, rest] = ranked.map(|eighths| {
        let eighths = u8x16_min(eighths, u8x16_splat(MOST));
        let level = i8x16_swizzle(bytes(&OF_LEVEL), u8x16_shr(eighths, 3));
        v128_and(
            level,
            i8x16_swizzle(bytes(&OF_EIGHTHS), v128_and(eighths, u8x16_splat(7))),
        )
    });
    // The highest bit of each byte; those below it come there with both bytes of a word.
    let ranks = |shift: u32| {
        let [first, rest] = [first, rest].map(|class| Ranks::from(i8x16_bitmask(i16x8_shl(class, shift))));
        first | rest << 16
    };
    Classes {
        halves: ranks(HALVES.leading_zeros()),
        wholes: ranks(WHOLES.leading_zeros()),
        wide: ranks(AROUND.leading_zeros()) | ranks(AROUND_NEXT.leading_zeros()),
        signs: ranks(SIGNS.leading_zeros()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ORDER, is_of_one_category};
    use super::*;

    #[test]
    fn classes_are_those_of_all_levels() {
        let all = (1 << ORDER.len()) - 1;
        for eighths in -126..=126_i16 {
            let found = classes(&[eighths; 64], &[i16::MAX; RANKS]);
            let (level, rest) = (i32::from(eighths.abs()) / 8, eighths.abs() % 8);
            let set = |is: bool| if is { all } else { 0 };
            let adjacent = is_of_one_category(level, level + 1);
            let around = |level: i32| level > 0 && is_of_one_category(level - 1, level + 1);
            // Of the last level nothing is said.
            let last = level == 15;
            let expected = Classes {
                halves: set((adjacent || last) && (2..7).contains(&rest)),
                wholes: set((adjacent || last) && !(2..7).contains(&rest)),
                wide: set(match rest {
                    0..=2 => last || around(level),
                    6 | 7 => last || around(level + 1),
                    _ => false,
                }),
                signs: set(eighths.abs() < 6),
            };
            assert_eq!(found, expected, "{eighths}");
        }
    }

    #[test]
    fn every_frequency_has_its_rank() {
        for (rank, index) in ORDER.into_iter().enumerate() {
            let mut block = [0; 64];
            block[usize::from(index)] = 20;
            assert_eq!(classes(&block, &[i16::MAX; RANKS]).halves, 1 << rank);
        }
    }
}
