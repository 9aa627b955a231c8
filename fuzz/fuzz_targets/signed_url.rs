//! See `deckle_fuzz::signed_url`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::signed_url::run(input));
