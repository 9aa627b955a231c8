//! See `deckle_fuzz::container`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::container::run(input));
