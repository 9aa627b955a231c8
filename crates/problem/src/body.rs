use crate::Entry;
use serde::Serialize;

/// The media type of an error body (RFC 9457 section 3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// An error body. `error` holds the exact text that integrations match on; the other members are RFC 9457's and ours.
#[derive(Debug, Serialize)]
pub struct Problem<'a> {
    /// Always `about:blank`: the status says what kind of problem it is, `error` says which.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    error: &'static str,
    message: &'static str,
    request_id: &'a str,
}

impl<'a> Problem<'a> {
    /// The body for a reason.
    pub fn new(reason: impl Into<Entry>, request_id: &'a str) -> Self {
        let Entry {
            status, error, message, ..
        } = reason.into();
        Self {
            kind: "about:blank",
            title: error,
            status,
            error,
            message,
            request_id,
        }
    }

    /// As JSON bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // Serialising plain strings and a number has no error case.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    #[test]
    fn the_body_is_what_integrations_parse() {
        let body = Problem::new(Reason::InvalidSignature, "req_1").to_json();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"], "Invalid or expired signature");
        assert_eq!(body["status"], 403);
        assert_eq!(body["type"], "about:blank");
        assert_eq!(body["request_id"], "req_1");
        assert!(body["title"].is_string() && body["message"].is_string());
    }
}
