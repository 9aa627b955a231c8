//! Percent-encoding of paths (RFC 3986 section 2.1), one spelling per meaning.

use crate::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but what a path segment may hold as it is (RFC 3986 section 3.3) and the slash.
const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// Encodes what a path cannot hold as it is.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, &PATH).to_string()
}

/// Operations and source, decoded exactly once. Lower-case hexadecimal digits and control characters are refused, so that no
/// byte of a signed URL can change without changing what it says.
pub(crate) fn decode_path(operations: &str, source: &str) -> Result<(String, String), Error> {
    let (operations, source) = (decode(operations)?, decode(source)?);
    // A separator inside the operations would move the border between the two.
    if operations.is_empty() || source.is_empty() || operations.contains(['/', '?']) {
        return Err(Error::Path);
    }
    Ok((operations, source))
}

fn decode(text: &str) -> Result<String, Error> {
    for (at, _) in text.match_indices('%') {
        let digits = text.as_bytes().get(at + 1..at + 3).ok_or(Error::Path)?;
        if !digits
            .iter()
            .all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(digit))
        {
            return Err(Error::Path);
        }
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| Error::Path)?;
    if decoded.contains(char::is_control) {
        Err(Error::Path)
    } else {
        Ok(decoded.into_owned())
    }
}
