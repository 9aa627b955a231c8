//! Who may keep an answer, and for how long (RFC 9111), and conditional requests (RFC 9110 section 13).

mod entity_tag;

pub use entity_tag::{Current, EntityTags, TagKey};

/// Seconds that a picture may be kept where its URL does not end sooner. No cache that asks again in time holds a picture that
/// is further behind its original than that.
pub const TTL: u64 = 86_400;

/// Seconds of a period. A picture is known to be current until a day after the period began in which its original was read.
const PERIOD: u64 = TTL / 2;

// A kept rendition is used for one period, so that what is made of it can still be kept for one.
const _: () = assert!(PERIOD == admission::RENDITION_PERIOD);

/// For how many seconds a picture may still be kept whose original was read at `read` (both in Unix seconds).
pub fn seconds_left(read: u64, now: u64) -> u64 {
    let end = (read / PERIOD).saturating_mul(PERIOD).saturating_add(TTL);
    end.saturating_sub(now).min(TTL)
}

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
    fn what_was_read_is_current_for_half_a_day_to_a_day() {
        let begin = 39_000 * PERIOD;
        assert_eq!(seconds_left(begin, begin), TTL);
        assert_eq!(seconds_left(begin + 7, begin + 7), TTL - 7);
        assert_eq!(seconds_left(begin + PERIOD - 1, begin + PERIOD - 1), PERIOD + 1);
        assert_eq!(seconds_left(begin + PERIOD - 1, begin + TTL - 1), 1);
        assert_eq!(seconds_left(begin, begin + TTL), 0);
        assert_eq!(seconds_left(begin, begin - PERIOD), TTL, "a clock that went back");
    }

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
