//! Random bytes from a key: ChaCha with eight rounds, a pseudorandom function of key and stream number. Eight rounds are beyond every
//! known attack (Aumasson, "Too Much Crypto", 2019).
//!
//! The library has code for every machine's SIMD but WebAssembly's, where its bytes are made four blocks at a time by [`blocks`].

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
mod blocks;
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes;

/// Fills `bytes` with what the stream of this number begins with.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub fn fill(key: &[u8; 32], stream: u64, bytes: &mut [u8]) {
    blocks::fill(key, stream, bytes);
}

/// Fills `bytes` with what the stream of this number begins with.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub fn fill(key: &[u8; 32], stream: u64, bytes: &mut [u8]) {
    use chacha20::ChaCha8Rng;
    use chacha20::rand_core::{Rng as _, SeedableRng as _};

    let mut rng = ChaCha8Rng::from_seed(*key);
    rng.set_stream(stream);
    rng.fill_bytes(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blocks_are_those_of_the_library(key: [u8; 32], stream: u64, length in 0..3000_usize) {
            let mut bytes = [vec![0; length], vec![1; length]];
            fill(&key, stream, &mut bytes[0]);
            blocks::fill(&key, stream, &mut bytes[1]);
            prop_assert_eq!(&bytes[0], &bytes[1]);
        }
    }
}
