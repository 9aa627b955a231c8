//! See `deckle_fuzz::lossless_container`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::lossless_container::run(input));
