use admission::{Limit, Window};

/// What a client pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// 30 requests a minute, 500 a day.
    Free,
    /// 60 a minute, 10,000 a day.
    Standard,
    /// As agreed: without limits of its own, none.
    Enterprise,
}

impl Tier {
    /// Reads its name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Free, Self::Standard, Self::Enterprise]
            .into_iter()
            .find(|tier| tier.name() == name)
    }

    /// As it is stored, and as access tokens carry it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Standard => "standard",
            Self::Enterprise => "enterprise",
        }
    }

    /// The limits of a client of this tier that may have limits of its own.
    pub fn limits(self, per_minute: Option<u64>, per_day: Option<u64>) -> Vec<Limit> {
        let (minute, day) = match self {
            Self::Free => (Some(30), Some(500)),
            Self::Standard => (Some(60), Some(10_000)),
            Self::Enterprise => (None, None),
        };
        [(Window::Minute, per_minute.or(minute)), (Window::Day, per_day.or(day))]
            .into_iter()
            .filter_map(|(window, limit)| Some((window, limit?)))
            .collect()
    }
}
