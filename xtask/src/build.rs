//! `cargo xtask build`: the components, then the native command.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::workspace::{self, WASM_TARGET};
use crate::{process, toolchain};

/// The components: the package that makes one, and the file it leaves.
pub const COMPONENTS: [(&str, &str); 3] = [
    ("deckle-edge", "deckle_edge.wasm"),
    ("deckle-control", "deckle_control.wasm"),
    ("deckle-janitor", "deckle_janitor.wasm"),
];

/// Build the components and the native command `deckle`.
///
/// Leaves the components in target/wasm32-wasip2/component, where spin.toml expects them, prints their sizes, and leaves
/// target/release/deckle, which runs them.
#[derive(clap::Args, Default)]
pub struct Arguments {
    /// Build only the components: enough for `spin up`
    #[arg(long)]
    components_only: bool,
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    components(None)?;
    print!("{}", sizes(&workspace::target().join(WASM_TARGET).join("component"))?);
    if !arguments.components_only {
        process::run(&mut workspace::cargo(&["build", "--release", "--package", "deckle"]))?;
        println!("built target/release/deckle");
    }
    Ok(())
}

/// Builds the components, and one that only the benchmark has: together, so that what they share has the same features.
pub fn components(further: Option<&str>) -> Result<()> {
    let wasm = toolchain::find()?;
    let mut cargo = workspace::cargo(&["build", "--profile", "component", "--target", WASM_TARGET]);
    for package in COMPONENTS.map(|(package, _)| package).into_iter().chain(further) {
        cargo.args(["--package", package]);
    }
    wasm.prepare(&mut cargo);
    process::run(&mut cargo)
}

/// One line for every component: its size, and what is left of it on a wire that compresses.
fn sizes(folder: &Path) -> Result<String> {
    let mut table = String::new();
    for (package, file) in COMPONENTS {
        let path = folder.join(file);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        table += &row(package, bytes.len(), compressed(&bytes)?);
    }
    Ok(table)
}

fn row(package: &str, raw: usize, gzip: usize) -> String {
    format!(
        "built {package:<14} {:>11} bytes, {:>11} gzipped\n",
        grouped(raw),
        grouped(gzip)
    )
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    Ok(gzip.finish()?.len())
}

/// A number in groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(192_644), "192,644");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn a_row_names_both_sizes() {
        assert_eq!(
            row("deckle-edge", 1_234_567, 456_789),
            "built deckle-edge      1,234,567 bytes,     456,789 gzipped\n"
        );
    }

    #[test]
    fn repetition_compresses() {
        assert!(compressed(&[7; 10_000]).unwrap() < 100);
    }
}
