use crate::claim::{BUCKET, GENERATION, MAX_RELEASES, USE};
use crate::rendition::{FILLING, FILLING_PERIOD, RENDITION, RENDITION_PERIOD};
use crate::window::{COUNT, Window};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Seconds that clocks of hosts which share a store may differ, beside the margin that [`is_spent`] has of its own.
const SKEW: u64 = 60;

/// What [`is_spent`] has to allow for where the keys of a store have grace periods of at most `longest_grace` seconds.
pub fn leeway(longest_grace: u64) -> u64 {
    longest_grace.saturating_add(SKEW)
}

/// Whether what is stored under `name` has become meaningless at `now` (Unix seconds) and can be deleted: its bucket of time is
/// over, and after that `leeway` and once more the length of a bucket have passed.
///
/// `leeway` is the longest time in seconds that anything is accepted after its expiry, see [`leeway()`]. The extra bucket is for clocks: a claim stays taken even if a clock goes back an hour after it was deleted.
///
/// A name that is not exactly one that this crate makes is never spent.
pub fn is_spent(name: &str, leeway: u64, now: u64) -> bool {
    let Some((number, length)) = bucket(name) else {
        return false;
    };
    number
        .checked_add(2)
        .and_then(|after| after.checked_mul(length))
        .and_then(|end| end.checked_add(leeway))
        .is_some_and(|end| now >= end)
}

/// The number and the length in seconds of the bucket that a name belongs to.
fn bucket(name: &str) -> Option<(u64, u64)> {
    let mut parts = name.splitn(4, '/');
    let (kind, second, third, fourth) = (parts.next()?, parts.next()?, parts.next()?, parts.next());
    match (kind, fourth) {
        (GENERATION, None) if is_id(third) => Some((number(second)?, BUCKET)),
        (USE, Some(generation)) if is_id(third) && number(generation)? <= MAX_RELEASES.into() => {
            Some((number(second)?, BUCKET))
        }
        (RENDITION, None) if is_id(third) => Some((number(second)?, RENDITION_PERIOD)),
        (FILLING, None) if is_id(third) => Some((number(second)?, FILLING_PERIOD)),
        (COUNT, Some(public_key)) if !public_key.is_empty() && !public_key.contains('/') => {
            let window = [Window::Minute, Window::Day]
                .into_iter()
                .find(|window| second.chars().eq([window.letter()]))?;
            Some((number(third)?, window.length()))
        }
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|id| id.len() == 16)
}

/// A number in its one spelling.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claim, Outcome};
    use proptest::prelude::*;

    const HOUR: u64 = 3600;

    /// Both names of a claim, after `releases` releases.
    fn claim_names(id: [u8; 16], exp: u64, releases: u8) -> [String; 2] {
        let claim = Claim::new(id, exp);
        let stored = (releases > 0).then(|| vec![b'0' + releases]);
        let attempt = claim.clone().attempt(stored.as_deref()).unwrap();
        assert!(matches!(attempt.clone().decide(Some(1)), Outcome::Won(_)));
        [claim.generation_name(), attempt.counter()]
    }

    #[test]
    fn r7_a_claim_is_kept_for_its_bucket_the_leeway_and_a_bucket_more() {
        for name in claim_names([7; 16], 10 * HOUR, 0) {
            let end = 12 * HOUR + 60;
            assert!(!is_spent(&name, 60, end - 1), "{name}");
            assert!(is_spent(&name, 60, end), "{name}");
            assert!(!is_spent(&name, 61, end), "{name}");
        }
    }

    #[test]
    fn windows_are_kept_likewise() {
        assert!(!is_spent("count/m/100/pk_a", 60, 102 * 60 + 59));
        assert!(is_spent("count/m/100/pk_a", 60, 102 * 60 + 60));
        assert!(!is_spent("count/d/100/pk_a", 60, 102 * 86_400 + 59));
        assert!(is_spent("count/d/100/pk_a", 60, 102 * 86_400 + 60));
    }

    #[test]
    fn what_is_not_ours_is_never_spent() {
        for name in [
            "",
            "key/pk_one",
            "project/prj_one",
            "use",
            "use/0",
            "use/0/BwcHBwcHBwcHBwcHBwcHBw",
            "use/0/BwcHBwcHBwcHBwcHBwcHBw/3",
            "use/0/BwcHBwcHBwcHBwcHBwcHBw/00",
            "use/0/BwcHBwcHBwcHBwcHBwcHBw/0/0",
            "use/0/BwcHBwcHBwcHBwcHBwcHBx/0",
            "use/0/BwcHBwcHBwcHBwcHBwcHBw==/0",
            "use/00/BwcHBwcHBwcHBwcHBwcHBw/0",
            "use/+0/BwcHBwcHBwcHBwcHBwcHBw/0",
            "use//BwcHBwcHBwcHBwcHBwcHBw/0",
            "use/-1/BwcHBwcHBwcHBwcHBwcHBw/0",
            "use/18446744073709551615/BwcHBwcHBwcHBwcHBwcHBw/0",
            "use/5124095576030430/BwcHBwcHBwcHBwcHBwcHBw/0",
            "gen/0/BwcHBwcHBwcHBwcHBwcHBw/0",
            "gen/0/",
            "gen/0/short",
            "rendition/0",
            "rendition/0/short",
            "rendition/00/BwcHBwcHBwcHBwcHBwcHBw",
            "rendition/0/BwcHBwcHBwcHBwcHBwcHBw/0",
            "filling/0/BwcHBwcHBwcHBwcHBwcHBw/0",
            "filling/x/BwcHBwcHBwcHBwcHBwcHBw",
            "Use/0/BwcHBwcHBwcHBwcHBwcHBw/0",
            "count/m/0",
            "count/m/0/",
            "count/m/0/pk_a/b",
            "count/h/0/pk_a",
            "count/mm/0/pk_a",
            "count//0/pk_a",
            "count/m/0x0/pk_a",
        ] {
            assert!(!is_spent(name, 0, u64::MAX), "{name}");
        }
    }

    proptest! {
        #[test]
        fn r7_t7_no_usable_claim_is_named(
            id: [u8; 16], exp in 0u64..10_000_000_000, releases in 0..=MAX_RELEASES, leeway in 0u64..100_000,
            before in 0u64..1_000_000, clock_back in 0..=HOUR,
        ) {
            // The last moment at which the URL is accepted, and any moment before it, by a clock that is late.
            let now = (exp + leeway).saturating_sub(1 + before) + clock_back;
            for name in claim_names(id, exp, releases) {
                prop_assert!(!is_spent(&name, leeway, now), "{} at {}", name, now);
                prop_assert!(is_spent(&name, leeway, exp + leeway + 2 * HOUR), "{} stays", name);
            }
        }

        #[test]
        fn no_open_window_is_named(now in 0u64..10_000_000_000, later in 0u64..1_000_000, leeway in 0u64..1000, key in "pk_[A-Za-z0-9_-]{1,64}") {
            for window in [Window::Minute, Window::Day] {
                let name = window.counter(&key, now);
                let then = now + later;
                let spent = is_spent(&name, leeway, then);
                prop_assert!(!spent || window.ends(now) + leeway + window.length() <= then);
                prop_assert!(is_spent(&name, leeway, now + 2 * window.length() + leeway));
            }
        }

        #[test]
        fn any_name_is_judged_without_a_panic(name in ".{0,60}", leeway: u64, now: u64) {
            prop_assert!(!is_spent(&name, leeway, now));
        }
    }
}
