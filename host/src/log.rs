//! What the host says to its operator: one line each, on standard error.

/// Something the operator should look at.
pub fn warning(text: &str) {
    eprintln!("deckle: warning: {text}");
}

/// Something that went wrong while serving.
pub fn error(text: &str) {
    eprintln!("deckle: error: {text}");
}

/// What goes on.
pub fn note(text: &str) {
    eprintln!("deckle: {text}");
}
