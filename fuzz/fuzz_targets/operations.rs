//! The operations of a URL. What parses has one canonical form, which means the same.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|segment: &str| {
    if let Ok(parsed) = operations::parse(segment) {
        let canonical = parsed.canonical();
        let again = operations::parse(&canonical).expect("a canonical form parses");
        assert_eq!(again, parsed, "{segment:?} is written {canonical:?}");
    }
});
