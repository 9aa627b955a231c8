//! ChaCha8 (RFC 8439 section 2.3 with eight rounds, and with 64 bits each for the number of the block and of the stream), four blocks
//! side by side.

use super::lanes::Lanes;

/// Bytes of four blocks.
const LENGTH: usize = 4 * 64;
const DOUBLE_ROUNDS: usize = 4;

/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574];

/// Fills `bytes` with what the stream of this number begins with.
pub fn fill(key: &[u8; 32], stream: u64, bytes: &mut [u8]) {
    let mut state = [0; 16];
    state[..4].copy_from_slice(&CONSTANTS);
    for (word, bytes) in state[4..12].iter_mut().zip(key.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    (state[14], state[15]) = (stream as u32, (stream >> 32) as u32);
    let state = state.map(Lanes::splat);
    let (whole, rest) = bytes.as_chunks_mut::<LENGTH>();
    let mut first = 0;
    for bytes in whole {
        four(&state, first, bytes);
        first += 4;
    }
    if !rest.is_empty() {
        let mut bytes = [0; LENGTH];
        four(&state, first, &mut bytes);
        rest.copy_from_slice(&bytes[..rest.len()]);
    }
}

/// Four blocks, of which the first has this number. Nobody asks for as many as 2^32.
#[inline(always)]
fn four(state: &[Lanes; 16], first: u32, bytes: &mut [u8; LENGTH]) {
    let mut start = *state;
    start[12] = Lanes::counting(first);
    let mut x = start;
    for _ in 0..DOUBLE_ROUNDS {
        // One by one: the words stay in registers only if their numbers are constants.
        quarter_round(&mut x, [0, 4, 8, 12]);
        quarter_round(&mut x, [1, 5, 9, 13]);
        quarter_round(&mut x, [2, 6, 10, 14]);
        quarter_round(&mut x, [3, 7, 11, 15]);
        quarter_round(&mut x, [0, 5, 10, 15]);
        quarter_round(&mut x, [1, 6, 11, 12]);
        quarter_round(&mut x, [2, 7, 8, 13]);
        quarter_round(&mut x, [3, 4, 9, 14]);
    }
    for (n, (words, start)) in x.as_chunks::<4>().0.iter().zip(start.as_chunks::<4>().0).enumerate() {
        let sums = std::array::from_fn(|i| words[i].add(start[i]));
        for (block, words) in bytes.as_chunks_mut::<64>().0.iter_mut().zip(Lanes::transpose(sums)) {
            block.as_chunks_mut::<16>().0[n] = words;
        }
    }
}

#[inline(always)]
fn quarter_round(x: &mut [Lanes; 16], [a, b, c, d]: [usize; 4]) {
    x[a] = x[a].add(x[b]);
    x[d] = x[d].xor(x[a]).rotate::<16>();
    x[c] = x[c].add(x[d]);
    x[b] = x[b].xor(x[c]).rotate::<12>();
    x[a] = x[a].add(x[b]);
    x[d] = x[d].xor(x[a]).rotate::<8>();
    x[c] = x[c].add(x[d]);
    x[b] = x[b].xor(x[c]).rotate::<7>();
}
