use crate::Error;
use serde::{Deserialize, Serialize};

const ALGORITHM: &str = "HS256";
const MAX_KEY_ID: usize = 32;

/// The JOSE header. It holds these three members and no others: what a key may be used for is not for a token to say.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    alg: String,
    typ: String,
    kid: String,
}

impl Header {
    pub(crate) fn new(typ: &str, kid: &str) -> Self {
        Self {
            alg: ALGORITHM.to_owned(),
            typ: typ.to_owned(),
            kid: kid.to_owned(),
        }
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Reads a header that says exactly what ours say of tokens of this type.
    pub(crate) fn parse(json: &[u8], typ: &str) -> Result<Self, Error> {
        let header: Self = crate::json::object(json).ok_or(Error::Header)?;
        if header.alg == ALGORITHM && header.typ == typ && is_key_id(&header.kid) {
            Ok(header)
        } else {
            Err(Error::Header)
        }
    }
}

/// `^[A-Za-z0-9_-]{1,32}$`: never a path, a URL or a query.
pub(crate) fn is_key_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=MAX_KEY_ID).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j6_key_ids() {
        for id in ["a", "A-_9", &"k".repeat(32)] {
            assert!(is_key_id(id), "{id}");
        }
        for id in [
            "",
            "../../dev/null",
            "k' OR 1=1--",
            "a b",
            "k\0",
            "ä",
            "a=",
            &"k".repeat(33),
            &"k".repeat(10_240),
        ] {
            assert!(!is_key_id(id), "{id}");
        }
    }
}
