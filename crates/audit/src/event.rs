use crate::{Barcode, Class, ClientId, Endpoint, Outcome, Picture, RequestId};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One request and how it ended. There is no field for free text, and none takes a [`secret::SecretText`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it was answered, in Unix milliseconds.
    pub at: u64,
    /// Which component answered.
    pub writer: Writer,
    /// What sort of request it was.
    pub kind: Kind,
    /// The request's name, as its answer shows it.
    pub request_id: RequestId,
    /// Which route.
    pub endpoint: Endpoint,
    /// With which method.
    pub method: Method,
    /// The client that it was about, as far as known. Whether the caller was that client is said by `proof`.
    pub client_id: Option<ClientId>,
    /// What the caller proved.
    pub proof: Proof,
    /// The product asked for, where it was one.
    pub barcode: Option<Barcode>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The answer's HTTP status.
    pub status: u16,
    /// The answer's `error` member, where it was a refusal.
    pub error: Option<Outcome>,
    /// Credits debited; negative where they were granted or given back.
    pub credits: i64,
    /// The rendition that was delivered, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// Events that this writer had to drop since its last one, because the log could not be reached.
    pub dropped: u32,
}

/// A component that writes events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The image component.
    Edge,
    /// The control component.
    Control,
}

/// What sort of request an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request for a picture.
    Image,
    /// A request to the catalogue or the account.
    Request,
    /// A token issued, refreshed, revoked or refused; a caller refused for its address.
    Authentication,
    /// An operator's request.
    Administration,
}

/// What the caller proved about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Nothing: the client is at most named.
    None,
    /// That it has a URL which the client signed or was given. Whoever sees a URL can repeat it.
    Url,
    /// That it has the client's own token or key, or the operator's.
    Credential,
}

/// The method, without the texts that a caller could make up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// Any other.
    Other,
}

impl Kind {
    /// How long events of this kind are kept.
    pub fn class(self) -> Class {
        match self {
            Self::Image | Self::Request => Class::Requests,
            Self::Authentication | Self::Administration => Class::Authentication,
        }
    }
}

impl Method {
    /// The method with this name.
    pub fn of(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// The texts that are stored. They are part of what is hashed, so they never change.
macro_rules! stored {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// The stored text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

stored!(Writer { Edge = "edge", Control = "control" });
stored!(Kind { Image = "image", Request = "request", Authentication = "authentication", Administration = "administration" });
stored!(Proof { None = "none", Url = "url", Credential = "credential" });
stored!(Method { Get = "GET", Head = "HEAD", Post = "POST", Put = "PUT", Patch = "PATCH", Delete = "DELETE", Other = "OTHER" });

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An event with every field set.
    pub fn event() -> Event {
        Event {
            at: 1_700_000_000_123,
            writer: Writer::Control,
            kind: Kind::Request,
            request_id: RequestId::new([1; 16]),
            endpoint: Endpoint::new("products/barcode"),
            method: Method::Get,
            client_id: Some(ClientId::parse("client_one").unwrap()),
            proof: Proof::Credential,
            barcode: Some(Barcode::parse("017000161563").unwrap()),
            ip: Some("203.0.113.7".parse().unwrap()),
            status: 403,
            error: Some(Outcome::new("out_of_scope")),
            credits: 0,
            picture: None,
            dropped: 0,
        }
    }

    #[test]
    fn the_stored_texts_are_the_ones_on_the_wire() {
        for method in [
            Method::Get,
            Method::Head,
            Method::Post,
            Method::Put,
            Method::Patch,
            Method::Delete,
        ] {
            assert_eq!(Method::of(method.as_str()), method);
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        }
        assert_eq!(Method::of("get"), Method::Other);
        for kind in [Kind::Image, Kind::Request, Kind::Authentication, Kind::Administration] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for proof in [Proof::None, Proof::Url, Proof::Credential] {
            assert_eq!(serde_json::to_value(proof).unwrap(), proof.as_str());
        }
    }

    #[test]
    fn a_member_that_an_event_does_not_have_is_refused() {
        let mut value = serde_json::to_value(event()).unwrap();
        assert_eq!(serde_json::from_value::<Event>(value.clone()).unwrap(), event());
        value["url"] = "https://a.example/?sig=x".into();
        assert!(serde_json::from_value::<Event>(value).is_err());
    }
}
