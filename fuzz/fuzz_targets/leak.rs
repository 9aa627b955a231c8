//! See `deckle_fuzz::leak`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::leak::run(input));
