//! See `deckle_fuzz::trace`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::trace::run(input));
