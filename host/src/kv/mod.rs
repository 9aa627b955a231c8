//! Key-value stores: what Spin's key-value interface needs of a backend, and the two backends of this host.
//!
//! The layout is Spin's own, so that a data file of either can be opened by the other: one table, counters kept as
//! eight little-endian bytes.
#[cfg(test)]
mod memory;
mod sqlite;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub use memory::Memory;
pub use sqlite::Sqlite;

/// Why a key-value call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An increment met a value that is not eight bytes long.
    #[error("the value of this key is not a counter")]
    NotACounter,
    /// An increment left the range of a signed 64-bit integer.
    #[error("the counter would overflow")]
    Overflow,
    /// The database file refused.
    #[error("key-value store: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// The outcome of a key-value call.
pub type Result<T> = std::result::Result<T, Error>;

/// One place that keeps the keys of all stores. Every call is atomic by itself; `store` is the label a component opened.
pub trait Backend: Send + Sync {
    /// The value of a key, `None` when absent.
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>>;
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

/// The sum of a stored counter and a delta.
fn sum(stored: Option<&[u8]>, delta: i64) -> Result<i64> {
    let counter = match stored {
        None => 0,
        Some(bytes) => i64::from_le_bytes(bytes.try_into().map_err(|_| Error::NotACounter)?),
    };
    counter.checked_add(delta).ok_or(Error::Overflow)
}
