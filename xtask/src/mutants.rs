//! `cargo xtask mutants`: do the tests notice when a verification is wrong?

use std::process::Command;

use anyhow::{Result, bail};

use crate::tools::Tool;
use crate::{process, workspace};

/// What .cargo/mutants.toml was written for.
const CARGO_MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    version: "27.1.0",
};
/// The crates that decide who may have a picture.
const CRATES: [&str; 4] = ["signed-url", "token", "admission", "netaddr"];

/// Change the code that verifies and admits, one place at a time, and see that a test fails each time.
///
/// The crates are signed-url, token, admission and netaddr unless --package names one; on two cores all of them take about
/// half an hour. A change that no test notices is listed in target/mutants/NAME/mutants.out/missed.txt and makes this command
/// fail. Those that change nothing that can be seen are left out in .cargo/mutants.toml, each with its reason.
#[derive(clap::Args)]
pub struct Arguments {
    /// Change this crate; may stand several times
    #[arg(long, value_name = "NAME")]
    package: Vec<String>,
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let asked = arguments.package.iter().map(String::as_str);
    let packages: Vec<&str> = if arguments.package.is_empty() {
        CRATES.into()
    } else {
        asked.collect()
    };
    let program = CARGO_MUTANTS.program()?;
    let mut survived = Vec::new();
    for package in packages {
        let folder = workspace::target().join("mutants").join(package);
        std::fs::create_dir_all(&folder)?;
        let mut command = Command::new(&program);
        command
            .args(["mutants", "--no-shuffle", "--package", package, "--output"])
            .arg(folder)
            .current_dir(workspace::root())
            .env("CARGO_TARGET_DIR", workspace::target().join("mutants/build"));
        if let Err(error) = process::run(&mut command) {
            survived.push(format!("{package}: {error:#}"));
        }
    }
    if !survived.is_empty() {
        bail!("not every change was noticed:\n{}", survived.join("\n"));
    }
    Ok(())
}
