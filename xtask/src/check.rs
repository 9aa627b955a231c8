//! `cargo xtask check`: what a reviewer should not have to look for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{self, WASM_TARGET};
use crate::{process, toolchain};

/// The cargo-deny that deny.toml was written for.
const CARGO_DENY: &str = "0.20.2";

/// Check format, lints, licences and where dependencies come from.
///
/// Runs cargo fmt, clippy for this machine and for the edge on wasm32-wasip2, and cargo-deny, which is built into
/// target/tools the first time. The walls between the crates are a test: `cargo xtask test --only unit`.
#[derive(clap::Args)]
pub struct Arguments {}

/// The command.
pub fn run(_: &Arguments) -> Result<()> {
    process::run(&mut workspace::cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut workspace::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-Dwarnings",
    ]))?;
    let wasm = toolchain::find()?;
    let mut clippy = workspace::cargo(&["clippy", "--package", "deckle-edge", "--target", WASM_TARGET]);
    wasm.prepare(&mut clippy);
    process::run(clippy.args(["--", "-Dwarnings"]))?;
    // Advisories are left out: their database lives outside the registries, and a closed network is no reason to fail.
    let mut deny = Command::new(cargo_deny()?);
    process::run(
        deny.current_dir(workspace::root())
            .args(["--workspace", "check", "bans", "licenses", "sources"]),
    )
}

/// The pinned cargo-deny, built first if it is not there.
fn cargo_deny() -> Result<PathBuf> {
    let folder = workspace::target()
        .join("tools")
        .join(format!("cargo-deny-{CARGO_DENY}"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        eprintln!("building cargo-deny {CARGO_DENY} into {}", folder.display());
        let build = folder.join("build");
        let mut install = workspace::cargo(&["install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--root"]);
        process::run(install.arg(&folder).env("CARGO_TARGET_DIR", &build))?;
        fs::remove_dir_all(build)?;
    }
    Ok(program)
}
