/// How long an entry is kept. Every class is a chain of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Requests for pictures, products and accounts: 90 days.
    Requests,
    /// Authentication and administration: 400 days, for investigations.
    Authentication,
}

impl Class {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Requests, Self::Authentication];

    /// The stored name of the chain.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Authentication => "authentication",
        }
    }

    /// The class with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }

    /// Days that an entry is kept.
    pub fn days(self) -> u64 {
        match self {
            Self::Requests => 90,
            Self::Authentication => 400,
        }
    }

    /// Entries older than this may be cut off. Both times are Unix milliseconds.
    pub fn cutoff(self, now: u64) -> u64 {
        now.saturating_sub(self.days() * 86_400_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn authentication_is_kept_longer() {
        const DAY: u64 = 86_400_000;
        assert_eq!(Kind::Request.class().cutoff(1000 * DAY), 910 * DAY);
        assert_eq!(Kind::Administration.class().cutoff(1000 * DAY), 600 * DAY);
        assert_eq!(Class::Requests.cutoff(1), 0);
        assert!(
            Class::ALL
                .iter()
                .all(|class| Class::parse(class.as_str()) == Some(*class))
        );
    }
}
