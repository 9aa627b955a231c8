//! The foreign programs that the end-to-end tests run: Node and Python sign URLs as a client would, Chromium looks at
//! the page, Redis is shared by hosts.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{process, workspace};

/// The program on PATH, and the Debian package that brings it.
const PROGRAMS: [(&str, &str); 4] = [
    ("node", "nodejs"),
    ("python3", "python3"),
    ("chromium", "chromium"),
    ("redis-server", "redis-server"),
];

/// Makes sure that they are there. As root on Debian or its kin what is missing is installed; elsewhere the error names it.
pub fn ensure() -> Result<()> {
    let missing: Vec<_> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| workspace::on_path(program).is_none())
        .collect();
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let Some((program, _)) = missing.first() else {
        return Ok(());
    };
    let root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    if workspace::on_path("apt-get").is_none() || !root {
        bail!(
            "the end-to-end tests need `{program}` on PATH (Debian: sudo apt-get install {}). \
             Without it, run `cargo xtask test --only unit` and `--only host`",
            packages.join(" ")
        );
    }
    eprintln!("installing for the end-to-end tests: {}", packages.join(", "));
    process::run(Command::new("apt-get").args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install
        .args([
            "install",
            "--yes",
            "-qq",
            "--no-install-recommends",
            "-oDPkg::Lock::Timeout=300",
        ])
        .args(&packages);
    process::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}
