use super::{Backend, Result, sum};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a value takes beside its own bytes and its key's: maps, and their spare room.
const OVERHEAD: usize = 200;

/// Stores that live as long as the process, and hold no more than so many bytes: what was not used for longest goes first.
pub struct Memory {
    capacity: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    values: HashMap<Slot, (Arc<[u8]>, u64)>,
    /// When each was used last, oldest first. No two have the same moment.
    used: BTreeMap<u64, Slot>,
    moment: u64,
    bytes: usize,
}

/// Label and key.
type Slot = (String, String);

impl Memory {
    /// Holds nothing yet, and never more than so many bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            held: Mutex::default(),
        }
    }

    /// No call leaves the maps half changed, so a panic elsewhere does not spoil them.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn get(&mut self, slot: &Slot) -> Option<Arc<[u8]>> {
        self.moment += 1;
        let (value, used) = self.values.get_mut(slot)?;
        if let Some(slot) = self.used.remove(used) {
            self.used.insert(self.moment, slot);
        }
        *used = self.moment;
        Some(value.clone())
    }

    fn set(&mut self, slot: Slot, value: &[u8], capacity: usize) {
        self.delete(&slot);
        self.moment += 1;
        self.bytes += size(&slot, value);
        self.used.insert(self.moment, slot.clone());
        self.values.insert(slot, (value.into(), self.moment));
        while self.bytes > capacity {
            let Some((_, oldest)) = self.used.pop_first() else {
                break;
            };
            self.delete(&oldest);
        }
    }

    fn delete(&mut self, slot: &Slot) {
        if let Some((value, used)) = self.values.remove(slot) {
            self.used.remove(&used);
            self.bytes -= size(slot, &value);
        }
    }
}

fn size((store, key): &Slot, value: &[u8]) -> usize {
    OVERHEAD + 2 * (store.len() + key.len()) + value.len()
}

fn slot(store: &str, key: &str) -> Slot {
    (store.to_owned(), key.to_owned())
}

impl Backend for Memory {
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>> {
        let value = self.held().get(&slot(store, key));
        Ok(value.map(|value| value.to_vec()))
    }

    fn get_at_once(&self, store: &str, key: &str) -> Option<Option<Vec<u8>>> {
        self.get(store, key).ok()
    }

    fn set(&self, store: &str, key: &str, value: &[u8]) -> Result<()> {
        self.held().set(slot(store, key), value, self.capacity);
        Ok(())
    }

    fn delete(&self, store: &str, key: &str) -> Result<()> {
        self.held().delete(&slot(store, key));
        Ok(())
    }

    fn keys(&self, store: &str) -> Result<Vec<String>> {
        let mut keys: Vec<String> = self
            .held()
            .values
            .keys()
            .filter(|(of, _)| of == store)
            .map(|(_, key)| key.clone())
            .collect();
        keys.sort_unstable();
        Ok(keys)
    }

    fn increment(&self, store: &str, key: &str, delta: i64) -> Result<i64> {
        let (mut held, slot) = (self.held(), slot(store, key));
        let next = sum(held.get(&slot).as_deref(), delta)?;
        held.set(slot, &next.to_le_bytes(), self.capacity);
        Ok(next)
    }

    fn swap(&self, store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool> {
        let (mut held, slot) = (self.held(), slot(store, key));
        if held.get(&slot).as_deref() != seen {
            return Ok(false);
        }
        held.set(slot, value, self.capacity);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first_and_there_is_never_more_than_fits() {
        let each = size(&slot("s", "0"), &[0; 100]);
        let memory = Memory::new(3 * each);
        for key in ["0", "1", "2"] {
            memory.set("s", key, &[0; 100]).unwrap();
        }
        assert!(memory.get("s", "0").unwrap().is_some());
        memory.set("s", "3", &[0; 100]).unwrap();
        assert_eq!(memory.keys("s").unwrap(), ["0", "2", "3"]);
        memory.set("s", "4", &[0; 101]).unwrap();
        assert_eq!(memory.keys("s").unwrap(), ["3", "4"], "a byte more, and two have to go");
        memory.set("s", "5", &vec![0; 3 * each]).unwrap();
        assert!(memory.keys("s").unwrap().is_empty());
        for key in 0..10_000 {
            memory.increment("s", &key.to_string(), 1).unwrap();
            memory.set("s", "0", &[0; 9]).unwrap();
            memory.delete("s", "0").unwrap();
        }
        let held = memory.held();
        let bytes: usize = held.values.iter().map(|(slot, (value, _))| size(slot, value)).sum();
        assert_eq!((held.bytes, held.used.len()), (bytes, held.values.len()));
        assert!(bytes <= memory.capacity);
    }
}
