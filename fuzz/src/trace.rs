//! A leaked file. Nothing that was not marked has a mark.

use crate::budget;
use watermark::MarkKey;

/// Looks for a mark in `file`.
pub fn run(file: &[u8]) {
    let found = imaging::trace(file, &MarkKey::new([7; 32]), &budget());
    assert!(!matches!(found, Ok(Some(_))));
}
