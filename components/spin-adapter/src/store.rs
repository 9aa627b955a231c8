//! Key-value: values are read through Spin's interface, counters through wasi:keyvalue's atomic increment.
//!
//! Counters have names of their own (`count/…`, `use/…`, `filling/…`): their stored form differs between backends, so nothing else
//! may read or set them.

use spin_sdk::experimental::wasi::keyvalue::{atomics, store};
use spin_sdk::key_value::Store;

/// The label of the store that every Spin deployment has without further configuration.
pub const RECORDS: &str = "default";

/// Reads what is stored under a name in the store of this label.
pub async fn get(label: &str, name: &str) -> Result<Option<Vec<u8>>, String> {
    open(label).await?.get(name).await.map_err(unavailable)
}

/// Writes it.
pub async fn set(label: &str, name: &str, value: &[u8]) -> Result<(), String> {
    open(label).await?.set(name, value).await.map_err(unavailable)
}

/// Adds to a counter in one step and gives its new value.
pub fn increment(label: &str, name: &str, delta: i64) -> Result<i64, String> {
    let bucket = store::open(label).map_err(unavailable)?;
    atomics::increment(&bucket, name, delta).map_err(unavailable)
}

/// Opens a store.
pub async fn open(label: &str) -> Result<Store, String> {
    Store::open(label).await.map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Debug) -> String {
    format!("key-value: {error:?}")
}
