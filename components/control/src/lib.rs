//! The control component: who may ask, for what, how often, and what they did.
//!
//! [`serve`] is the whole path that a request takes; [`route`] says which handler answers it. What the path needs of the host
//! stands in [`ports`] and [`sql`]; `spin/` is the only place that touches one.

pub mod account;
pub mod admin;
pub mod anomalies;
pub mod audit_log;
pub mod auth;
pub mod catalogue;
pub mod chores;
pub mod clients;
pub mod context;
pub mod event;
pub mod idempotency;
pub mod internal;
pub mod openapi;
pub mod ports;
pub mod refusal;
pub mod request;
pub mod route;
pub mod serve;
pub mod settings;
pub mod sql;
pub mod traces;
pub mod usage;
pub mod webhook;

#[cfg(target_family = "wasm")]
mod spin;

#[cfg(test)]
mod fake;
