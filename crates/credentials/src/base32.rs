/// Crockford's alphabet in lower case: without `i`, `l`, `o` and `u`, so that nobody misreads it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The first `length` characters of the base32 of random bytes, five bits each.
pub(crate) fn encode(random: &[u8], length: usize) -> String {
    let bit = |at: usize| random.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let digit = |place: usize| {
        (0..5).fold(0usize, |digit, offset| {
            digit << 1 | usize::from(bit(place * 5 + offset))
        })
    };
    (0..length)
        .filter_map(|place| ALPHABET.get(digit(place)))
        .map(|digit| char::from(*digit))
        .collect()
}

/// Whether a text is made of these characters alone.
pub(crate) fn is_encoded(text: &str) -> bool {
    text.bytes().all(|byte| ALPHABET.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_bits_a_character() {
        assert_eq!(encode(&[0; 5], 8), "00000000");
        assert_eq!(encode(&[0xff; 5], 8), "zzzzzzzz");
        assert_eq!(
            encode(&[0b0000_1000, 0b1000_0110, 0b0100_0010, 0b1001_1000, 0b1110_1000], 8),
            "12345678"
        );
        assert!(is_encoded("0z") && !is_encoded("i") && !is_encoded("A") && !is_encoded("-"));
    }
}
