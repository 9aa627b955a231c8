//! One line on the terminal that says what is going on. Elsewhere nothing: a log needs no progress.

use std::io::{IsTerminal, Write, stderr};

/// Shows the line in place of the last one.
pub fn show(line: &str) {
    write(line);
}

/// Takes it away.
pub fn clear() {
    write("");
}

fn write(line: &str) {
    if stderr().is_terminal() {
        eprint!("\r\x1b[K{line}");
        let _ = stderr().flush();
    }
}
