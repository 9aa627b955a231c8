//! What the control component needs from its host: a database, key-value, an atomic increment, a clock, randomness, a log.

use crate::sql::Database;

/// A part of the host that did not answer. The reason goes to the operator's log, never to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// A POST to a server outside.
pub struct Post<'a> {
    /// Where to: an absolute URL that the deployment lets this component reach.
    pub url: &'a str,
    /// Header names in lower case, and values.
    pub headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub body: &'a [u8],
}

/// Everything outside the component. A host serves one request: its database is one connection.
#[allow(
    async_fn_in_trait,
    reason = "one thread, one executor: no bound on the futures is needed"
)]
pub trait Host: Database {
    /// Reads a record of the key-value store.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Writes a record of the key-value store, where the edge reads it.
    async fn set(&self, name: &str, value: &[u8]) -> Result<(), Unavailable>;

    /// Adds to a counter in one step and returns its new value. A lost answer may have been counted: it is never asked twice.
    fn increment(&self, counter: &str, delta: i64) -> Result<i64, Unavailable>;

    /// Sends a POST to a server outside, without following redirects, and gives the status of its answer.
    async fn post(&self, post: &Post<'_>) -> Result<u16, Unavailable>;

    /// Waits.
    async fn sleep(&self, milliseconds: u64);

    /// Unix milliseconds.
    fn now(&self) -> u64;

    /// Unpredictable bytes.
    fn random<const N: usize>(&self) -> [u8; N];

    /// Writes one line to the operator's log.
    fn log(&self, line: &str);
}
