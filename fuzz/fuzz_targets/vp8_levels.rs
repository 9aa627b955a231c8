//! A lossy WebP file.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let _ = vp8::read_levels(file, &vp8::Limits { max_pixels: 1 << 20 });
});
