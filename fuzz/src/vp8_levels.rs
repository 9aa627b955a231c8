//! A lossy WebP file.

/// Reads `file`.
pub fn run(file: &[u8]) {
    let _ = vp8::read_levels(file, &vp8::Limits { max_pixels: 1 << 20 });
    let _ = vp8::spare(file);
}
