//! Key-value: records are read through Spin's interface, counters through wasi:keyvalue's atomic increment.
//!
//! Both use the store `default`, the one that every Spin deployment has without further configuration. Counters have names of
//! their own there (`count/…`, `use/…`): their stored form differs between backends, so nothing else may read or set them.

use spin_sdk::experimental::wasi::keyvalue::{atomics, store};
use spin_sdk::key_value::Store;

/// Reads a record.
pub async fn get(key: &str) -> Result<Option<Vec<u8>>, String> {
    let store = Store::open_default().await.map_err(unavailable)?;
    store.get(key).await.map_err(unavailable)
}

/// Writes a record.
pub async fn set(key: &str, value: &[u8]) -> Result<(), String> {
    let store = Store::open_default().await.map_err(unavailable)?;
    store.set(key, value).await.map_err(unavailable)
}

/// Adds to a counter in one step and gives its new value.
pub fn increment(key: &str, delta: i64) -> Result<i64, String> {
    let bucket = store::open("default").map_err(unavailable)?;
    atomics::increment(&bucket, key, delta).map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Debug) -> String {
    format!("key-value: {error:?}")
}
