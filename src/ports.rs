//! What the image component needs from its host: key-value, an atomic increment, outbound HTTP, a clock, randomness, a log.

use netaddr::Source;

/// A part of the host that did not answer. The reason goes to the operator's log, never to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an original could not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchError {
    /// The host's allow list or address policy refused the origin.
    Denied,
    /// The origin has nothing there.
    NotFound,
    /// The origin could not be reached, or answered with something else than an original.
    Failed,
    /// The origin took too long.
    TimedOut,
    /// The original is longer than allowed.
    TooLarge,
}

/// Everything outside the component.
#[allow(
    async_fn_in_trait,
    reason = "one thread, one executor: no bound on the futures is needed"
)]
pub trait Host {
    /// An original's bytes, and whatever the host ties to their life.
    type Original: AsRef<[u8]>;

    /// Reads a record.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Writes a record.
    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Unavailable>;

    /// Adds to a counter in one step and returns its new value. A lost answer may have been counted: it is never asked twice.
    fn increment(&self, key: &str, delta: i64) -> Result<i64, Unavailable>;

    /// Fetches an original of at most `most` bytes.
    async fn fetch(&self, source: &Source, most: u64) -> Result<Self::Original, FetchError>;

    /// Unix milliseconds.
    fn now(&self) -> u64;

    /// 16 unpredictable bytes.
    fn random(&self) -> [u8; 16];

    /// Writes one line to the operator's log.
    fn log(&self, line: &str);
}
