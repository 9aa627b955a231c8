//! See `deckle_fuzz::webp_container`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::webp_container::run(input));
