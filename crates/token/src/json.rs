//! JSON objects, read without any of the freedom that deserialisation allows.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};

/// Reads one JSON object, with nothing before or after it but white space at the end. Derived deserialisation also takes an
/// array for a structure; a token's parts are objects (RFC 7515 section 4, RFC 7519 section 7.2).
///
/// Members that stand twice, however they are spelled, are refused by derived deserialisation itself.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}

/// For an optional member: it is absent or it has a value. `null` is neither.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
