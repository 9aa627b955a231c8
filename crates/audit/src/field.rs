use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Names one request. It is made of the 16 random bytes that the answer's `X-Request-ID` shows, never of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

/// The accountable client: 1 to 64 letters, digits, hyphens, underscores and dots.
///
/// What looks like one of our secrets is refused: `sk_…`, `rt_…`, and `ey…`, which every JSON web token starts with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// A barcode: 8 to 14 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Barcode(String);

/// Names a route, such as `products/barcode`: never a request's own path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint(Cow<'static, str>);

/// Which public text a refusal had: a constant of this program, such as `out_of_scope`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Outcome(Cow<'static, str>);

impl RequestId {
    const PREFIX: &'static str = "req_";

    /// The id with these random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Reads the text form, `req_` and 22 characters of base64url.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = text
            .strip_prefix(Self::PREFIX)
            .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(Error::Field("request_id"))
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Serialize for RequestId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl ClientId {
    /// Takes a client's id.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        let secret = ["sk_", "rt_", "ey"].iter().any(|prefix| text.starts_with(prefix));
        if plain && !secret && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Field("client_id"))
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Barcode {
    /// Takes a barcode's digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.bytes().all(|b| b.is_ascii_digit()) && (8..=14).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Field("barcode"))
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Endpoint {
    /// A route's name. Only texts of the program itself live long enough.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Outcome {
    /// The `error` text of a refusal. Only texts of the program itself live long enough.
    pub const fn new(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// The other component's names arrive as text. The parcel they came in has proven that it wrote them.
impl TryFrom<String> for Endpoint {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-".contains(&b));
        (plain && (1..=32).contains(&text.len()))
            .then_some(Self(Cow::Owned(text)))
            .ok_or(Error::Field("endpoint"))
    }
}

impl TryFrom<String> for Outcome {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b" _:-".contains(&b));
        (plain && (1..=64).contains(&text.len()))
            .then_some(Self(Cow::Owned(text)))
            .ok_or(Error::Field("error"))
    }
}

impl TryFrom<String> for ClientId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for Barcode {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0.into_owned()
    }
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> Self {
        outcome.0.into_owned()
    }
}

impl From<ClientId> for String {
    fn from(client: ClientId) -> Self {
        client.0
    }
}

impl From<Barcode> for String {
    fn from(barcode: Barcode) -> Self {
        barcode.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l5_what_looks_like_a_secret_fits_no_field() {
        for secret in [
            "sk_live_0123456789abcdefghijklmnopqrstuvwxyz",
            "rt_0123456789abcdefghijklmnopqrstuvwxyz01234567",
            "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
            "https://a.example/i/x?sig=abc",
        ] {
            assert_eq!(ClientId::parse(secret), Err(Error::Field("client_id")));
            assert_eq!(Barcode::parse(secret), Err(Error::Field("barcode")));
            assert!(RequestId::parse(secret).is_err());
            assert!(Endpoint::try_from(secret.to_owned()).is_err());
        }
    }

    #[test]
    fn request_ids_are_sixteen_bytes() {
        let id = RequestId::new([7; 16]);
        assert_eq!(id.to_string(), "req_BwcHBwcHBwcHBwcHBwcHBw");
        assert_eq!(RequestId::parse(&id.to_string()), Ok(id));
        for text in [
            "",
            "req_",
            "req_AA",
            "BwcHBwcHBwcHBwcHBwcHBw",
            "req_BwcHBwcHBwcHBwcHBwcHBw\n",
        ] {
            assert!(RequestId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn barcodes_have_eight_to_fourteen_digits() {
        assert!(Barcode::parse("12345678").is_ok() && Barcode::parse("12345678901234").is_ok());
        for text in ["1234567", "123456789012345", "1234567x", "１２３４５６７８"] {
            assert!(Barcode::parse(text).is_err(), "{text}");
        }
    }
}
