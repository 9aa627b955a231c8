//! A line on the terminal that says how far a search is.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shows progress on standard error if that is a terminal, and nothing otherwise.
pub struct Progress {
    shown: bool,
}

/// Columns of the bar.
const WIDTH: usize = 30;
/// Steps between two updates of the line, at most.
const EVERY: usize = 1 << 14;

impl Progress {
    /// For this process's standard error.
    pub fn new() -> Self {
        Self {
            shown: std::io::stderr().is_terminal(),
        }
    }

    /// Shows nothing, whatever standard error is.
    pub fn none() -> Self {
        Self { shown: false }
    }

    /// Says that `done` of `all` steps are done.
    pub fn show(&self, what: &str, done: usize, all: usize) {
        if self.shown {
            let full = done * WIDTH / all.max(1);
            let bar: String = (0..WIDTH).map(|at| if at < full { '#' } else { ' ' }).collect();
            let mut out = std::io::stderr().lock();
            // A terminal that went away is no reason to stop.
            let _ = write!(out, "\r{what:<10} [{bar}] {done} of {all}\x1b[K").and_then(|()| out.flush());
        }
    }

    /// A function that is told of every few that are done, and shows their sum.
    pub fn counter(&self, what: &'static str, all: usize) -> impl Fn(usize) + Sync {
        let done = AtomicUsize::new(0);
        let every = (all / 100).clamp(1, EVERY);
        move |more| {
            let before = done.fetch_add(more, Ordering::Relaxed);
            if before / every != (before + more) / every {
                self.show(what, before + more, all);
            }
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}
