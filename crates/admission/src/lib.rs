//! Rate windows: how many requests a key is good for in a minute of the clock and in a day of UTC.
//!
//! A window is one counter, named by key and window number. Nothing but an atomic increment decides: the request that makes
//! the counter exceed the limit is refused, whatever runs beside it.

mod window;

pub use window::{Decision, Window, decide};
