//! `cargo xtask bench`: builds, fetches what Deckle is measured against and the photographs, and measures.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::apt::Apt;
use crate::{build, process, programs, workspace};

/// Debian's packages with large photographs, of one suite: docs/BENCHMARKS.md names them.
const SUITE: &str = "bookworm";
/// Name, version, SHA-256.
type Package = (&'static str, &'static str, &'static str);
/// The originals of the cases.
const WALLPAPERS: Package = (
    "lomiri-wallpapers-16.04",
    "20.04.0-2",
    "a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab",
);
/// What else the mark is tried on.
const MORE: [Package; 2] = [
    (
        "lomiri-wallpapers-20.04",
        "20.04.0-2",
        "d44e89b8473aafe64a5b678f014862dc31335aaaf18665c544d985d854f1a709",
    ),
    (
        "mate-backgrounds",
        "1.26.0-1",
        "7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04",
    ),
];

/// Measure Deckle against sharp and IPX, on the same photographs, on this machine (Linux).
///
/// `cargo xtask bench --help` explains all of it. Needs node and npm; sharp and IPX come from npm in the versions of
/// bench/node/package-lock.json, the photographs from a Debian package. Everything fetched stays in target/bench.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// Options of the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<OsString>,
}

/// The command.
pub fn run(arguments: &Arguments) -> Result<()> {
    let explain = arguments
        .options
        .iter()
        .any(|option| option == "--help" || option == "-h");
    if !explain {
        build::run(&build::Arguments::default())?;
        if arguments.options.iter().any(|option| option == "--warm") {
            build::components(Some("deckle-bench-unmarked"))?;
        }
        let work = workspace::target().join("bench");
        fs::create_dir_all(&work)?;
        packages(&work)?;
        photographs(&work)?;
        let asked = |option: &str| arguments.options.iter().any(|asked| asked == option);
        if asked("--mark") || asked("--trace") {
            for package in &MORE {
                unpacked(&work, package)?;
            }
        }
        if asked("--mark") {
            programs::python(
                &workspace::root().join("bench/python/requirements.txt"),
                &work.join("python"),
            )?;
        }
    }
    let mut bench = workspace::cargo(&["run", "--quiet", "--package", "deckle-bench", "--"]);
    process::run(bench.args(&arguments.options))
}

/// The programs of bench/node beside the packages that they use. Made again when the lock file changes.
fn packages(work: &Path) -> Result<()> {
    let (sources, folder) = (workspace::root().join("bench/node"), work.join("node"));
    let lock = fs::read(sources.join("package-lock.json"))?;
    fs::create_dir_all(&folder)?;
    let installed = folder.join("node_modules/.package-lock.json").is_file()
        && fs::read(folder.join("package-lock.json")).is_ok_and(|installed| installed == lock);
    for entry in fs::read_dir(&sources)? {
        let path = entry?.path();
        fs::copy(&path, folder.join(path.file_name().unwrap_or_default()))?;
    }
    if installed {
        return Ok(());
    }
    eprintln!("installing the packages of bench/node into {}", folder.display());
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
    process::run(npm.current_dir(folder))
        .context("the benchmark needs node and npm, and the packages from npm's registry")
}

/// The originals, made once of what Debian and the repository have.
fn photographs(work: &Path) -> Result<()> {
    let originals = work.join("originals");
    let script = fs::read(work.join("node/photographs.mjs"))?;
    let made = work.join("photographs.mjs");
    if fs::read(&made).is_ok_and(|made| made == script) {
        return Ok(());
    }
    let wallpapers = unpacked(work, &WALLPAPERS)?;
    eprintln!("making the originals in {}", originals.display());
    let mut node = Command::new("node");
    node.arg(work.join("node/photographs.mjs")).args([
        &wallpapers.join("usr/share/backgrounds"),
        &workspace::root().join("static/photos"),
        &originals,
    ]);
    process::run(&mut node)?;
    Ok(fs::write(made, script)?)
}

/// The folder of a package that is unpacked, or will be.
fn unpacked(work: &Path, &(name, version, sha256): &Package) -> Result<PathBuf> {
    let file = work.join(format!("{name}_{version}_all.deb"));
    let unpacked = work.join(name);
    if unpacked.is_dir() {
        return Ok(unpacked);
    }
    if workspace::on_path("apt-get").is_none() {
        bail!(
            "the photographs are Debian's package {name} {version}: unpack it with `ar x` and `tar` into {}",
            unpacked.display()
        );
    }
    let apt = Apt::new(work, &[SUITE])?;
    apt.update()?;
    apt.download(name, version, work)?;
    let sum = process::output(Command::new("sha256sum").arg(&file))?;
    if !sum.starts_with(sha256) {
        bail!("{} is not the file that the benchmark was made with", file.display());
    }
    process::run(Command::new("dpkg-deb").arg("--extract").arg(&file).arg(&unpacked))?;
    Ok(unpacked)
}
