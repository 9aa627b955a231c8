//! Anomalies: the log is read behind what was answered, event by event, and what is unusual of a client is written down.
//!
//! Reading the log rather than watching requests keeps the cost off the path of a request, and makes the result independent of
//! which host answered. Each state remembers the number of the last event that it took, so that an event counts once even
//! where a reader died between its steps. Confirmed abuse disables the client and tells its owner.

mod detect;
mod list;

pub use detect::detect;
pub use list::{Found, acknowledge, list};

#[cfg(test)]
mod tests;
