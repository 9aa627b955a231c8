//! See `deckle_fuzz::operations`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::operations::run(input));
