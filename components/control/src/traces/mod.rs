//! Leaked pictures that are to be traced.
//!
//! Tracing looks through all originals, for seconds to minutes: nothing for a component. So pictures wait here until a native program
//! takes them, which is what `deckle up` does beside serving and `deckle trace --jobs` for any other host, and its findings are kept
//! for the operator to read.

mod file;
mod job;
mod queue;

pub use file::{read, upload};
pub use job::{Job, find, list};
pub use queue::{Outcome, claim, finish, prune};

#[cfg(test)]
mod tests;
