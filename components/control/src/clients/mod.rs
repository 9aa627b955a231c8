//! Clients: who is accountable. Their rows are the truth; what the edge needs of them is published to key-value.

mod client;
mod lifecycle;
mod publish;
mod tier;

pub use client::{Client, Key, find};
pub(crate) use lifecycle::quarantine;
pub use lifecycle::{create, disable, enable, revoke, rotate};
pub use publish::publish;
pub use tier::Tier;

#[cfg(test)]
mod tests;
