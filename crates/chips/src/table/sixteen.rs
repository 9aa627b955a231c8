//! Sixteen entries of a table, worked out side by side.

use super::{FURTHEST, NOTHING, SAME, STEP, UNIT, WINDOW};

/// What sixteen entries have done.
pub struct Sixteen {
    /// By how many bits they moved the place.
    pub moved: usize,
    /// How many of them met the next symbol.
    pub met: usize,
}

/// How far entries move the place that do not meet the next symbol.
const DISTANCES: [u16; 16] = {
    let mut distances = [0; 16];
    let mut entry = NOTHING as usize;
    while entry < 256 {
        distances[entry - NOTHING as usize] = if entry < STEP as usize {
            (entry - NOTHING as usize) * UNIT
        } else if entry == STEP as usize {
            1
        } else {
            entry - SAME as usize
        } as u16;
        entry += 1;
    }
    distances
};

/// Does what entries say to a part of the file; the place is a bit of it. The first of `symbols` is before all others, each of which is
/// met `TIMES` times in succession; `before` says how often any was. `None` if there are too few. A place outside is taken for any other.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub fn sixteen<const TIMES: usize>(
    entries: &[u8; 16],
    (symbols, before): (&[bool], usize),
    (file, bit): (&mut [u8; WINDOW], usize),
) -> Option<Sixteen> {
    let (mut moved, mut met) = (0, 0);
    for &entry in entries {
        met += usize::from(entry <= FURTHEST);
        moved += match entry.checked_sub(NOTHING) {
            Some(kind) => usize::from(DISTANCES[usize::from(kind)]),
            None => entry.into(),
        };
        let inverts = (entry <= FURTHEST || entry >= SAME) && *symbols.get((before + met).div_ceil(TIMES))?;
        let place = bit + moved;
        file[place / 8 % WINDOW] ^= u8::from(inverts) << 7 >> (place % 8);
    }
    Some(Sixteen { moved, met })
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub fn sixteen<const TIMES: usize>(
    entries: &[u8; 16],
    (symbols, before): (&[bool], usize),
    (file, bit): (&mut [u8; WINDOW], usize),
) -> Option<Sixteen> {
    use core::arch::wasm32::*;
    use simd128::{ONE_LANE_UP, interleave, load, sums};

    let entries = load(entries);
    let meet = u8x16_le(entries, u8x16_splat(FURTHEST));
    // What does not meet the next symbol is of a kind from 0 to 14, and all else above.
    let kinds = u8x16_sub(entries, u8x16_splat(NOTHING));
    let inverting = u8x16_gt(kinds, u8x16_splat(STEP - NOTHING));

    let first_meets = usize::from(u8x16_extract_lane::<0>(meet) & 1);
    let met = v128_and(meet, u8x16(0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    let met = i8x16_add(met, i64x2_shl(met, 8));
    let met = i8x16_add(met, i64x2_shl(met, 16));
    let met = i8x16_add(met, i64x2_shl(met, 32));
    // The sum of the first eight to each of the others.
    let met = i8x16_add(met, u8x16_swizzle(met, i64x2(-1, 0x0707_0707_0707_0707)));
    let next = before + first_meets + TIMES - 1;
    let symbols = symbols.get(next / TIMES..)?.first_chunk::<16>()?;
    let numbers = if TIMES == 2 {
        u8x16_shr(i8x16_add(met, u8x16_splat((next % 2) as u8)), 1)
    } else {
        met
    };
    let symbols = i8x16_neg(u8x16_swizzle(load(&symbols.map(u8::from)), numbers));

    let least = u8x16_swizzle(load(&DISTANCES.map(|distance| distance as u8)), kinds);
    let least = v128_or(least, v128_and(entries, meet));
    let most = u8x16_swizzle(load(&DISTANCES.map(|distance| (distance >> 8) as u8)), kinds);
    let [first, others] = interleave(least, most).map(sums);
    let others = i16x8_add(others, u8x16_swizzle(first, i64x2_splat(0x0F0E_0F0E_0F0E_0F0E)));
    let moved = u16x8_extract_lane::<7>(others);

    let places = [first, others].map(|moved| i16x8_add(moved, u16x8_splat(bit as u16)));
    let [first, others] = places.map(|places| v128_and(places, u16x8_splat(7)));
    let bits = u8x16_narrow_i16x8(first, others);
    let masks = u8x16_swizzle(u8x16(0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0), bits);
    let masks = v128_and(v128_and(masks, symbols), inverting);

    // What an entry inverts is inverted by those behind it, too, that are among the same eight and in the same byte.
    let bytes = places.map(|places| u16x8_shr(places, 3));
    let [first, others] = bytes.map(|bytes| i16x8_eq(bytes, u8x16_swizzle(bytes, ONE_LANE_UP)));
    let same = i8x16_narrow_i16x8(first, others);
    let same = v128_and(same, u64x2_splat(!0xFF));
    let masks = v128_xor(masks, v128_and(i64x2_shl(masks, 8), same));
    let same = v128_and(same, i64x2_shl(same, 8));
    let masks = v128_xor(masks, v128_and(i64x2_shl(masks, 16), same));
    let same = v128_and(same, i64x2_shl(same, 16));
    let masks = v128_xor(masks, v128_and(i64x2_shl(masks, 32), same));

    // All eight are read before any is written: what was just written would have to be waited for. The last of a byte is right.
    macro_rules! invert {
        ($places:ident $($lane:literal $among:literal)*) => {
            let places = [u32x4_extend_low_u16x8($places), u32x4_extend_high_u16x8($places)];
            let places = [$(u32x4_extract_lane::<{ $lane % 4 }>(places[$lane / 4]) as usize % WINDOW),*];
            let mut bytes = u64x2_splat(0);
            $(bytes = u8x16_replace_lane::<$among>(bytes, file[places[$lane]]);)*
            let bytes = v128_xor(bytes, masks);
            $(file[places[$lane]] = u8x16_extract_lane::<$among>(bytes);)*
        };
    }
    let [first, others] = bytes;
    invert!(first 0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7);
    invert!(others 0 8 1 9 2 10 3 11 4 12 5 13 6 14 7 15);
    Some(Sixteen {
        moved: moved.into(),
        met: usize::from(u8x16_extract_lane::<15>(met)) + first_meets,
    })
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use core::arch::wasm32::*;

    /// Moves eight lanes, the first of which stays, too.
    pub const ONE_LANE_UP: v128 = i64x2(0x0504_0302_0100_0100, 0x0D0C_0B0A_0908_0706);

    /// The bytes of both in turn.
    #[inline(always)]
    #[rustfmt::skip]
    pub fn interleave(x: v128, y: v128) -> [v128; 2] {
        [
            i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(x, y),
            i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(x, y),
        ]
    }

    /// Sums of eight lanes from the first on.
    #[inline(always)]
    pub fn sums(x: v128) -> v128 {
        let x = i16x8_add(x, i64x2_shl(x, 16));
        let x = i16x8_add(x, i64x2_shl(x, 32));
        i16x8_add(x, u8x16_swizzle(x, i64x2(-1, 0x0706_0706_0706_0706)))
    }

    /// Becomes one load.
    #[inline(always)]
    pub fn load(b: &[u8; 16]) -> v128 {
        u8x16(
            b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
        )
    }
}
