use super::{Backend, Result, sum};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Stores that live as long as the process: for tests and throw-away runs.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<(String, String), Vec<u8>>>);

impl Memory {
    /// No call leaves the map half changed, so a panic elsewhere does not spoil it.
    fn map(&self) -> MutexGuard<'_, BTreeMap<(String, String), Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slot(store: &str, key: &str) -> (String, String) {
    (store.to_owned(), key.to_owned())
}

impl Backend for Memory {
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.map().get(&slot(store, key)).cloned())
    }

    fn set(&self, store: &str, key: &str, value: &[u8]) -> Result<()> {
        self.map().insert(slot(store, key), value.to_vec());
        Ok(())
    }

    fn delete(&self, store: &str, key: &str) -> Result<()> {
        self.map().remove(&slot(store, key));
        Ok(())
    }

    fn keys(&self, store: &str) -> Result<Vec<String>> {
        Ok(self
            .map()
            .keys()
            .filter(|(of, _)| of == store)
            .map(|(_, key)| key.clone())
            .collect())
    }

    fn increment(&self, store: &str, key: &str, delta: i64) -> Result<i64> {
        let mut map = self.map();
        let next = sum(map.get(&slot(store, key)).map(Vec::as_slice), delta)?;
        map.insert(slot(store, key), next.to_le_bytes().to_vec());
        Ok(next)
    }

    fn swap(&self, store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool> {
        let mut map = self.map();
        if map.get(&slot(store, key)).map(Vec::as_slice) != seen {
            return Ok(false);
        }
        map.insert(slot(store, key), value.to_vec());
        Ok(true)
    }
}
