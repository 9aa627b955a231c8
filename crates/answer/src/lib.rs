//! Answers: pictures, JSON and problems, with the headers that each must have.

use problem::{Entry, MEDIA_TYPE, Problem};

/// An answer, ready for any host.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body. A host drops it for HEAD and keeps its length.
    pub body: Vec<u8>,
}

/// Headers that every answer has. A picture opened as a document can run nothing and embed nothing.
const ALWAYS: [(&str, &str); 4] = [
    ("content-security-policy", "default-src 'none'; sandbox"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("referrer-policy", "no-referrer"),
];

impl Answer {
    /// An answer with its body and the headers that every answer has.
    pub fn new(status: u16, request_id: &str, media_type: &str, body: Vec<u8>) -> Self {
        let mut headers: Vec<_> = ALWAYS
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        headers.push(("content-type", media_type.to_owned()));
        // Without a length some hosts send chunks, each in a packet of its own.
        headers.push(("content-length", body.len().to_string()));
        headers.push(("x-request-id", request_id.to_owned()));
        Self { status, headers, body }
    }

    /// A 304 for a picture that the caller has: no body, and none of the headers that describe one.
    pub fn not_modified(request_id: &str) -> Self {
        let mut answer = Self::new(304, request_id, "", Vec::new());
        answer
            .headers
            .retain(|(name, _)| !matches!(*name, "content-type" | "content-length"));
        answer
    }

    /// An answer to HEAD where nothing was rendered, so that nothing is known of a body.
    pub fn head(request_id: &str) -> Self {
        Self {
            status: 200,
            ..Self::not_modified(request_id)
        }
    }

    /// A JSON body that no cache may keep.
    pub fn json(status: u16, request_id: &str, body: Vec<u8>) -> Self {
        let mut answer = Self::new(status, request_id, "application/json", body);
        answer.header("cache-control", "no-store".to_owned());
        answer
    }

    /// An error body. Nothing of it may be kept by a cache.
    pub fn problem(reason: impl Into<Entry>, request_id: &str) -> Self {
        let entry = reason.into();
        let body = Problem::new(entry, request_id).to_json();
        let mut answer = Self::new(entry.status, request_id, MEDIA_TYPE, body);
        answer.header("cache-control", "no-store".to_owned());
        match entry.status {
            // RFC 9110 section 15.5.2: a 401 names its scheme.
            401 => answer.header("www-authenticate", entry.challenge.to_owned()),
            503 => answer.header("retry-after", entry.retry_after.to_string()),
            _ => {}
        }
        answer
    }

    /// Adds a header.
    pub fn header(&mut self, name: &'static str, value: String) {
        self.headers.push((name, value));
    }

    /// Adds headers that are numbers.
    pub fn numbers(&mut self, headers: impl Iterator<Item = (&'static str, u64)>) {
        headers.for_each(|(name, value)| self.header(name, value.to_string()));
    }

    /// The value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(candidate, _)| *candidate == name)
            .map(|(_, value)| value.as_str())
    }
}
