//! The foreign programs that the end-to-end tests run: Node and Python sign URLs as a client would, Chromium looks at
//! the page, Redis and PostgreSQL are shared by hosts.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{process, workspace};

/// Where Debian keeps PostgreSQL's programs, in a folder for each release.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The program, and the Debian package that brings it.
const PROGRAMS: [(&str, &str); 5] = [
    ("node", "nodejs"),
    ("python3", "python3"),
    ("chromium", "chromium"),
    ("redis-server", "redis-server"),
    ("initdb", "postgresql"),
];

/// Makes sure that they are there. As root on Debian or its kin what is missing is installed; elsewhere the error names it.
pub fn ensure() -> Result<()> {
    let missing: Vec<_> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| workspace::on_path(program).is_none() && !of_postgresql(program))
        .collect();
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let Some((program, _)) = missing.first() else {
        return Ok(());
    };
    let root = process::output(Command::new("id").arg("-u"))?.trim() == "0";
    if workspace::on_path("apt-get").is_none() || !root {
        bail!(
            "the tests need `{program}` (Debian: sudo apt-get install {}). \
             Without it, run `cargo xtask test --only unit`",
            packages.join(" ")
        );
    }
    eprintln!("installing for the tests: {}", packages.join(", "));
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

fn of_postgresql(program: &str) -> bool {
    let releases = std::fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    releases
        .map(|release| release.path().join("bin").join(program))
        .any(|path| path.is_file())
}
