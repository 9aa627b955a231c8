//! Key-value stores: what Spin's key-value interface needs of a backend, and the three backends of this host.
//!
//! One is memory. The layout of the others is Spin's own, so that either can open what the other wrote. In SQLite: one table, counters kept as eight
//! little-endian bytes. In Redis: the keys as they stand, counters kept as decimal text.
mod labelled;
mod memory;
mod redis;
mod sqlite;

#[cfg(test)]
mod tests;

pub use labelled::Labelled;
pub use memory::Memory;
pub use redis::Redis;
pub use sqlite::Sqlite;

use std::sync::Arc;
use std::time::Duration;

/// How long a component waits for its store. What is not answered by then may or may not have been done.
const DEADLINE: Duration = Duration::from_secs(2);

/// Why a key-value call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An increment met a value that no increment wrote.
    #[error("the value of this key is not a counter")]
    NotACounter,
    /// An increment left the range of a signed 64-bit integer.
    #[error("the counter would overflow")]
    Overflow,
    /// The database file refused.
    #[error("key-value store: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Redis refused, or could not be reached.
    #[error("key-value store: {0}")]
    Redis(#[from] ::redis::RedisError),
    /// There was no answer in time.
    #[error("key-value store: no answer within {} s", DEADLINE.as_secs())]
    Late,
    /// The call ended without an outcome.
    #[error("key-value store: the call broke off")]
    BrokenOff,
}

/// The outcome of a key-value call.
pub type Result<T> = std::result::Result<T, Error>;

/// One place that keeps the keys of stores. Every call is atomic by itself, and may block; `store` is the label a component
/// opened.
pub trait Backend: Send + Sync {
    /// The value of a key, `None` when absent.
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>>;
    /// The same where it can be had without waiting for anybody; `None` where [`Backend::get`] has to be asked.
    fn get_at_once(&self, _store: &str, _key: &str) -> Option<Option<Vec<u8>>> {
        None
    }
    /// Creates or replaces a value.
    fn set(&self, store: &str, key: &str, value: &[u8]) -> Result<()>;
    /// Removes a key; an absent key is no error.
    fn delete(&self, store: &str, key: &str) -> Result<()>;
    /// Every key of a store, in order.
    fn keys(&self, store: &str) -> Result<Vec<String>>;
    /// Adds `delta` to a counter (0 when absent) and returns the sum. Exact under any number of callers.
    fn increment(&self, store: &str, key: &str, delta: i64) -> Result<i64>;
    /// Replaces the value if it still is `seen` (`None`: still absent); says whether it did.
    fn swap(&self, store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool>;
}

/// Makes a call for a component: where it may block, and within the deadline.
pub async fn call<T: Send + 'static>(
    backend: Arc<dyn Backend>,
    call: impl FnOnce(&dyn Backend) -> Result<T> + Send + 'static,
) -> Result<T> {
    let made = tokio::task::spawn_blocking(move || call(&*backend));
    match tokio::time::timeout(DEADLINE, made).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Error::BrokenOff),
        Err(_) => Err(Error::Late),
    }
}

/// Reads a value for a component: where the caller stands if nothing is waited for, since to go to another thread and back costs
/// more than a read does.
pub async fn get(backend: Arc<dyn Backend>, store: String, key: String) -> Result<Option<Vec<u8>>> {
    match backend.get_at_once(&store, &key) {
        Some(value) => Ok(value),
        None => call(backend, move |backend| backend.get(&store, &key)).await,
    }
}

/// The sum of a stored counter and a delta.
fn sum(stored: Option<&[u8]>, delta: i64) -> Result<i64> {
    let counter = match stored {
        None => 0,
        Some(bytes) => i64::from_le_bytes(bytes.try_into().map_err(|_| Error::NotACounter)?),
    };
    counter.checked_add(delta).ok_or(Error::Overflow)
}
