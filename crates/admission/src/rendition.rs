use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Seconds that a kept rendition is used without asking for its original again: half a day.
pub const RENDITION_PERIOD: u64 = 43_200;

/// Seconds for which one request at a time makes a rendition that is not there: after that another may, because the first one
/// may have died.
pub(crate) const FILLING_PERIOD: u64 = 10;

pub(crate) const RENDITION: &str = "rendition";
pub(crate) const FILLING: &str = "filling";

/// The names of one rendition in the store that renditions are kept in.
///
/// A name carries the period that the original was read in, so that what is old is not found, and the janitor knows it by its name.
/// The periods of renditions begin at different times, so that their originals are not all asked for at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenditionName {
    id: String,
    phase: u64,
}

impl RenditionName {
    /// The names of the rendition with this id, which is as good as random.
    pub fn new(id: [u8; 16]) -> Self {
        Self {
            id: URL_SAFE_NO_PAD.encode(id),
            phase: u64::from_be_bytes(std::array::from_fn(|i| id[i])) % RENDITION_PERIOD,
        }
    }

    /// Where it is at `now` (Unix seconds), if its original was read in this period.
    pub fn current(&self, now: u64) -> String {
        self.entry(self.number(now))
    }

    /// Where it is if that was in the period before.
    pub fn before(&self, now: u64) -> String {
        self.entry(self.number(now).saturating_sub(1))
    }

    /// The counter that says whether somebody is making it: whoever makes it 1 is.
    pub fn filling(&self, now: u64) -> String {
        format!("{FILLING}/{}/{}", now / FILLING_PERIOD, self.id)
    }

    fn number(&self, now: u64) -> u64 {
        now.saturating_add(self.phase) / RENDITION_PERIOD
    }

    fn entry(&self, number: u64) -> String {
        format!("{RENDITION}/{number}/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_spent;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_is_current_for_a_period_and_then_before_for_another(
            id: [u8; 16], now in 0u64..10_000_000_000, later in 0..3 * RENDITION_PERIOD,
        ) {
            let name = RenditionName::new(id);
            let (kept, then) = (name.current(now), now + later);
            if name.current(then) == kept || name.before(then) == kept {
                prop_assert!(later < 2 * RENDITION_PERIOD);
                prop_assert!(name.current(then) != kept || later < RENDITION_PERIOD);
                prop_assert!(!is_spent(&kept, 0, then), "it is still looked for");
            } else {
                prop_assert!(later >= RENDITION_PERIOD);
            }
            prop_assert!(is_spent(&kept, 0, now + 3 * RENDITION_PERIOD));
            prop_assert!(!is_spent(&name.filling(now), 0, now + FILLING_PERIOD));
            prop_assert!(is_spent(&name.filling(now), 0, now + 2 * FILLING_PERIOD));
        }
    }

    #[test]
    fn renditions_begin_their_periods_at_different_times() {
        let changes = |id| {
            let name = RenditionName::new(id);
            (0..RENDITION_PERIOD).find(|now| name.current(*now) != name.current(*now + 1))
        };
        assert_ne!(changes([7; 16]), changes([8; 16]));
    }
}
