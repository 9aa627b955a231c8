//! One line of JSON per request, for the operator. It never holds a signature, a secret or a signed URL.

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
    /// What went wrong inside, in the operator's words.
    pub detail: Option<String>,
}

impl Event {
    /// The line, without its end.
    pub fn line(&self, status: u16, error: Option<&str>, bytes: usize, now: u64) -> String {
        json!({
            "time": now,
            "request_id": self.request_id,
            "ip": self.client.map(|address| address.to_string()),
            "public_key": self.public_key,
            "client_id": self.client_id,
            "reference": self.reference,
            "status": status,
            "error": error,
            "bytes": bytes,
            "detail": self.detail,
        })
        .to_string()
    }
}
