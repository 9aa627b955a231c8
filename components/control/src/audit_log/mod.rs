//! The audit log in the database: one row for each request of both components.
//!
//! There is one chain for each class of events, whoever writes it, so that the log as a whole can be verified and not only what
//! each of many short-lived instances wrote. No writer holds a lock: [`append`] puts rows behind the newest that it sees, in one
//! statement, and the table's key lets only one writer do so for each place; who loses reads on and tries again. One of all
//! writers always succeeds, and what waits is written in one go, so that they get in each other's way less the more there is to
//! write.

mod append;
mod prune;
mod query;
mod record;
mod verify;

pub use append::append;
pub use prune::prune;
pub use query::{Filter, after, list};
pub use record::{flush, ready, record};
pub use verify::{Verified, verify};

/// The columns of an entry, in the order in which they are read and written.
const COLUMNS: &str = "chain, seq, answered_at, writer, kind, request_id, endpoint, method, client_id, proof, barcode, ip, \
                       status, error, credits, picture, dropped, prev_hash, hash";

#[cfg(test)]
mod tests;
