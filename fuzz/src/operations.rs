//! The operations of a URL. What parses has one canonical form, which means the same.

/// Parses `input` as operations.
pub fn run(input: &[u8]) {
    let segment = String::from_utf8_lossy(input);
    if let Ok(parsed) = operations::parse(&segment) {
        let canonical = parsed.canonical();
        let again = operations::parse(&canonical).expect("a canonical form parses");
        assert_eq!(again, parsed, "{segment:?} is written {canonical:?}");
    }
}
