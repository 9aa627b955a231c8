//! Expiries: how one is written, and expiries rounded up to the end of a period.
//!
//! A signer that rounds makes the same URL for one picture throughout a period, so that browsers and CDNs can keep it. The
//! expiry is the last second of the period in UTC: 23:59:59 for days and months. A URL signed shortly before then lives
//! shortly; add the shortest life it must have to `now`, or give the key a grace period.
//!
//! Times are Unix seconds.

use crate::QueryError;
use calendar::{DAY, DateTime};
use std::num::NonZeroU32;

/// Digits of the largest expiry, in the year 2286.
const DIGITS: usize = 10;

/// The last second of the month of `now`.
pub fn end_of_month(now: u64) -> u64 {
    let date = DateTime::utc(now);
    let first_of_next = now / DAY + 1 + date.days_in_month() - date.day;
    first_of_next.saturating_mul(DAY).saturating_sub(1)
}

/// The last second of the day of `now`.
pub fn end_of_day(now: u64) -> u64 {
    end_of_period(now, DAY)
}

/// The last second of the period of `minutes` that `now` is in. Periods are counted from the start of 1970.
pub fn every(minutes: NonZeroU32, now: u64) -> u64 {
    end_of_period(now, 60 * u64::from(minutes.get()))
}

/// Reads canonical decimal seconds of at most ten digits.
pub(crate) fn parse(text: &str) -> Result<u64, QueryError> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if !canonical {
        return Err(QueryError::Expiry);
    }
    match text.len() {
        1..=DIGITS => text.parse().map_err(|_| QueryError::Expiry),
        13 => Err(QueryError::Milliseconds),
        _ => Err(QueryError::Expiry),
    }
}

fn end_of_period(now: u64, seconds: u64) -> u64 {
    (now - now % seconds).saturating_add(seconds - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/expiry.json")).unwrap();
        for vector in vectors.as_array().unwrap() {
            let (now, minutes) = (vector["now"].as_u64().unwrap(), vector["minutes"].as_u64());
            let exp = match vector["rule"].as_str().unwrap() {
                "end_of_month" => end_of_month(now),
                "end_of_day" => end_of_day(now),
                "every" => every(NonZeroU32::new(minutes.unwrap().try_into().unwrap()).unwrap(), now),
                other => panic!("{other}"),
            };
            assert_eq!(Some(exp), vector["exp"].as_u64(), "{}", vector["name"]);
        }
    }

    proptest! {
        #[test]
        fn a_month_ends_once(now in 0u64..=9_999_999_999) {
            let exp = end_of_month(now);
            prop_assert!(exp >= now && exp - now < 31 * DAY);
            prop_assert_eq!(end_of_month(exp), exp);
            let (date, end) = (DateTime::utc(now), DateTime::utc(exp));
            prop_assert_eq!((date.year, date.month), (end.year, end.month));
            prop_assert_eq!(DateTime::utc(exp + 1).day, 1);
            prop_assert_eq!((exp + 1) % DAY, 0);
        }

        #[test]
        fn a_period_ends_once(now in 0u64..=9_999_999_999, minutes in 1u32..=100_000) {
            let period = NonZeroU32::new(minutes).unwrap();
            let exp = every(period, now);
            prop_assert!(exp >= now && exp - now < u64::from(minutes) * 60);
            prop_assert_eq!(every(period, exp), exp);
            prop_assert_eq!((exp + 1) % (u64::from(minutes) * 60), 0);
            prop_assert_eq!(end_of_day(now), every(NonZeroU32::new(1440).unwrap(), now));
        }

        #[test]
        fn any_clock_is_answered(now in any::<u64>(), minutes in 1u32..) {
            let _ = (end_of_month(now), end_of_day(now), every(NonZeroU32::new(minutes).unwrap(), now));
        }

        // T1
        #[test]
        fn a_time_has_one_spelling(text in "[0-9]{1,12}|[-+0-9eExX. ]{1,12}|.{0,4}") {
            if let Ok(seconds) = parse(&text) {
                prop_assert_eq!(seconds.to_string(), text);
            }
        }
    }
}
