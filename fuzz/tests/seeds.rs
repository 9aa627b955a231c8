//! Every target over its seeds and over mutations of them: the same inputs on every run, so that a failure is found again.
//!
//! `DECKLE_FUZZ_ROUNDS` says how many mutations each target gets. `cargo xtask fuzz` searches further, led by coverage.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a finding is a panic")]

use deckle_fuzz::{TARGETS, mutation};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

fn rounds(default: u64) -> u64 {
    let asked = std::env::var("DECKLE_FUZZ_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(default)
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Runs a target over everything. A finding is named by its number, and written where it can be looked at.
fn survive(name: &str, default: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "no seeds");
    let slices: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    seeds.iter().for_each(|seed| (target.run)(seed));
    for number in 0..rounds(default) {
        let input = mutation::of(&slices, number);
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{number}"));
            std::fs::write(&file, &input).unwrap();
            panic!("mutation {number} of {name} is a finding: {}", file.display());
        }
    }
}

/// Names of the targets that have a test below.
macro_rules! survives {
    ($($name:ident: $rounds:literal),+ $(,)?) => {
        $(#[test] fn $name() { survive(stringify!($name), $rounds); })+
        const TESTED: &[&str] = &[$(stringify!($name)),+];
    };
}

survives! {
    container: 20_000,
    jpeg_coefficients: 20_000,
    leak: 100,
    lossless_container: 20_000,
    operations: 200_000,
    render: 6000,
    signed_url: 100_000,
    source: 100_000,
    token: 50_000,
    trace: 15_000,
    vp8_levels: 20_000,
    webp_container: 20_000,
}

#[test]
fn every_target_is_tested_and_has_a_binary() {
    let mut names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    names.retain(|name| !manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")));
    assert!(names.is_empty(), "{names:?} cannot be fuzzed");
}

#[test]
fn mutations_differ_and_do_not_drift() {
    let seed: &[&[u8]] = &[b"w_800,f_webp"];
    let made: Vec<Vec<u8>> = (0..1000).map(|number| mutation::of(seed, number)).collect();
    let distinct: std::collections::HashSet<_> = made.iter().collect();
    assert!(distinct.len() > 800, "{} distinct", distinct.len());
    assert_eq!(made[7], mutation::of(seed, 7));
}
