//! The foreign programs that the end-to-end tests run: Node and Python sign URLs as a client would, Chromium looks at
//! the page, Redis and PostgreSQL are shared by hosts, Schemathesis compares the API with its document.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, workspace};

/// Where Debian keeps PostgreSQL's programs, in a folder for each release.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The program, and the Debian package that brings it.
const PROGRAMS: [(&str, &str); 5] = [
    ("node", "nodejs"),
    ("python3", "python3-venv"),
    ("chromium", "chromium"),
    ("redis-server", "redis-server"),
    ("initdb", "postgresql"),
];

/// Makes sure that they are there. As root on Debian or its kin what is missing is installed; elsewhere the error names it.
pub fn ensure() -> Result<()> {
    of_debian()?;
    of_python()
}

fn of_debian() -> Result<()> {
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

/// Schemathesis goes into an environment of its own.
fn of_python() -> Result<()> {
    let requirements = workspace::root().join("tests/requirements.txt");
    python(&requirements, &workspace::target().join("tools/python"))
}

/// Makes an environment of Python with exactly the packages and versions of a file. It is made again when that file changes.
pub fn python(requirements: &Path, environment: &Path) -> Result<()> {
    let (wanted, installed) = (fs::read(requirements)?, environment.join("requirements.txt"));
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    eprintln!("installing {} into {}", requirements.display(), environment.display());
    let make = process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment));
    make.context("python3 needs its venv (Debian: sudo apt-get install python3-venv)")?;
    let mut install = Command::new(environment.join("bin/python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "-r",
    ]);
    process::run(install.arg(requirements))
        .with_context(|| format!("the packages of {} come from PyPI", requirements.display()))?;
    Ok(fs::write(installed, wanted)?)
}

fn of_postgresql(program: &str) -> bool {
    let releases = fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    releases
        .map(|release| release.path().join("bin").join(program))
        .any(|path| path.is_file())
}
