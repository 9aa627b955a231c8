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

/// The names of the variants of the first enum of a source file: what a list of them has to have.
#[cfg(test)]
fn variants(source: &str) -> Vec<&str> {
    let (_, body) = source.split_once("pub enum ").unwrap_or_default();
    let (body, _) = body.split_once("\n}\n").unwrap_or_default();
    let lines = body.lines().skip(1).map(str::trim);
    lines
        .filter_map(|line| {
            line.strip_suffix(',')
                .filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric()))
        })
        .collect()
}
