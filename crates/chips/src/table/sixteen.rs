//! What sixteen entries of a table do, worked out side by side.

use super::{FURTHEST, PASS, SAME, STEP, UNIT};

/// What entries do.
pub struct Sixteen {
    /// Bytes from that with the first entry's start on.
    pub places: [u16; 16],
    /// What each inverts of its byte.
    pub masks: [u8; 16],
    /// By how many bits they move the place.
    pub moved: usize,
    /// How many symbols they meet.
    pub met: usize,
}

/// `coming` are the next symbols, of which the first has been met `met` times, and `before` is the one before them; the place is `bit`
/// bits into a byte.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub fn sixteen<const TIMES: usize>(
    entries: &[u8; 16],
    coming: &[bool; 16],
    before: bool,
    [used, bit]: [usize; 2],
) -> Sixteen {
    let (mut moved, mut met) = (0, 0);
    let mut places = [0; 16];
    let mut masks = [0; 16];
    for (i, &entry) in entries.iter().enumerate() {
        met += usize::from(entry <= PASS);
        moved += match entry {
            ..=FURTHEST => entry.into(),
            STEP => 1,
            SAME.. => (entry - SAME).into(),
            _ => usize::from(entry - PASS) * UNIT,
        };
        let symbol = match (used + met).checked_sub(1) {
            Some(number) => coming[number / TIMES],
            None => before,
        };
        // At most 7 + 16 * 10 units.
        let place = bit + moved;
        places[i] = (place / 8) as u16;
        masks[i] = if symbol && !(PASS..=STEP).contains(&entry) { 0x80 >> (place % 8) } else { 0 };
    }
    Sixteen { places, masks, moved, met }
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub fn sixteen<const TIMES: usize>(
    entries: &[u8; 16],
    coming: &[bool; 16],
    before: bool,
    [used, bit]: [usize; 2],
) -> Sixteen {
    use core::arch::wasm32::*;

    const NONE: v128 = u64x2(0, 0);
    let entries = load(entries);
    // From PASS on; what is next is above all others.
    let kind = u8x16_sub(entries, u8x16_splat(PASS));
    let meets = u8x16_le(entries, u8x16_splat(PASS));

    // Sums from the first on, negative.
    let mut met = i8x16_add(meets, i8x16_shuffle::<16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>(meets, NONE));
    met = i8x16_add(met, i8x16_shuffle::<16, 17, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13>(met, NONE));
    met = i8x16_add(met, i8x16_shuffle::<16, 17, 18, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>(met, NONE));
    met = i8x16_add(met, i8x16_shuffle::<16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7>(met, NONE));
    let numbers = i8x16_sub(u8x16_splat((used as u8).wrapping_sub(1)), met);
    let numbers = if TIMES == 2 { u8x16_shr(numbers, 1) } else { numbers };
    let symbols = u8x16_swizzle(load(&coming.map(u8::from)), numbers);
    // Of none of these.
    let symbols = v128_or(symbols, v128_and(u8x16_gt(numbers, u8x16_splat(15)), u8x16_splat(before.into())));
    let inverting = v128_and(i8x16_neg(symbols), u8x16_gt(kind, u8x16_splat(STEP - PASS)));

    // How far.
    let distance = |kind: usize| match kind {
        0 | 15 => 0,
        11 => 1,
        12..=14 => kind - 11,
        units => units * UNIT,
    };
    let low: [u8; 16] = std::array::from_fn(|kind| distance(kind) as u8);
    let high: [u8; 16] = std::array::from_fn(|kind| (distance(kind) >> 8) as u8);
    let near = v128_and(entries, u8x16_le(entries, u8x16_splat(FURTHEST)));
    let low = v128_or(u8x16_swizzle(load(&low), kind), near);
    let high = u8x16_swizzle(load(&high), kind);
    let first = sums(i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(low, high));
    let second = sums(i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(low, high));
    let second = i16x8_add(second, i16x8_shuffle::<7, 7, 7, 7, 7, 7, 7, 7>(first, first));
    let moved = u16x8_extract_lane::<7>(second);
    let start = u16x8_splat(bit as u16);
    let (first, second) = (i16x8_add(first, start), i16x8_add(second, start));
    let within = u16x8_splat(7);
    let within = u8x16_narrow_i16x8(v128_and(first, within), v128_and(second, within));
    let bits = u8x16(0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    let masks = v128_and(u8x16_swizzle(bits, within), inverting);
    let (first, second) = (u16x8_shr(first, 3), u16x8_shr(second, 3));
    macro_rules! lanes {
        ($extract:ident $from:ident $($lane:literal)*) => { [$($extract::<$lane>($from)),*] };
    }
    let [first, second] = [lanes!(u16x8_extract_lane first 0 1 2 3 4 5 6 7), lanes!(u16x8_extract_lane second 0 1 2 3 4 5 6 7)];
    Sixteen {
        places: std::array::from_fn(|i| if i < 8 { first[i] } else { second[i - 8] }),
        masks: lanes!(u8x16_extract_lane masks 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15),
        moved: moved.into(),
        met: u8x16_extract_lane::<15>(i8x16_neg(met)).into(),
    }
}

/// Sums from the first on.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn sums(x: core::arch::wasm32::v128) -> core::arch::wasm32::v128 {
    use core::arch::wasm32::*;
    const NONE: v128 = u64x2(0, 0);
    let x = i16x8_add(x, i16x8_shuffle::<8, 0, 1, 2, 3, 4, 5, 6>(x, NONE));
    let x = i16x8_add(x, i16x8_shuffle::<8, 9, 0, 1, 2, 3, 4, 5>(x, NONE));
    i16x8_add(x, i16x8_shuffle::<8, 9, 10, 11, 0, 1, 2, 3>(x, NONE))
}

/// Becomes one load.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn load(b: &[u8; 16]) -> core::arch::wasm32::v128 {
    core::arch::wasm32::u8x16(
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
    )
}
