use crate::{Decision, Window};

/// A block is at most this part of what is left of a window, so that what idle instances hold is little, and the last 127
/// requests of a window (all of them where the limit is no higher) are counted one by one.
const SHARE: u64 = 64;

/// What an instance holds of one window's budget. It takes a block of units with one increment of the window's counter, and
/// spends them without asking again, one for each request.
///
/// Over all instances never more than the limit is admitted, whatever is lost or overlaps: the increments of one counter
/// divide the numbers from 1 to the limit among them, and a number is spent once at most. Fewer can be admitted, by what
/// instances hold when the window ends or they stop; but an instance never takes more than it has spent before, so one that
/// serves a single request takes a single unit. A lease costs at most one write a request, and none once its window is full.
///
/// Where a key has several windows, each has a lease; see [`Lease::give_back`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    window: Window,
    limit: u64,
    /// The window that `units` and `rest` belong to.
    number: u64,
    /// Held and not spent.
    units: u64,
    /// What is left of the window beyond the units that were given out, as far as we heard.
    rest: u64,
    /// Spent since the beginning, in all windows.
    spent: u64,
}

/// What [`Lease::spend`] comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Spend {
    /// The request is admitted or refused, and nothing needs to be written.
    Decided(Decision),
    /// The counter has to be incremented by the block's size, once; its new value goes to [`Lease::take`].
    Increment(Block),
}

/// Units that are being taken from a window, for the request that needs one of them. It can be dropped where the store did
/// not answer: they are lost, and the increment is not repeated.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Block {
    window: Window,
    size: u32,
    /// When it was asked for, in Unix seconds.
    asked: u64,
}

impl Lease {
    /// Holds nothing yet.
    pub fn new(window: Window, limit: u64) -> Self {
        Self {
            window,
            limit,
            number: 0,
            units: 0,
            rest: limit,
            spent: 0,
        }
    }

    /// Spends a unit for a request at `now` (Unix seconds).
    pub fn spend(&mut self, now: u64) -> Spend {
        let number = self.window.number(now);
        if number != self.number {
            (self.number, self.units, self.rest) = (number, 0, self.limit);
        }
        if self.units > 0 {
            self.units -= 1;
            self.spent = self.spent.saturating_add(1);
            return Spend::Decided(Decision::Admit {
                remaining: self.rest.saturating_add(self.units),
            });
        }
        if self.rest == 0 {
            return Spend::Decided(self.refuse(now));
        }
        let size = (self.rest / SHARE).min(self.spent).max(1);
        Spend::Increment(Block {
            window: self.window,
            size: u32::try_from(size).unwrap_or(u32::MAX),
            asked: now,
        })
    }

    /// Takes a block that made the counter `count`, and decides over the request that asked for it.
    pub fn take(&mut self, block: Block, count: i64) -> Decision {
        // A negative counter was tampered with: like a full one.
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let before = count.saturating_sub(u64::from(block.size)).min(self.limit);
        let after = count.min(self.limit);
        let (granted, rest) = (after - before, self.limit - after);
        // While the store was asked, another request may have brought the lease into another window. Then the rest is dropped.
        let current = self.window.number(block.asked) == self.number;
        if current {
            self.rest = self.rest.min(rest);
        }
        if granted == 0 {
            return self.refuse(block.asked);
        }
        if current {
            self.units = self.units.saturating_add(granted - 1);
        }
        self.spent = self.spent.saturating_add(1);
        Decision::Admit {
            remaining: rest.saturating_add(granted - 1),
        }
    }

    /// Gives back the unit of a request that was admitted at `now` here, but refused by another window of its key.
    pub fn give_back(&mut self, now: u64) {
        self.spent = self.spent.saturating_sub(1);
        if self.window.number(now) == self.number {
            self.units = self.units.saturating_add(1);
        }
    }

    /// Whether a request at `now` would be refused without asking the store: then for how many seconds.
    pub fn full(&self, now: u64) -> Option<u64> {
        let full = self.window.number(now) == self.number && self.units == 0 && self.rest == 0;
        (full || self.limit == 0).then(|| self.window.remaining(now))
    }

    fn refuse(&self, now: u64) -> Decision {
        Decision::Refuse {
            retry_after: self.window.remaining(now),
        }
    }
}

impl Block {
    /// The counter of the window that the units belong to.
    pub fn counter(&self, public_key: &str) -> String {
        self.window.counter(public_key, self.asked)
    }

    /// By how much the counter is to be incremented.
    pub fn size(&self) -> i64 {
        self.size.into()
    }
}

#[cfg(test)]
mod tests;
