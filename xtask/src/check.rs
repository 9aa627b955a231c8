//! `cargo xtask check`: what a reviewer should not have to look for.

use std::process::Command;

use anyhow::Result;

use crate::tools::Tool;
use crate::workspace::{self, WASM_TARGET};
use crate::{build, process, toolchain};

/// What deny.toml was written for.
const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// Check format, lints, licences and where dependencies come from.
///
/// Runs cargo fmt, clippy for this machine and for the components on wasm32-wasip2, and cargo-deny, which is built into
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
    let mut clippy = workspace::cargo(&["clippy", "--target", WASM_TARGET]);
    clippy.args(build::COMPONENTS.iter().flat_map(|(package, _)| ["--package", package]));
    wasm.prepare(&mut clippy);
    process::run(clippy.args(["--", "-Dwarnings"]))?;
    // Advisories are left out: their database lives outside the registries, and a closed network is no reason to fail.
    let mut deny = Command::new(CARGO_DENY.program()?);
    process::run(
        deny.current_dir(workspace::root())
            .args(["--workspace", "check", "bans", "licenses", "sources"]),
    )
}
