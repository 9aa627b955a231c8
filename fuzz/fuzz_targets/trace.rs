//! A leaked file. Nothing that was not marked has a mark.
#![no_main]
use libfuzzer_sys::fuzz_target;
use watermark::MarkKey;

fuzz_target!(|file: &[u8]| {
    let found = imaging::trace(file, &MarkKey::new([7; 32]), &budget());
    assert!(!matches!(found, Ok(Some(_))));
});

fn budget() -> imaging::Budget {
    imaging::Budget { pixel_bytes: 4 << 20, working_bytes: 32 << 20, ..imaging::Budget::default() }
}
