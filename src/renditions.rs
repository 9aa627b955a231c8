//! Renditions that are kept between requests: what was made for one client serves all of them, each with a mark of their own.
//!
//! They are in a key-value store under names that say nothing of what they are ([`Recipe`]), authenticated ([`Kept`]), and used for half a day
//! after their original was read. After that the original is fetched and compared, and rendered only if it is another. While one
//! request makes a rendition, others for the same one wait a moment for it; nobody waits for ever, and nobody is refused: without the
//! store, or with bytes in it that are not ours, a picture is made as if there were none.

mod kept;
mod recipe;

pub use kept::Kept;
pub use recipe::{Fingerprint, Fingerprinting, Recipe, RecipeKey};

use crate::event::Event;
use crate::ports::{Host, Unavailable};
use admission::RenditionName;
use imaging::Unmarked;
use std::sync::atomic::{AtomicU64, Ordering};

/// Milliseconds that a request waits, all in all, for another one to make what it wants.
const PATIENCE: u64 = 2_000;
/// Milliseconds until it looks for the first time; then twice as long each time, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: u64 = 10;
const LONGEST_PAUSE: u64 = 160;

/// Milliseconds for which an instance leaves a store alone that did not answer.
const REST: u64 = 10_000;

/// What is added to the counter of those who want to make a rendition when nobody makes it any more: it stays below one.
const OVER: i64 = -(1 << 32);

/// Where an instance keeps renditions.
pub struct Shelf {
    /// The label of the store.
    store: String,
    /// Until when it is left alone, in Unix milliseconds.
    rests_until: AtomicU64,
}

impl Shelf {
    /// Keeps renditions in the store of this label.
    pub fn new(store: String) -> Self {
        Self {
            store,
            rests_until: AtomicU64::new(0),
        }
    }
}

/// What a request has to do with the kept rendition that it wants.
pub struct Renditions<'a, H: Host> {
    host: &'a H,
    shelf: Option<&'a Shelf>,
    recipe: &'a Recipe,
    name: RenditionName,
    /// Unix seconds: one moment for the whole request.
    now: u64,
    /// The counter that says that this request is making the rendition, while it is.
    filling: Option<String>,
}

impl<'a, H: Host> Renditions<'a, H> {
    /// For the rendition of this recipe. Without a shelf nothing is kept and nothing found.
    pub fn new(host: &'a H, shelf: Option<&'a Shelf>, recipe: &'a Recipe, now: u64) -> Self {
        let awake = |shelf: &&Shelf| shelf.rests_until.load(Ordering::Relaxed) <= host.now();
        Self {
            host,
            shelf: shelf.filter(awake),
            recipe,
            name: RenditionName::new(*recipe.derive(b"name")),
            now,
            filling: None,
        }
    }

    /// The rendition, if its original need not be read again. Where another request is making it, it is waited for.
    pub async fn find(&mut self, event: &mut Event) -> Option<Kept> {
        let current = self.name.current(self.now);
        if let Some(kept) = self.read(&current, event).await {
            return Some(kept);
        }
        let filling = self.name.filling(self.now);
        if self.count(&filling, 1, event)? == 1 {
            self.filling = Some(filling);
            return None;
        }
        let (mut waited, mut pause) = (0, FIRST_PAUSE);
        while waited < PATIENCE {
            // Asked before the rendition is looked for: who is done has kept it by then, or will not.
            let over = self.count(&filling, 0, event)? < 1;
            if let Some(kept) = self.read(&current, event).await {
                return Some(kept);
            }
            if over {
                break;
            }
            self.host.sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        None
    }

    /// Whether there is a rendition of before, so that the original will be compared.
    pub async fn compares(&mut self, event: &mut Event) -> bool {
        self.read(&self.name.before(self.now), event).await.is_some()
    }

    /// The rendition of before, if it was made of this original.
    pub async fn of(&mut self, original: &Fingerprint, event: &mut Event) -> Option<Unmarked> {
        let before = self.read(&self.name.before(self.now), event).await?;
        (before.original == *original).then_some(before.unmarked)
    }

    /// Keeps a rendition, if it can be kept.
    pub async fn keep(&mut self, kept: &Kept, event: &mut Event) {
        if let Some(shelf) = self.shelf
            && let Some(bytes) = kept.to_bytes(self.recipe)
        {
            let name = self.name.current(self.now);
            let written = self.host.set(&shelf.store, &name, &bytes).await;
            self.answered(written, event);
        }
    }

    async fn read(&mut self, name: &str, event: &mut Event) -> Option<Kept> {
        let read = self.host.get(&self.shelf?.store, name).await;
        let bytes = self.answered(read, event)??;
        let kept = Kept::from_bytes(self.recipe, bytes);
        if kept.is_err() {
            event.detail = Some("a kept rendition is damaged, or not ours: it is made again".to_owned());
        }
        kept.ok()
    }

    fn count(&mut self, name: &str, delta: i64, event: &mut Event) -> Option<i64> {
        let count = self.host.increment(&self.shelf?.store, name, delta);
        self.answered(count, event)
    }

    /// Takes what the store answered. After a failure it is not asked again by this request, nor by the instance for a while.
    fn answered<T>(&mut self, answer: Result<T, Unavailable>, event: &mut Event) -> Option<T> {
        let error = match answer {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        if let Some(shelf) = self.shelf.take() {
            let until = self.host.now().saturating_add(REST);
            shelf.rests_until.store(until, Ordering::Relaxed);
        }
        event.detail = Some(format!("renditions are not kept: {error}"));
        None
    }
}

/// However a request ends that was making a rendition, those who wait for it need not wait longer.
impl<H: Host> Drop for Renditions<'_, H> {
    fn drop(&mut self) {
        if let (Some(shelf), Some(filling)) = (self.shelf, &self.filling) {
            // Where this fails they wait as long as they would for one that died.
            let _ = self.host.increment(&shelf.store, filling, OVER);
        }
    }
}
