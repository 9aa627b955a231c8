//! What the image component needs from its host: key-value, an atomic increment, outbound HTTP, a clock, randomness, a log.

use crate::circuits::Circuits;
use std::time::Duration;

/// A part of the host that did not answer. The reason goes to the operator's log, never to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an original could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host's allow list or address policy refused the origin.
    #[error("the host does not allow requests to this origin")]
    Denied,
    /// The origin has nothing there.
    #[error("the origin has nothing there")]
    NotFound,
    /// No connection was made, so the origin has not seen the request.
    #[error("the origin cannot be reached")]
    Unreachable,
    /// The connection ended, or brought no HTTP, before there was an answer.
    #[error("the origin did not answer")]
    Failed,
    /// The origin answered, but not with an original.
    #[error("the origin answered {status} {code}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The code in an object store's error body, or nothing.
        code: String,
    },
    /// The answer ended before the original did.
    #[error("the origin's answer broke off")]
    Cut,
    /// The origin took too long.
    #[error("the origin took too long")]
    TimedOut,
    /// The original is longer than allowed.
    #[error("the original is too long")]
    TooLarge,
}

/// A request for an original. Its headers may hold a signature, so it cannot be printed.
pub struct Fetch {
    /// The address.
    pub url: String,
    /// Headers that say who asks, for an object store.
    pub headers: Vec<(&'static str, String)>,
    /// Most bytes that the original may have.
    pub most: u64,
    /// For everything together.
    pub within: Duration,
}

/// Who uses an original's bytes before all of them are there. That they came does not mean that the rest will.
pub type Taker<'a> = &'a mut dyn FnMut(&mut Vec<u8>);

/// The store of records, claims and counters: the one that every deployment has.
pub const RECORDS: &str = "default";

/// Everything outside the component.
#[allow(
    async_fn_in_trait,
    reason = "one thread, one executor: no bound on the futures is needed"
)]
pub trait Host {
    /// An original's bytes, as far as they were not taken while they came, and whatever the host ties to its life.
    type Original: AsRef<[u8]>;

    /// Reads what is stored under a name in the store of this label.
    async fn get(&self, store: &str, name: &str) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Writes it.
    async fn set(&self, store: &str, name: &str, value: &[u8]) -> Result<(), Unavailable>;

    /// Adds to a counter in one step and returns its new value. A lost answer may have been counted: it is never asked twice.
    fn increment(&self, store: &str, name: &str, delta: i64) -> Result<i64, Unavailable>;

    /// Fetches an original: one request, no redirect. `taker` is shown what there is each time that something has been added at its
    /// end, and may take all of it away.
    async fn fetch(&self, fetch: &Fetch, taker: Taker<'_>) -> Result<Self::Original, FetchError>;

    /// Waits, in milliseconds.
    async fn sleep(&self, time: u64);

    /// What the instance remembers of its origins.
    fn circuits(&self) -> &Circuits;

    /// Unix milliseconds.
    fn now(&self) -> u64;

    /// 16 unpredictable bytes.
    fn random(&self) -> [u8; 16];

    /// Writes one line to the operator's log.
    fn log(&self, line: &str);

    /// Takes an event for the audit log, to be handed on after the answer. It never fails: what there is no room for is counted.
    fn audit(&self, event: audit::Event);
}
