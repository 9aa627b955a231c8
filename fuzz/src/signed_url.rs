//! Path and query of a signed URL, a line each. Nothing that was not signed may verify.

use secret::SecretText;
use signed_url::{Rules, Unverified, v2};

/// A time within the life of the seeds, in Unix milliseconds.
const NOW: u64 = 1_700_000_000_000;

/// Parses the first line as a path and the second as a query, in both versions, and verifies what parses.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (path, query) = text.split_once('\n').unwrap_or((&text, ""));
    let query = query.trim_end_matches('\n');
    let secret = SecretText::new("sk_nobody_has_signed_with_this".into());
    if let Ok(url) = Unverified::parse(path, query) {
        assert!(url.verify(&secret, &Rules::default(), NOW).is_err());
    }
    if let Ok(url) = v2::Unverified::parse(path, query) {
        assert!(url.verify(&secret, &Rules::default(), NOW).is_err());
    }
}
