//! The attacks that need nothing but a key, against any deployment: `cargo xtask attack` runs this program.
//!
//! It prints a line for every row of `docs/THREATS.md`, those that cannot be made from outside too, with the reason.
#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "part of the suite, and a program that prints"
)]

mod pictures;
mod target;

mod h03_cache_deception;
mod h04_reflection;
mod h05_smuggling;
mod h06_enumeration;
mod h12_security_headers;
mod i05_output_bombs;
mod s01_s02_spellings_of_a_signature;
mod s05_timing;
mod s06_other_purposes;
mod s08_downgrade;
mod s09_no_oracle;
mod t01_t02_expiry_forms;
mod t04_t06_boundaries;
mod u01_any_byte;
mod u06_u08_parameters;
mod u07_order;
mod u09_u10_moved_bytes;
mod u12_targets_and_hosts;
mod u13_length;
mod u14_route_bypass;
mod u15_methods;

/// The canary is searched for in files of the host, which are not here: see `target::group`.
mod l01_canary {
    pub fn search(_: &crate::target::Target) -> anyhow::Result<()> {
        anyhow::bail!("the files of a deployment are not ours to read")
    }
}

use anyhow::{Context, Result, bail, ensure};
use deckle_tests::{Key, get};
use secret::SecretText;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use target::{Attack, GOOD, Target};

const ROWS: [(&[&str], Attack); 20] = [
    (&["U1"], u01_any_byte::attack),
    (&["U6", "U8"], u06_u08_parameters::attack),
    (&["U7"], u07_order::attack),
    (&["U9", "U10"], u09_u10_moved_bytes::attack),
    (&["U12"], u12_targets_and_hosts::attack),
    (&["U13"], u13_length::attack),
    (&["U14"], u14_route_bypass::attack),
    (&["U15"], u15_methods::attack),
    (&["S1", "S2"], s01_s02_spellings_of_a_signature::attack),
    (&["S5"], s05_timing::attack),
    (&["S6"], s06_other_purposes::attack),
    (&["S8"], s08_downgrade::attack),
    (&["S9"], s09_no_oracle::attack),
    (&["T1", "T2"], t01_t02_expiry_forms::attack),
    (&["T4", "T6"], t04_t06_boundaries::attack),
    (&["H3"], h03_cache_deception::attack),
    (&["H4"], h04_reflection::attack),
    (&["H5"], h05_smuggling::attack),
    (&["H12"], h12_security_headers::attack),
    (&["I5"], i05_output_bombs::attack),
];

/// Why the other rows cannot be made from outside, by the letters of their ids.
fn why_not(id: &str) -> &'static str {
    match (id, id.chars().next()) {
        ("U2" | "U3" | "U4" | "U5" | "U11", _) => "it knows the name of the original and its neighbours",
        ("R4" | "R6", _) | (_, Some('J')) => "it signs tokens with the master key",
        ("O13", _) => "it sets a project's list of pages",
        ("H2" | "H11", _) | (_, Some('O' | 'I')) => "it watches the origin, or has it send what no good origin sends",
        (_, Some('K' | 'R')) => "it breaks the store or the origin, or counts what all hosts together admit",
        (_, Some('L')) => "it reads the host's files, or restarts it",
        ("H1", _) | (_, Some('N')) => "it knows and moves the client's address",
        ("T8", _) => "it has the origin send slowly",
        _ => "it makes keys of its own",
    }
}

/// What became of a row.
enum Outcome {
    Fails,
    Succeeds(String),
    NotApplicable(&'static str),
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", shown(&error));
            ExitCode::from(2)
        }
    }
}

/// Whether every attack failed.
fn run() -> Result<bool> {
    let argument = |name: &str| std::env::var(format!("DECKLE_ATTACK_{name}")).with_context(|| format!("no {name}"));
    let key = Key {
        project: argument("PROJECT")?,
        public: argument("KEY")?,
        secret: SecretText::new(argument("SECRET")?),
        client: String::new(),
    };
    let json = argument("JSON").is_ok();
    let target = Target::deployment(&argument("URL")?, key, &argument("SOURCE")?);
    // A table of nothing but refusals would look like safety.
    target
        .serves(&target.v1("_", &target.source(GOOD)))
        .context("no picture is served to this key: check project, key, secret and source")?;
    let mut outcomes = Vec::new();
    for id in rows() {
        let Some((ids, attack)) = ROWS.iter().find(|(ids, _)| ids.contains(&id.as_str())) else {
            outcomes.push((id.clone(), Outcome::NotApplicable(why_not(&id))));
            continue;
        };
        if ids.first() != Some(&id.as_str()) {
            continue;
        }
        let names = ids.join(", ");
        eprint!("  {names:<10} ... ");
        std::io::stderr().flush()?;
        let started = Instant::now();
        let outcome = one(&target, *attack);
        let shown = if matches!(outcome, Outcome::Fails) {
            "fails, as it should"
        } else {
            "SUCCEEDS"
        };
        eprintln!("{shown} ({} s)", started.elapsed().as_secs());
        outcomes.push((names, outcome));
    }
    Ok(report(&outcomes, json))
}

/// Makes one attack. Afterwards the deployment must still serve.
fn one(target: &Target, attack: Attack) -> Outcome {
    let outcome = catch_unwind(AssertUnwindSafe(|| attack(target))).unwrap_or_else(|_| bail_panicked());
    let well = || -> Result<()> {
        let until = Instant::now() + Duration::from_secs(10);
        while get(&target.url(&target.v1("_", &target.source(GOOD))))?.status != 200 {
            ensure!(
                Instant::now() < until,
                "the deployment no longer serves the good picture"
            );
            std::thread::sleep(Duration::from_millis(500));
        }
        Ok(())
    };
    match outcome.and_then(|()| well()) {
        Ok(()) => Outcome::Fails,
        Err(error) => Outcome::Succeeds(shown(&error)),
    }
}

/// The start of an error, without the signatures of URLs that work.
fn shown(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let mut parts = text.split("sig=");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        shown += "sig=(left out)";
        shown += rest;
    }
    shown.chars().take(400).collect()
}

fn bail_panicked() -> Result<()> {
    bail!("an assertion failed, see above")
}

/// The ids of all rows, in the order of the document.
fn rows() -> Vec<String> {
    let document = include_str!("../../docs/THREATS.md");
    let ids = document
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next());
    ids.filter(|id| id.len() > 1 && id[1..].parse::<u8>().is_ok())
        .map(str::to_owned)
        .collect()
}

/// Prints the table; whether it holds no attack that succeeded.
fn report(outcomes: &[(String, Outcome)], json: bool) -> bool {
    let mut succeeded = 0;
    for (id, outcome) in outcomes {
        let (word, detail) = match outcome {
            Outcome::Fails => ("fails", ""),
            Outcome::NotApplicable(why) => ("not applicable to a remote deployment", *why),
            Outcome::Succeeds(how) => {
                succeeded += 1;
                ("SUCCEEDS", how.as_str())
            }
        };
        if json {
            println!(
                "{}",
                serde_json::json!({ "row": id, "attack": word.to_lowercase(), "detail": detail })
            );
        } else {
            println!("{id:<10} {word}{}{detail}", if detail.is_empty() { "" } else { ": " });
        }
    }
    let made = outcomes
        .iter()
        .filter(|(_, o)| !matches!(o, Outcome::NotApplicable(_)))
        .count();
    eprintln!(
        "{made} attacks made, {succeeded} succeeded; {} rows are not applicable",
        outcomes.len() - made
    );
    succeeded == 0
}
