//! Unusual behaviour of a client, scored and explained in words.
//!
//! A [`State`] is what is remembered of one client; [`State::observe`] takes its events one by one, in their order, and says so when
//! something is unusual: a [`Finding`] with its [`Signal`]s, each with points and a sentence that an operator can check.
//!
//! What counts is behaviour that the client proved to be its own. Whoever sees a signed URL can repeat it, so a state of
//! such requests is [`Reach::Report`]: it is reported and never confirms abuse. What proves nothing is not observed at all.
//!
//! There is no table of countries: a network is unusual if the client has not been seen in it, which needs no data that ages.

mod burst;
mod finding;
mod network;
mod refusals;
mod sequence;
mod state;

pub use finding::{Finding, Name, Signal, Verdict};
pub use state::{Observation, Reach, State};
