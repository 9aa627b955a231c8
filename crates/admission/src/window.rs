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

/// Decides over a request whose increment made the counter `count`.
pub fn decide(window: Window, limit: u64, count: i64, now: u64) -> Decision {
    match u64::try_from(count) {
        Ok(count) if count <= limit => Decision::Admit {
            remaining: limit - count,
        },
        // A negative counter was tampered with: refused like a full one.
        _ => Decision::Refuse {
            retry_after: window.remaining(now),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_admitted_and_the_next_is_not() {
        assert_eq!(decide(Window::Minute, 60, 1, 0), Decision::Admit { remaining: 59 });
        assert_eq!(decide(Window::Minute, 60, 60, 0), Decision::Admit { remaining: 0 });
        assert_eq!(decide(Window::Minute, 60, 61, 59), Decision::Refuse { retry_after: 1 });
        assert_eq!(
            decide(Window::Day, 1, 2, 86_400),
            Decision::Refuse { retry_after: 86_400 }
        );
    }

    #[test]
    fn a_limit_of_zero_and_a_broken_counter_admit_nothing() {
        assert!(matches!(decide(Window::Day, 0, 1, 5), Decision::Refuse { .. }));
        assert!(matches!(decide(Window::Day, 10, -1, 5), Decision::Refuse { .. }));
    }

    #[test]
    fn windows_have_counters_of_their_own() {
        assert_eq!(Window::Minute.counter("pk_a", 119), "count/m/1/pk_a");
        assert_eq!(Window::Minute.counter("pk_a", 120), "count/m/2/pk_a");
        assert_eq!(Window::Day.counter("pk_a", 120), "count/d/0/pk_a");
        assert_eq!(Window::Day.ends(86_399), 86_400);
        assert_eq!(Window::Minute.remaining(u64::MAX), 1);
    }
}
