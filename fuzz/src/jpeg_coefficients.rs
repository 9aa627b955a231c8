//! A JPEG file. What is read can be written, and is then read back the same.

/// Reads `file`.
pub fn run(file: &[u8]) {
    let limits = jpeg::Limits {
        max_pixels: 1 << 20,
        max_scans: 32,
        max_visits: 1 << 28,
    };
    if let Ok(read) = jpeg::read(file, &limits)
        && let Ok(written) = jpeg::encode(&read)
    {
        assert_eq!(jpeg::read(&written, &limits).expect("our own file is read"), read);
    }
}
