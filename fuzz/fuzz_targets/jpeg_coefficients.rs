//! See `deckle_fuzz::jpeg_coefficients`.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| deckle_fuzz::jpeg_coefficients::run(input));
