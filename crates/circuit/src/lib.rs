//! When an origin is left alone: a circuit breaker for one that fails, and a budget for second attempts.
//!
//! Nothing here reads a clock or takes randomness: both are parameters. Times are milliseconds of any clock, also of one that
//! is set back now and then.

mod breaker;
mod retry;

pub use breaker::{Breaker, COOL_DOWN, Permit, Refused, THRESHOLD};
pub use retry::RetryBudget;
