//! Unix seconds as a date and a time of day in UTC, in the proleptic Gregorian calendar.

/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// A moment as clocks on a wall show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// From 1970.
    pub year: u64,
    /// 1 to 12.
    pub month: u64,
    /// 1 to 31.
    pub day: u64,
    /// 0 to 23.
    pub hour: u64,
    /// 0 to 59.
    pub minute: u64,
    /// 0 to 59: Unix time has no leap seconds.
    pub second: u64,
}

impl DateTime {
    /// The moment `seconds` after the start of 1970.
    ///
    /// Years are counted from March, so that the leap day is the last of a year and the lengths of the months before it follow
    /// one linear rule: 153 days in any five months (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    pub fn utc(seconds: u64) -> Self {
        // 719,468 days lie between 0000-03-01 and 1970-01-01; 400 years are always 146,097 days.
        let days = seconds / DAY + 719_468;
        let (cycle, day) = (days / 146_097, days % 146_097);
        // Take out the leap days before this day; the last day of the cycle is itself one.
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let march_based = (5 * day + 2) / 153;
        let month = match march_based {
            ..10 => march_based + 3,
            _ => march_based - 9,
        };
        Self {
            year: cycle * 400 + year + u64::from(month <= 2),
            month,
            day: day - (153 * march_based + 2) / 5 + 1,
            hour: seconds % DAY / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }

    /// Days of its month, 28 to 31.
    pub fn days_in_month(&self) -> u64 {
        let leap = self.year.is_multiple_of(4) && !self.year.is_multiple_of(100) || self.year.is_multiple_of(400);
        match self.month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts every day of four centuries and more with nothing but the lengths of the months.
    #[test]
    fn the_calendar_agrees_with_counting() {
        let mut date = (1970, 1, 1);
        for days in 0..200_000 {
            let found = DateTime::utc(days * DAY);
            let (year, month, day) = date;
            assert_eq!((found.year, found.month, found.day), date);
            date = if day < found.days_in_month() {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(date.0, 2517);
    }

    #[test]
    fn the_time_of_day() {
        let time = |seconds| {
            let moment = DateTime::utc(seconds);
            (moment.hour, moment.minute, moment.second)
        };
        assert_eq!(time(0), (0, 0, 0));
        assert_eq!(time(1_700_000_000), (22, 13, 20));
        assert_eq!(time(DAY - 1), (23, 59, 59));
        assert!((1..=12).contains(&DateTime::utc(u64::MAX).month), "no trap");
    }
}
