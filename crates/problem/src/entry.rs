/// What a caller sees of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The HTTP status.
    pub status: u16,
    /// The exact text that integrations match on.
    pub error: &'static str,
    /// What the caller can do about it.
    pub message: &'static str,
    /// The scheme that a 401 asks for (RFC 9110 section 11.6.1).
    pub challenge: &'static str,
    /// After how many seconds a 503 is worth another try.
    pub retry_after: u64,
}
