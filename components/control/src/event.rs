//! One line of JSON per request, for the operator. It never holds a token, a key or a secret.

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
    /// The client, once it proved who it is.
    pub client_id: Option<String>,
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
}
