//! Path and query of a signed URL. Nothing that was not signed may verify.
#![no_main]
use libfuzzer_sys::fuzz_target;
use secret::SecretText;
use signed_url::{Rules, Unverified, v2};

fuzz_target!(|input: (&str, &str, u64)| {
    let (path, query, now) = input;
    let secret = SecretText::new("sk_nobody_has_signed_with_this".into());
    if let Ok(url) = Unverified::parse(path, query) {
        assert!(url.verify(&secret, &Rules::default(), now).is_err());
    }
    if let Ok(url) = v2::Unverified::parse(path, query) {
        assert!(url.verify(&secret, &Rules::default(), now).is_err());
    }
});
