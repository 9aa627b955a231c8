//! What the host says to its operator: one line each, on standard error. A line that cannot be written (a full disk, a closed
//! pipe) is lost, and nothing else.
use std::io::Write as _;

/// Something the operator should look at.
pub fn warning(text: &str) {
    let _ = writeln!(std::io::stderr(), "deckle: warning: {text}");
}

/// Something that went wrong while serving.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "deckle: error: {text}");
}

/// What goes on.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "deckle: {text}");
}
