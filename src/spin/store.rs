//! Key-value: records are read through Spin's interface, counters through wasi:keyvalue's atomic increment.
//!
//! Both use the store `default`, the one that every Spin deployment has without further configuration. Counters have names of
//! their own there (`count/…`, `use/…`): their stored form differs between backends, so nothing else may read or set them.

use crate::ports::Unavailable;
use spin_sdk::experimental::wasi::keyvalue::{atomics, store};
use spin_sdk::key_value::Store;

pub async fn get(key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
    let store = Store::open_default().await.map_err(unavailable)?;
    store.get(key).await.map_err(unavailable)
}

pub async fn set(key: &str, value: &[u8]) -> Result<(), Unavailable> {
    let store = Store::open_default().await.map_err(unavailable)?;
    store.set(key, value).await.map_err(unavailable)
}

pub fn increment(key: &str, delta: i64) -> Result<i64, Unavailable> {
    let bucket = store::open("default").map_err(unavailable)?;
    atomics::increment(&bucket, key, delta).map_err(unavailable)
}

fn unavailable(error: impl std::fmt::Debug) -> Unavailable {
    Unavailable(format!("key-value: {error:?}"))
}
