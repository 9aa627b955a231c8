//! Error bodies: one table from reason to status, error text and public explanation (RFC 9457, problem details).
//!
//! What stands here is all that a caller ever sees of a failure: no internals, and never a piece of the request.

mod body;
mod code;
mod entry;
mod reason;

pub use body::{MEDIA_TYPE, Problem};
pub use code::Code;
pub use entry::Entry;
pub use reason::Reason;
