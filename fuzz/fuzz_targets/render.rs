//! See `deckle_fuzz::render`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::render::run(input));
