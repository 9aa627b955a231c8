//! Rate windows: how many requests a key is good for in a minute of the clock and in a day of UTC; and claims: URLs that are
//! good once.
//!
//! A window is one counter, named by key and window number. Nothing but an atomic increment decides: the request that makes
//! the counter exceed the limit is refused, whatever runs beside it. A claim is a counter as well: see [`Claim`]. Addresses that
//! fail to prove anything are counted in memory: see [`Throttle`]. What is kept of renditions has names of the same kind, so that
//! one rule says what is old: see [`RenditionName`].

mod claim;
mod janitor;
mod lease;
mod leases;
mod rendition;
mod throttle;
mod window;

pub use claim::{Attempt, Claim, MAX_RELEASES, Outcome, Release, Won};
pub use janitor::{is_spent, leeway};
pub use lease::{Block, Lease, Spend};
pub use leases::{Leases, Limit, Limited, Rate};
pub use rendition::{RENDITION_PERIOD, RenditionName};
pub use throttle::Throttle;
pub use window::{Decision, Window};
