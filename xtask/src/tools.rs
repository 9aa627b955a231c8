//! Cargo's own extensions that the chores use, each in the one version that it was set up for.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::{process, workspace};

/// A program from crates.io that cargo builds.
pub struct Tool {
    /// The crate and its program.
    pub name: &'static str,
    /// The version that its settings here were written for.
    pub version: &'static str,
}

impl Tool {
    /// Where the program is, under target/tools; built first if it is not there.
    pub fn program(&self) -> Result<PathBuf> {
        let Self { name, version } = self;
        let folder = workspace::target().join("tools").join(format!("{name}-{version}"));
        let program = folder.join("bin").join(name);
        if !program.is_file() {
            eprintln!("building {name} {version} into {}", folder.display());
            let build = folder.join("build");
            let mut install = workspace::cargo(&["install", name, "--version", version, "--locked", "--root"]);
            process::run(install.arg(&folder).env("CARGO_TARGET_DIR", &build))?;
            fs::remove_dir_all(build)?;
        }
        Ok(program)
    }
}
