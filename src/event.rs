//! What is told of a request: one line of JSON for the operator, and an event for the audit log. Neither ever holds a signature, a
//! secret or a signed URL.

use crate::request::Request;
use audit::{ClientId, Endpoint, Kind, Method, Outcome, Proof, RequestId, Writer};
use imaging::{OutputFormat, Unmarked};
use serde_json::json;
use std::net::IpAddr;

/// What is known of a request so far; filled along the path, written once.
#[derive(Debug, Default)]
pub struct Event {
    /// Names the request, also in the answer.
    pub request_id: String,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The public key, once its record was found.
    pub public_key: Option<String>,
    /// The accountable client, once the key's record was found.
    pub client_id: Option<String>,
    /// The reference that the invisible mark carries, once the URL was verified.
    pub reference: Option<String>,
    /// The tag of the client's own viewer, where the URL names one: it is his that the mark leads to. Never the name.
    pub viewer: Option<[u8; 8]>,
    /// Where the original is, once the request may have it: the address that it is fetched from, without its query, which could hold a secret.
    pub source: Option<String>,
    /// What is made of it, in canonical form.
    pub operations: Option<String>,
    /// In which format it was delivered.
    pub format: Option<OutputFormat>,
    /// Which rendition it was, where that can be traced.
    pub variant: Option<[u8; 32]>,
    /// Whether it was made of a rendition that had been kept.
    pub kept: bool,
    /// Whether the delivered picture can be expected to name its client after an attack.
    pub traceable: Option<bool>,
    /// What went wrong inside, in the operator's words.
    pub detail: Option<String>,
}

impl Event {
    /// Takes down which rendition the answer is made of.
    pub fn seen(&mut self, unmarked: &Unmarked) {
        self.traceable = Some(unmarked.is_traceable());
        self.format = Some(unmarked.format());
        self.variant = unmarked.variant().map(|variant| variant.0);
    }

    /// The line, without its end.
    pub fn line(&self, status: u16, error: Option<&str>, bytes: usize, now: u64) -> String {
        json!({
            "time": now,
            "request_id": self.request_id,
            "ip": self.client.map(|address| address.to_string()),
            "public_key": self.public_key,
            "client_id": self.client_id,
            "reference": self.reference,
            "viewer": self.viewer.map(hex),
            "source": self.source,
            "operations": self.operations,
            "format": self.format.map(OutputFormat::name),
            "variant": self.variant.map(hex),
            "kept": self.kept,
            "traceable": self.traceable,
            "status": status,
            "error": error,
            "bytes": bytes,
            "detail": self.detail,
        })
        .to_string()
    }

    /// The rendition that the answer is made of, as the audit log keeps it.
    fn picture(&self) -> Option<audit::Picture> {
        let picture = audit::Unchecked {
            source: self.source.clone()?,
            operations: self.operations.clone()?,
            format: self.format?.name().to_owned(),
            variant: self.variant.map(hex),
            traceable: self.traceable?,
            viewer: self.viewer.map(hex),
        };
        picture.try_into().ok()
    }

    /// What the audit log keeps. A client that is only named, by a URL that does not prove it, is kept as such.
    pub fn audited(&self, request: &Request, answer: &Answered, now: u64) -> audit::Event {
        audit::Event {
            at: now,
            writer: Writer::Edge,
            kind: Kind::Image,
            request_id: RequestId::new(answer.random),
            endpoint: Endpoint::new(match request.path.as_str() {
                path if path.starts_with("/api/v1/") => "image/v1",
                path if path.starts_with("/v2/") => "image/v2",
                path if path.starts_with("/i/") => "image/one-shot",
                _ => "none",
            }),
            method: Method::of(&request.method),
            client_id: self.client_id.as_deref().and_then(|id| ClientId::parse(id).ok()),
            proof: match self.reference {
                Some(_) => Proof::Url,
                None => Proof::None,
            },
            barcode: None,
            ip: self.client,
            status: answer.status,
            error: answer.error.map(Outcome::new),
            credits: 0,
            picture: self.picture(),
            dropped: 0,
        }
    }
}

/// How a request ended.
pub struct Answered {
    /// The bytes that its name is made of.
    pub random: [u8; 16],
    /// The HTTP status.
    pub status: u16,
    /// The `error` text of a refusal.
    pub error: Option<&'static str>,
}

/// Bytes as hexadecimal digits.
fn hex<const N: usize>(bytes: [u8; N]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
