//! Numbers in their one valid spelling: digits only, no sign, no leading zero.

/// Reads a non-negative integer in `min..=max`; `None` if it is anything else or not in its shortest form.
pub(crate) fn integer(text: &str, min: u32, max: u32) -> Option<u32> {
    let bytes = text.as_bytes();
    let shortest = matches!(bytes, [b'0'] | [b'1'..=b'9', ..]);
    if !shortest || bytes.len() > 10 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = text.parse::<u32>().ok()?;
    (min..=max).contains(&value).then_some(value)
}

/// Reads an unsigned decimal such as `0.5`, `12` or `33.3` (no exponent, no sign, digits on both sides of the point).
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| (1..=9).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_spelling() {
        assert_eq!(integer("0", 0, 9), Some(0));
        assert_eq!(integer("8192", 1, 8192), Some(8192));
        for text in [
            "",
            "00",
            "08",
            "+8",
            "-8",
            "8 ",
            " 8",
            "8.0",
            "8e1",
            "٨",
            "99999999999",
            "10",
        ] {
            assert_eq!(integer(text, 0, 9), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_plain() {
        assert_eq!(decimal("0.5"), Some(0.5));
        assert_eq!(decimal("12"), Some(12.0));
        for text in ["", ".", ".5", "5.", "1e3", "inf", "NaN", "-1", "+1", "1.2.3"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
