//! See `deckle_fuzz::token`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::token::run(input));
