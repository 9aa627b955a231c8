//! Who may keep an answer, and for how long (RFC 9111), and conditional requests (RFC 9110 section 13).

mod entity_tag;

pub use entity_tag::{Current, EntityTags, TagKey};

/// Seconds that a picture may be kept where its URL does not end sooner. No cache that asks again in time holds a picture that
/// is further behind its original than that.
pub const TTL: u64 = 86_400;

/// `Cache-Control` for a picture that is good for so many seconds. It never outlives the URL, and is public only where everybody
/// who has the URL gets the bytes.
pub fn cache_control(exp: Option<u64>, now: u64, seconds: u64, for_everybody: bool) -> String {
    let age = exp.map_or(seconds, |exp| seconds.min(exp.saturating_sub(now)));
    let who = if for_everybody { "public" } else { "private" };
    format!("{who}, max-age={age}")
}

/// The value of `Cache-Control` where nobody may keep an answer.
pub const NOT_KEPT: &str = "private, no-store";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outlives_its_url() {
        assert_eq!(cache_control(None, 1000, TTL, true), "public, max-age=86400");
        assert_eq!(cache_control(Some(1060), 1000, TTL, true), "public, max-age=60");
        assert_eq!(cache_control(Some(900), 1000, TTL, true), "public, max-age=0");
        assert_eq!(
            cache_control(Some(u64::MAX), 1000, TTL, false),
            "private, max-age=86400"
        );
        assert_eq!(cache_control(Some(1060), 1000, 10, true), "public, max-age=10");
    }
}
