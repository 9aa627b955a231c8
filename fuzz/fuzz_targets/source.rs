//! See `deckle_fuzz::source`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::source::run(input));
