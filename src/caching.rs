//! Who may keep an answer, and for how long (RFC 9111), and conditional requests (RFC 9110 section 13).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Seconds that a picture may be kept where its URL does not end sooner.
pub const TTL: u64 = 86_400;

/// `Cache-Control` for a picture. It never outlives the URL, and is public only where everybody who has the URL gets the bytes.
pub fn cache_control(exp: Option<u64>, now: u64, for_everybody: bool) -> String {
    let age = exp.map_or(TTL, |exp| TTL.min(exp.saturating_sub(now)));
    let who = if for_everybody { "public" } else { "private" };
    format!("{who}, max-age={age}")
}

/// A strong entity tag: the first 16 bytes of the body's SHA-256.
pub fn entity_tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..16]))
}

/// Whether `If-None-Match` names this tag: a list or `*`, compared weakly (RFC 9110 section 13.1.2).
pub fn matches(if_none_match: &str, tag: &str) -> bool {
    let mut candidates = if_none_match.split(',').map(str::trim);
    if_none_match.trim() == "*" || candidates.any(|candidate| candidate.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outlives_its_url() {
        assert_eq!(cache_control(None, 1000, true), "public, max-age=86400");
        assert_eq!(cache_control(Some(1060), 1000, true), "public, max-age=60");
        assert_eq!(cache_control(Some(900), 1000, true), "public, max-age=0");
        assert_eq!(cache_control(Some(u64::MAX), 1000, false), "private, max-age=86400");
    }

    #[test]
    fn tags_are_compared_weakly() {
        let tag = entity_tag(b"picture");
        for header in ["*", &tag, &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            assert!(matches(header, &tag), "{header}");
        }
        for header in ["", "\"x\"", "x", tag.trim_matches('"')] {
            assert!(!matches(header, &tag), "{header}");
        }
    }
}
