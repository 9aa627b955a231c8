/// Whether a text is a label of a name (RFC 1123 section 2.1) in its lower-case spelling: 1 to 63 letters, digits and inner
/// hyphens. Projects and named origins are called so.
pub fn is_label(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for text in ["a", "my-photos2", "0", "a--b", &"a".repeat(63)] {
            assert!(is_label(text), "{text}");
        }
        for text in ["", "-a", "a-", "My", "a/b", "a_b", "a.b", "é", " a", &"a".repeat(64)] {
            assert!(!is_label(text), "{text}");
        }
    }
}
