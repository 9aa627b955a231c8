//! `cargo xtask fuzz`: search for inputs that no target survives, led by coverage.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tools::Tool;
use crate::{process, workspace};

/// What runs libFuzzer.
const CARGO_FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    version: "0.13.1",
};
/// The compiler that is installed for it where there is no nightly at all: sanitizers are not in a stable one.
const NIGHTLY: &str = "nightly-2026-05-20";
/// Memory in MiB beyond which an input is a finding: twice what a component may have, for the sanitizer takes its part.
const MEMORY: u32 = 1024;
/// Seconds for one input beyond which it is a finding.
const SLOW: u32 = 20;
/// How long the first build of the targets may take.
const BUILD: Duration = Duration::from_secs(1800);

/// Fuzz everything that reads a request or a picture, led by coverage.
///
/// Each target runs for --time seconds from its seeds (fuzz/seeds) and from what earlier runs found (fuzz/corpus). A finding
/// ends its target, is kept in fuzz/artifacts, and makes this command fail. cargo-fuzz is built into target/tools the first
/// time; a nightly compiler is taken from rustup, and installed where there is none.
///
/// Where no nightly can be had, the ordinary tests run the same targets over mutations of the seeds, as many as you like:
/// `DECKLE_FUZZ_ROUNDS=1000000 cargo test --release --package deckle-fuzz`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Run this target (a file name in fuzz/fuzz_targets, without .rs); may stand several times; none: all of them
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
    /// Seconds for each target
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    time: u32,
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let all = targets()?;
    if let Some(unknown) = arguments.target.iter().find(|name| !all.contains(name)) {
        bail!("there is no target `{unknown}`; there are: {}", all.join(", "));
    }
    let wanted = if arguments.target.is_empty() {
        &all
    } else {
        &arguments.target
    };
    let fuzzer = Fuzzer {
        program: CARGO_FUZZ.program()?,
        nightly: nightly()?,
        logs: workspace::target().join("fuzz-logs"),
    };
    fs::create_dir_all(&fuzzer.logs)?;
    fuzzer.build()?;
    let mut findings = Vec::new();
    let mut table = format!("{:<18} {:>12} {:>9} {:>9}\n", "target", "inputs", "seconds", "coverage");
    for name in wanted {
        let started = Instant::now();
        let outcome = fuzzer.fuzz(name, arguments.time);
        let (inputs, coverage) = figures(&fs::read_to_string(fuzzer.log(name)).unwrap_or_default());
        let seconds = started.elapsed().as_secs();
        table += &format!("{name:<18} {inputs:>12} {seconds:>9} {coverage:>9}\n");
        if let Err(error) = outcome {
            findings.push(format!("{name}: {error:#}"));
        }
    }
    println!("{table}");
    if !findings.is_empty() {
        bail!(
            "{} of {} targets have a finding; inputs are in fuzz/artifacts\n{}",
            findings.len(),
            wanted.len(),
            findings.join("\n")
        );
    }
    println!("fuzz: {} targets without a finding", wanted.len());
    Ok(())
}

/// The names of the targets: those of their files.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

struct Fuzzer {
    program: PathBuf,
    nightly: String,
    logs: PathBuf,
}

impl Fuzzer {
    fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    fn build(&self) -> Result<()> {
        let name = format!("build the targets with {}", self.nightly);
        process::step(&name, &mut self.command("build"), &self.log("build"), BUILD)
    }

    fn fuzz(&self, name: &str, seconds: u32) -> Result<()> {
        let corpus = format!("fuzz/corpus/{name}");
        fs::create_dir_all(workspace::root().join(&corpus))?;
        let mut command = self.command("run");
        command
            .args([name, &corpus, &format!("fuzz/seeds/{name}"), "--"])
            .args([
                format!("-max_total_time={seconds}"),
                format!("-rss_limit_mb={MEMORY}"),
                format!("-timeout={SLOW}"),
                "-print_final_stats=1".to_owned(),
            ]);
        // libFuzzer ends by itself; this is for one that does not.
        let limit = Duration::from_secs(u64::from(seconds) * 2 + 300);
        process::step(name, &mut command, &self.log(name), limit)
    }

    /// `cargo fuzz` under the nightly compiler. What the running cargo says of itself in the environment is of another one.
    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                "fuzz",
                what,
                "--fuzz-dir",
                "fuzz",
                "--features",
                "libfuzzer",
                "--target-dir",
            ])
            .arg(workspace::target().join("fuzz"))
            .current_dir(workspace::root())
            .env("RUSTUP_TOOLCHAIN", &self.nightly);
        for name in ["CARGO", "RUSTC", "CARGO_TARGET_DIR", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(name);
        }
        command
    }
}

/// A nightly toolchain's name: the pinned one, any other that is installed, or the pinned one after its installation.
fn nightly() -> Result<String> {
    let rustup = workspace::on_path("rustup").context("fuzzing needs rustup, for a nightly compiler")?;
    let list = process::output(Command::new(&rustup).args(["toolchain", "list"]))?;
    if let Some(found) = installed(&list) {
        return Ok(found);
    }
    eprintln!("installing {NIGHTLY}");
    let mut install = Command::new(&rustup);
    install.args(["toolchain", "install", NIGHTLY, "--profile", "minimal"]);
    process::run(&mut install).with_context(|| {
        format!(
            "{NIGHTLY} could not be installed. Without a nightly compiler the ordinary tests run the same targets over \
             mutations of their seeds: DECKLE_FUZZ_ROUNDS=1000000 cargo test --release --package deckle-fuzz"
        )
    })?;
    Ok(NIGHTLY.to_owned())
}

fn installed(list: &str) -> Option<String> {
    let names = || list.lines().filter_map(|line| line.split_whitespace().next());
    let pinned = names().find(|name| name.starts_with(NIGHTLY));
    let any = names().find(|name| name.starts_with("nightly"));
    pinned.or(any).map(str::to_owned)
}

/// How many inputs were tried and how many edges they covered, from libFuzzer's own words.
fn figures(log: &str) -> (String, String) {
    let inputs = log
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let coverage = log
        .lines()
        .rev()
        .find_map(|line| line.split("cov: ").nth(1)?.split(' ').next());
    (
        inputs.unwrap_or("?").trim().to_owned(),
        coverage.unwrap_or("?").to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds() {
        let targets = targets().unwrap();
        assert!(!targets.is_empty());
        for name in targets {
            let seeds = PathBuf::from("fuzz/seeds").join(&name);
            assert!(
                fs::read_dir(workspace::root().join(&seeds)).is_ok_and(|mut seeds| seeds.next().is_some()),
                "{}",
                seeds.display()
            );
        }
    }

    #[test]
    fn the_pinned_nightly_is_preferred() {
        let list = "stable-x86_64 (active, default)\nnightly-x86_64\nnightly-2026-05-20-x86_64\n";
        assert_eq!(installed(list).as_deref(), Some("nightly-2026-05-20-x86_64"));
        assert_eq!(
            installed("stable-x\nnightly-x86_64\n").as_deref(),
            Some("nightly-x86_64")
        );
        assert_eq!(installed("stable-x (default)\n1.95.0-x\n"), None);
    }

    #[test]
    fn figures_are_read_from_the_log() {
        let log = "#512 pulse cov: 101 ft: 2\n#900 DONE cov: 107 ft: 3\nstat::number_of_executed_units: 900\n";
        assert_eq!(figures(log), ("900".to_owned(), "107".to_owned()));
        assert_eq!(figures(""), ("?".to_owned(), "?".to_owned()));
    }
}
