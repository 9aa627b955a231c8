//! See `deckle_fuzz::vp8_levels`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::vp8_levels::run(input));
