//! The compiler that is running: which one exactly, and where it lives.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{process, workspace};

/// A rustc, as it describes itself.
pub struct Rustc {
    /// The version alone, such as `1.95.0`.
    pub release: String,
    /// The full hash of the commit that it was built from; a standard library fits no other. Empty if it does not tell.
    pub commit: String,
    /// The platform that it runs on, such as `x86_64-unknown-linux-gnu`.
    pub host: String,
    /// The folder with its `bin` and `lib/rustlib`.
    pub sysroot: PathBuf,
}

impl Rustc {
    /// Asks the rustc that cargo would use.
    pub fn running() -> Result<Self> {
        let described =
            process::output(workspace::rustc().arg("-vV")).context("rustc is needed: see https://rustup.rs")?;
        let sysroot = process::output(workspace::rustc().args(["--print", "sysroot"]))?;
        Self::described(&described, sysroot.trim()).with_context(|| format!("cannot read `rustc -vV`:\n{described}"))
    }

    /// Reads what `rustc -vV` prints. `None` if a line is missing.
    fn described(text: &str, sysroot: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let commit = field("commit-hash")
            .filter(|commit| *commit != "unknown")
            .unwrap_or_default();
        Some(Self {
            release: field("release")?.to_owned(),
            commit: commit.to_owned(),
            host: field("host")?.to_owned(),
            sysroot: PathBuf::from(sysroot),
        })
    }

    /// A folder name that no other compiler has.
    pub fn identity(&self) -> String {
        let short: String = self.commit.chars().take(9).collect();
        format!(
            "{}-{}-{}",
            self.release,
            if short.is_empty() { "unknown" } else { &short },
            self.host
        )
    }

    /// Whether it brings its own standard library for `target`.
    pub fn has_own(&self, target: &str) -> bool {
        let folder = self.sysroot.join("lib/rustlib").join(target).join("lib");
        let Ok(entries) = fs::read_dir(folder) else {
            return false;
        };
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STABLE: &str = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
        commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\ncommit-date: 2026-04-14\n\
        host: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1.2\n";

    #[test]
    fn reads_a_release() {
        let rustc = Rustc::described(STABLE, "/opt/rust").unwrap();
        assert_eq!(rustc.release, "1.95.0");
        assert_eq!(rustc.identity(), "1.95.0-59807616e-x86_64-unknown-linux-gnu");
        assert!(!rustc.has_own("wasm32-wasip2"));
    }

    #[test]
    fn a_distribution_may_hide_the_commit() {
        let text = STABLE.replace("59807616e1fa2540724bfbac14d7976d7e4a3860", "unknown");
        let rustc = Rustc::described(&text, "/usr").unwrap();
        assert_eq!(rustc.identity(), "1.95.0-unknown-x86_64-unknown-linux-gnu");
    }

    #[test]
    fn a_missing_line_is_noticed() {
        assert!(Rustc::described("rustc 1.95.0\nhost: x", "/usr").is_none());
    }

    #[test]
    fn the_running_compiler_answers() {
        let rustc = Rustc::running().unwrap();
        assert!(
            rustc.has_own(&rustc.host),
            "{} has no std of its own",
            rustc.sysroot.display()
        );
    }
}
