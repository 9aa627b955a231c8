//! A request, and its body as it arrives.

use crate::refusal::Refusal;
use futures::StreamExt;
use futures::stream::LocalBoxStream;
use problem::Code;
use serde::de::DeserializeOwned;
use std::net::IpAddr;

/// Longest JSON body in bytes.
pub const MAX_JSON: usize = 64 * 1024;

/// A request.
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent: nothing is decoded or collapsed.
    pub path: String,
    /// The query, as sent.
    pub query: String,
    /// Header names in lower case, and values, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Whom the host talked to: the client, or the proxy in front.
    pub peer: Option<IpAddr>,
    /// The body.
    pub body: Body,
}

/// A body, in the pieces in which it arrives. A piece that failed is the last.
pub struct Body(pub LocalBoxStream<'static, Result<Vec<u8>, BodyLost>>);

/// The caller stopped sending before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLost;

impl Request {
    /// The values of a header, in their order.
    pub fn values<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_slice())
    }

    /// A header that stands at most once and is visible ASCII; a refusal otherwise, because it has no one meaning.
    pub fn header(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) if value.iter().all(|b| (0x20..0x7f).contains(b)) => {
                Ok(Some(str::from_utf8(value).unwrap_or_default()))
            }
            _ => Err(Code::BadRequest.into()),
        }
    }

    /// The JSON object of the body, read strictly: see [`json`]. An empty body is `absent`.
    pub async fn json<T: DeserializeOwned>(self, absent: Code) -> Result<T, Refusal> {
        json(&self.json_bytes(absent).await?)
    }

    /// The bytes of a body that says it is JSON. An empty body is `absent`.
    pub async fn json_bytes(self, absent: Code) -> Result<Vec<u8>, Refusal> {
        let media_type = self.header("content-type")?.map(is_json);
        let body = self.body.bytes(MAX_JSON).await?;
        match media_type {
            _ if body.is_empty() => Err(absent.into()),
            Some(true) => Ok(body),
            _ => Err(Code::UnsupportedMediaType.into()),
        }
    }
}

impl Body {
    /// A body that is there already.
    pub fn of(bytes: Vec<u8>) -> Self {
        let pieces = (!bytes.is_empty()).then_some(Ok(bytes));
        Self(futures::stream::iter(pieces).boxed_local())
    }

    /// The whole body, of at most `most` bytes.
    pub async fn bytes(mut self, most: usize) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.0.next().await {
            let piece = piece.map_err(|BodyLost| Refusal::because(Code::BadRequest, "the body was cut off"))?;
            if piece.len() > most.saturating_sub(bytes.len()) {
                return Err(Code::PayloadTooLarge.into());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

/// Reads one JSON object into a structure that refuses members it does not know (`deny_unknown_fields`). Derived
/// deserialisation refuses members that stand twice, however they are spelled; that it also takes an array is prevented here.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let start = body.iter().find(|b| !b.is_ascii_whitespace());
    if start != Some(&b'{') {
        return Err(Code::BadRequest.into());
    }
    // The reason can hold a piece of the body, which can be a secret: it is dropped.
    serde_json::from_slice(body).map_err(|_| Code::BadRequest.into())
}

/// `application/json`, with a charset that changes nothing (RFC 8259 section 8.1: JSON is UTF-8).
fn is_json(value: &str) -> bool {
    let (kind, parameter) = value.split_once(';').unwrap_or((value, ""));
    let parameter = parameter.trim();
    kind.trim().eq_ignore_ascii_case("application/json")
        && (parameter.is_empty()
            || parameter.eq_ignore_ascii_case("charset=utf-8")
            || parameter.eq_ignore_ascii_case("charset=\"utf-8\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Member {
        a: Option<u8>,
    }

    #[test]
    fn an_object_is_read_strictly() {
        assert_eq!(json(b" {\"a\":1}\n"), Ok(Member { a: Some(1) }));
        assert_eq!(json(b"{}"), Ok(Member { a: None }));
        for text in [
            "",
            "[1]",
            "1",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"a\":1,\"b\":2}",
            "{\"a\":1}{}",
            "{\"a\":256}",
            "{\"a\":",
            "\u{feff}{}",
        ] {
            assert_eq!(json::<Member>(text.as_bytes()), Err(Code::BadRequest.into()), "{text}");
        }
    }

    #[test]
    fn media_types() {
        for value in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=UTF-8",
        ] {
            assert!(is_json(value), "{value}");
        }
        for value in [
            "",
            "text/json",
            "application/jsonp",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!is_json(value), "{value}");
        }
    }

    #[test]
    fn a_body_is_bounded() {
        assert_eq!(block_on(Body::of(vec![1; 9]).bytes(9)), Ok(vec![1; 9]));
        assert_eq!(
            block_on(Body::of(vec![1; 10]).bytes(9)),
            Err(Code::PayloadTooLarge.into())
        );
        let cut = futures::stream::iter([Ok(vec![1]), Err(BodyLost)]).boxed_local();
        assert_eq!(
            block_on(Body(cut).bytes(9)).map_err(|refusal| refusal.code),
            Err(Code::BadRequest)
        );
    }
}
