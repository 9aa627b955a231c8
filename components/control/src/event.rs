//! One line of JSON per request, for the operator. It never holds a token, a key or a secret.

use crate::route::Route;
use audit::{Barcode, ClientId, Endpoint, Kind, Method, Outcome, Proof, RequestId, Writer};
use serde_json::json;
use std::net::IpAddr;

/// What is known of a request so far; filled along the path, written once.
#[derive(Debug, Default)]
pub struct Event {
    /// Names the request, also in the answer.
    pub request_id: String,
    /// The client's address.
    pub address: Option<IpAddr>,
    /// The endpoint, once it was found.
    pub endpoint: Option<&'static str>,
    /// The same, for what depends on it.
    pub route: Option<Route>,
    /// The client, once it proved who it is.
    pub client_id: Option<String>,
    /// The client that an operator's request is about, or that a caller named without proving to be it.
    pub concerns: Option<ClientId>,
    /// Whether the operator's credential was right.
    pub operator: bool,
    /// The product asked for, where it was one.
    pub barcode: Option<Barcode>,
    /// Credits debited; negative where they were granted.
    pub credits: i64,
    /// What went wrong inside, in the operator's words.
    pub detail: Option<String>,
}

impl Event {
    /// The line, without its end.
    pub fn line(&self, status: u16, error: Option<&str>, now: u64) -> String {
        json!({
            "time": now,
            "request_id": self.request_id,
            "ip": self.address.map(|address| address.to_string()),
            "endpoint": self.endpoint,
            "client_id": self.client_id,
            "status": status,
            "error": error,
            "detail": self.detail,
        })
        .to_string()
    }

    /// What sort of request the audit takes it for; none: it is not in the log.
    pub fn kind(&self, error: Option<&str>) -> Option<Kind> {
        match self.route {
            // A caller whose address is not on the list holds a credential that may have been stolen.
            Some(route) if error == Some("client_ip_not_allowed") => route.kind().map(|_| Kind::Authentication),
            Some(route) => route.kind(),
            None => Some(Kind::Request),
        }
    }

    /// What the audit log keeps.
    pub fn audited(&self, answered: &Answered<'_>, now: u64) -> audit::Event {
        let proven = self.client_id.as_deref().and_then(|id| ClientId::parse(id).ok());
        let proof = match proven.is_some() || self.operator {
            true => Proof::Credential,
            false => Proof::None,
        };
        audit::Event {
            at: now,
            writer: Writer::Control,
            kind: answered.kind,
            request_id: RequestId::new(answered.random),
            endpoint: Endpoint::new(self.endpoint.unwrap_or("none")),
            method: Method::of(answered.method),
            client_id: proven.or_else(|| self.concerns.clone()),
            proof,
            barcode: self.barcode.clone(),
            ip: self.address,
            status: answered.status,
            error: answered.error.map(Outcome::new),
            credits: self.credits,
            picture: None,
            dropped: 0,
        }
    }
}

/// A request, and how it ended.
pub struct Answered<'a> {
    /// What sort of request it was.
    pub kind: Kind,
    /// The bytes that its name is made of.
    pub random: [u8; 16],
    /// Its method.
    pub method: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The `error` text of a refusal.
    pub error: Option<&'static str>,
}
