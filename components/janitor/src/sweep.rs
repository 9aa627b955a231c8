//! One sweep: list, decide, delete, in this order and never mixed.

use admission::{is_spent, leeway};
use identity::KeyRecord;

/// Names that one sweep deletes at most, so that its memory is bounded. What is left is for the next one.
const MAX_NAMES: usize = 20_000;

/// Why a sweep ended early. What it had deleted by then was rightly deleted.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted {
    /// The store did not answer.
    #[error("{0}")]
    Store(String),
    /// A key whose grace period cannot be known: nothing is deleted while a URL may work for longer than was thought.
    #[error("nothing was deleted, because {0} cannot be read: {1}")]
    Key(String, identity::Error),
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Names deleted.
    pub deleted: usize,
    /// Whether there were more than one sweep deletes.
    pub more: bool,
}

/// What a sweep needs of a store.
#[allow(
    async_fn_in_trait,
    reason = "one thread, one executor: no bound on the futures is needed"
)]
pub trait Store {
    /// Shows every name. The store is not used meanwhile: Spin's own would wait for the end of the list for ever.
    async fn list(&self, show: impl FnMut(String)) -> Result<(), String>;

    /// Reads a record.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String>;

    /// Forgets a name; one that is not there is no error.
    async fn delete(&self, name: &str) -> Result<(), String>;
}

/// Deletes what is spent at `now` (Unix seconds), one name after the other.
///
/// # Errors
/// [`Interrupted`]; a later sweep goes on.
pub async fn sweep(store: &impl Store, now: u64) -> Result<Swept, Interrupted> {
    let (mut keys, mut candidates, mut more) = (Vec::new(), Vec::new(), false);
    let listing = store.list(|name| {
        if name.starts_with(KeyRecord::PREFIX) {
            keys.push(name);
        } else if is_spent(&name, leeway(0), now) {
            // Whether it is so by the longest grace period of a key is asked below, when that is known.
            match candidates.len() < MAX_NAMES {
                true => candidates.push(name),
                false => more = true,
            }
        }
    });
    listing.await.map_err(Interrupted::Store)?;
    if candidates.is_empty() {
        return Ok(Swept::default());
    }
    let leeway = leeway(longest_grace(store, &keys).await?);
    let mut deleted = 0;
    for name in candidates.iter().filter(|name| is_spent(name, leeway, now)) {
        store.delete(name).await.map_err(Interrupted::Store)?;
        deleted += 1;
    }
    Ok(Swept { deleted, more })
}

/// The longest time in seconds that a URL of any of these keys works after its expiry.
async fn longest_grace(store: &impl Store, keys: &[String]) -> Result<u64, Interrupted> {
    let mut longest = 0;
    for name in keys {
        let stored = store.get(name).await.map_err(Interrupted::Store)?;
        // Between the list and the read it may have been deleted.
        let Some(stored) = stored else { continue };
        let public_key = name.strip_prefix(KeyRecord::PREFIX).unwrap_or(name);
        let key = KeyRecord::from_bytes(public_key, &stored);
        longest = longest.max(key.map_err(|error| Interrupted::Key(name.clone(), error))?.exp_grace);
    }
    Ok(longest)
}

#[cfg(test)]
mod tests;
