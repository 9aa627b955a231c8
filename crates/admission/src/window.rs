/// Start of the names of all windows' counters.
pub(crate) const COUNT: &str = "count";

/// A span of time that requests are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Window {
    /// A minute of the clock.
    Minute,
    /// A day of UTC.
    Day,
}

/// What a counter's new value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The request is within the limit; so many more are.
    Admit {
        /// Requests left in the window.
        remaining: u64,
    },
    /// The request is beyond the limit.
    Refuse {
        /// Seconds until the next window.
        retry_after: u64,
    },
}

impl Window {
    /// Length in seconds.
    pub fn length(self) -> u64 {
        match self {
            Window::Minute => 60,
            Window::Day => 86_400,
        }
    }

    /// The counter's name for a key at `now` (Unix seconds). Counters have names of their own: no value is ever set under one.
    pub fn counter(self, public_key: &str, now: u64) -> String {
        format!("{COUNT}/{}/{}/{public_key}", self.letter(), self.number(now))
    }

    /// Names the window in its counters.
    pub(crate) fn letter(self) -> char {
        match self {
            Window::Minute => 'm',
            Window::Day => 'd',
        }
    }

    /// How many windows ended before `now`.
    pub(crate) fn number(self, now: u64) -> u64 {
        now / self.length()
    }

    /// Seconds until the next window, at least 1.
    pub(crate) fn remaining(self, now: u64) -> u64 {
        self.ends(now).saturating_sub(now).max(1)
    }

    /// When the window ends, in Unix seconds.
    pub fn ends(self, now: u64) -> u64 {
        self.number(now).saturating_add(1).saturating_mul(self.length())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_counters_of_their_own() {
        assert_eq!(Window::Minute.counter("pk_a", 119), "count/m/1/pk_a");
        assert_eq!(Window::Minute.counter("pk_a", 120), "count/m/2/pk_a");
        assert_eq!(Window::Day.counter("pk_a", 120), "count/d/0/pk_a");
        assert_eq!(Window::Day.ends(86_399), 86_400);
        assert_eq!(Window::Minute.remaining(u64::MAX), 1);
    }
}
