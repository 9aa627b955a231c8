//! Numbers with a fraction, in their one valid spelling.

use std::fmt;

/// A decimal number of at most ten digits before the point and six behind it: exact, so that it can be compared and has one
/// spelling (no exponent, no `+`, no leading zero, no zero at the end of a fraction, no `-0`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal {
    millionths: i64,
}

/// Millionths of one.
const ONE: i64 = 1_000_000;

impl Decimal {
    /// A whole number.
    pub(crate) const fn whole(value: i32) -> Self {
        // 2^31 * 10^6 is below 2^51.
        Self {
            millionths: value as i64 * ONE,
        }
    }

    /// So many millionths.
    pub(crate) const fn millionths(millionths: i64) -> Self {
        Self { millionths }
    }

    /// Reads a number; `None` if it is none, or not in its shortest form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(magnitude) => (true, magnitude),
            None => (false, text),
        };
        let (whole, fraction) = match magnitude.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (magnitude, None),
        };
        let digits =
            |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let shortest = digits(whole, 10)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(|fraction| digits(fraction, 6) && !fraction.ends_with('0'));
        if !shortest {
            return None;
        }
        let fraction: i64 = format!("{:0<6}", fraction.unwrap_or_default()).parse().ok()?;
        let millionths = whole.parse::<i64>().ok()?.checked_mul(ONE)?.checked_add(fraction)?;
        if negative && millionths == 0 {
            return None;
        }
        Some(Self {
            millionths: if negative { -millionths } else { millionths },
        })
    }

    /// Reads a number in `min..=max`.
    pub(crate) fn within(text: &str, min: Self, max: Self) -> Option<Self> {
        Self::parse(text).filter(|value| (min..=max).contains(value))
    }

    /// The nearest binary number.
    pub fn value(self) -> f64 {
        // Below 2^54: at most the last bit is rounded.
        self.millionths as f64 / ONE as f64
    }

    /// The remainder, not negative, of a division by a whole number.
    pub(crate) fn modulo(self, whole: i32) -> Self {
        Self {
            millionths: self.millionths.rem_euclid(Self::whole(whole).millionths.max(1)),
        }
    }

    /// A side times this, rounded to whole pixels; `None` if it is not in `1..=max`.
    pub(crate) fn times(self, side: u32, max: u32) -> Option<u32> {
        let product = self.millionths.checked_mul(i64::from(side))?.checked_add(ONE / 2)? / ONE;
        u32::try_from(product).ok().filter(|side| (1..=max).contains(side))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, magnitude) = (
            if self.millionths < 0 { "-" } else { "" },
            self.millionths.unsigned_abs(),
        );
        let (whole, fraction) = (magnitude / ONE.unsigned_abs(), magnitude % ONE.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        for text in ["0", "1", "-1", "0.5", "-0.000001", "12.34", "9999999999.999999", "100"] {
            assert_eq!(
                Decimal::parse(text).map(|value| value.to_string()),
                Some(text.to_owned())
            );
        }
        for text in [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "-0",
            "-0.0",
            "0.50",
            "1.0",
            "01",
            "00",
            "+1",
            "1e3",
            "NaN",
            "inf",
            "1.2.3",
            "--1",
            " 1",
            "1 ",
            "٨",
            "0.0000001",
            "10000000000",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse("-1.25").map(Decimal::value), Some(-1.25));
    }

    #[test]
    fn sides_are_multiplied_and_bounded() {
        let times = |text, side| Decimal::parse(text).and_then(|value| value.times(side, 8192));
        assert_eq!(times("2", 400), Some(800));
        assert_eq!(times("1.5", 333), Some(500));
        assert_eq!(times("3", 4000), None);
        assert_eq!(times("0.0001", 4), None);
        assert_eq!(Decimal::whole(-90).modulo(360), Decimal::whole(270));
    }

    proptest! {
        #[test]
        fn spelling_reads_back(millionths in -9_999_999_999_999_999i64..=9_999_999_999_999_999) {
            let value = Decimal { millionths };
            prop_assert_eq!(Decimal::parse(&value.to_string()), Some(value));
        }
    }
}
