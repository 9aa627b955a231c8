use super::{Backend, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sends each label to the place that its stores are kept in.
pub struct Labelled {
    /// The places that the runtime configuration names.
    pub named: BTreeMap<String, Arc<dyn Backend>>,
    /// Where all other labels are kept.
    pub others: Arc<dyn Backend>,
}

impl Labelled {
    fn of(&self, store: &str) -> &dyn Backend {
        &**self.named.get(store).unwrap_or(&self.others)
    }
}

impl Backend for Labelled {
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>> {
        self.of(store).get(store, key)
    }

    fn get_at_once(&self, store: &str, key: &str) -> Option<Option<Vec<u8>>> {
        self.of(store).get_at_once(store, key)
    }

    fn set(&self, store: &str, key: &str, value: &[u8]) -> Result<()> {
        self.of(store).set(store, key, value)
    }

    fn delete(&self, store: &str, key: &str) -> Result<()> {
        self.of(store).delete(store, key)
    }

    fn keys(&self, store: &str) -> Result<Vec<String>> {
        self.of(store).keys(store)
    }

    fn increment(&self, store: &str, key: &str, delta: i64) -> Result<i64> {
        self.of(store).increment(store, key, delta)
    }

    fn swap(&self, store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool> {
        self.of(store).swap(store, key, seen, value)
    }
}
