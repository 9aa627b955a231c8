//! The symbols of a codeword, sixteen chips at a time.

use crate::MESSAGE_BITS;

/// Chips that are looked at together.
const GROUP: usize = 16;

/// Makes a subject's symbols of his random numbers and the places of a recipe: 1 where a number is below the chip's threshold. Chips of
/// the message layer get the bits of a message in turn.
pub fn codeword(mut random: Vec<u8>, places: &[u8], message: &[bool; MESSAGE_BITS]) -> Vec<bool> {
    let message = message.map(u8::from);
    // Its beginning once more behind its end.
    let mut bits = [0; MESSAGE_BITS + GROUP];
    bits[..MESSAGE_BITS].copy_from_slice(&message);
    bits[MESSAGE_BITS..].copy_from_slice(&message[..GROUP]);
    let mut next = 0;
    let mut group = |random: &mut [u8; GROUP], places: &[u8; GROUP]| {
        // There always are so many.
        if let Some(coming) = bits.get(next..).and_then(|bits| bits.first_chunk()) {
            next += symbols(random, places, coming);
            next -= if next < MESSAGE_BITS { 0 } else { MESSAGE_BITS };
        }
    };
    let ((groups, rest), (their_places, last)) = (random.as_chunks_mut(), places.as_chunks());
    for (random, places) in groups.iter_mut().zip(their_places) {
        group(random, places);
    }
    let mut ends = [[0; GROUP]; 2];
    for (end, few) in ends.iter_mut().zip([&*rest, last]) {
        if let Some(end) = end.get_mut(..few.len()) {
            end.copy_from_slice(few);
        }
    }
    let [mut end, last] = ends;
    group(&mut end, &last);
    for (byte, symbol) in rest.iter_mut().zip(end) {
        *byte = symbol;
    }
    random.into_iter().map(|symbol| symbol == 1).collect()
}

/// Turns random numbers into symbols, of which so many are the next bits of the message.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn symbols(random: &mut [u8; GROUP], places: &[u8; GROUP], coming: &[u8; GROUP]) -> usize {
    let mut taken = 0;
    for (random, &place) in random.iter_mut().zip(places) {
        *random = if place <= 1 {
            taken += 1;
            coming[taken - 1] ^ place
        } else {
            u8::from(*random < place)
        };
    }
    taken
}

/// The same.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn symbols(random: &mut [u8; GROUP], places: &[u8; GROUP], coming: &[u8; GROUP]) -> usize {
    use core::arch::wasm32::*;

    // Each becomes one load or store.
    let load = |b: &[u8; GROUP]| {
        u8x16(
            b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
        )
    };
    let store = |bytes: v128| {
        let halves = [u64x2_extract_lane::<0>(bytes), u64x2_extract_lane::<1>(bytes)];
        std::array::from_fn(|i| (halves[i / 8] >> (i % 8 * 8)) as u8)
    };
    let (numbers, places) = (load(random), load(places));
    let of_message = u8x16_le(places, u8x16_splat(1));
    // How many of the message there are before each, by sums from the first on.
    let taken = v128_and(of_message, u8x16_splat(1));
    let sums = i8x16_add(taken, i64x2_shl(taken, 8));
    let sums = i8x16_add(sums, i64x2_shl(sums, 16));
    let sums = i8x16_add(sums, i64x2_shl(sums, 32));
    let sums = i8x16_add(sums, u8x16_swizzle(sums, i64x2(-1, 0x0707_0707_0707_0707)));
    let bits = u8x16_swizzle(load(coming), i8x16_sub(sums, taken));
    let symbols = v128_bitselect(v128_xor(bits, places), u8x16_lt(numbers, places), of_message);
    *random = store(v128_and(symbols, u8x16_splat(1)));
    u8x16_extract_lane::<15>(sums).into()
}
