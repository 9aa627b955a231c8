/// The code in an S3 error body, such as `SignatureDoesNotMatch` (Amazon S3 API Reference, "Error responses").
///
/// Only this one word: the rest of such a body repeats parts of the request and what was signed.
pub fn error_code(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    let word = (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    word.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_or_nothing() {
        let body = |code: &str| {
            format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><AWSAccessKeyId>AK</AWSAccessKeyId></Error>")
        };
        assert_eq!(error_code(body("NoSuchKey").as_bytes()), Some("NoSuchKey"));
        for code in ["", "two words", "line\nbreak", "<b>", &"x".repeat(65)] {
            assert_eq!(error_code(body(code).as_bytes()), None, "{code:?}");
        }
        for text in [&b"<Code>"[..], b"", b"\xff<Code>A</Code>", b"</Code><Code>"] {
            assert_eq!(error_code(text), None);
        }
    }
}
