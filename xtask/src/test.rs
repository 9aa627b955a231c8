//! `cargo xtask test`: every test there is, in three suites, with one count at the end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::{build, programs, workspace};

/// Build everything and run every test.
///
/// Three suites: `unit` (the crates, the edge's logic and these commands), `host` (the native command, tested in the
/// release profile so that its engine is compiled once) and `e2e` (the built components in the built host, over HTTP). The
/// last two need Node, Python, Chromium, Redis and PostgreSQL, which are installed where apt can do it.
#[derive(clap::Args)]
pub struct Arguments {
    /// Run one suite; `unit` does without building the components
    #[arg(long, value_enum)]
    only: Option<Suite>,
    /// Run only tests whose path contains this
    filter: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Suite {
    Unit,
    Host,
    E2e,
}

impl Suite {
    /// What cargo is asked to test.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Unit => &["--workspace", "--exclude", "deckle", "--exclude", "deckle-tests"],
            Self::Host => &["--release", "--package", "deckle"],
            Self::E2e => &["--package", "deckle-tests"],
        }
    }
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let suites: Vec<Suite> = Suite::value_variants()
        .iter()
        .copied()
        .filter(|suite| wanted(arguments, *suite))
        .collect();
    if suites != [Suite::Unit] {
        build::run(&build::Arguments::default())?;
        programs::ensure()?;
    }
    let mut total = Count::default();
    let mut broken = Vec::new();
    for suite in suites {
        let started = Instant::now();
        let (count, success) = cargo_test(suite, arguments.filter.as_deref())?;
        println!("{suite:?}: {count} ({} s)\n", started.elapsed().as_secs());
        total.add(&count);
        if !success {
            broken.push(format!("{suite:?}"));
        }
    }
    println!("tests: {total}");
    if !broken.is_empty() {
        bail!("these suites failed: {}", broken.join(", "));
    }
    if total.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

fn wanted(arguments: &Arguments, suite: Suite) -> bool {
    arguments.only.is_none_or(|only| only == suite)
}

/// Runs a suite to its end, passing on what it prints. Gives the count, and whether cargo called it a success.
fn cargo_test(suite: Suite, filter: Option<&str>) -> Result<(Count, bool)> {
    let mut cargo: Command = workspace::cargo(&["test", "--no-fail-fast"]);
    cargo.args(suite.packages()).args(filter).stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cannot start cargo")?;
    let mut count = Count::default();
    for line in BufReader::new(child.stdout.take().context("cargo has no output")?).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        count.add(&Count::of(&line));
    }
    Ok((count, child.wait()?.success()))
}

#[derive(Debug, Default, PartialEq)]
struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Count {
    /// Reads a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; ...`. Every other line counts nothing.
    fn of(line: &str) -> Self {
        let Some(result) = line.strip_prefix("test result: ") else {
            return Self::default();
        };
        let number = |what: &str| {
            let part = result.split([';', '.']).find(|part| part.trim_end().ends_with(what))?;
            part.split_whitespace().next()?.parse().ok()
        };
        Self {
            passed: number("passed").unwrap_or(0),
            failed: number("failed").unwrap_or(0),
            skipped: number("ignored").unwrap_or(0),
        }
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closing_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.01s";
        assert_eq!(
            Count::of(line),
            Count {
                passed: 12,
                failed: 3,
                skipped: 2
            }
        );
        let line = "test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s";
        assert_eq!(Count::of(line).to_string(), "7 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["test walls ... ok", "running 3 tests", "3 passed; 0 failed", ""] {
            assert_eq!(Count::of(line), Count::default(), "{line}");
        }
    }
}
