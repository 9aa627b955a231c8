//! `cargo xtask toolchain`: a Wasm standard library for the rustc that is running, wherever it can be had.

pub mod apt;
mod debian;
mod rustc;
mod standard_library;

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::workspace::{self, WASM_TARGET};
use rustc::Rustc;

/// Make sure that rustc can build components, and say how.
///
/// Components need a standard library for wasm32-wasip2. The first of these that works is taken:
/// (1) rustc has one already; (2) an earlier run built one; (3) `rustup target add wasm32-wasip2`;
/// (4) on Debian and its kin, where a network may reach nothing but package registries: the source of std (rust-src, the
/// same version as rustc) and its C library (wasi-libc) are fetched with apt, its dependencies with cargo, and it is
/// built, once, under target/wasm-sysroot. (4) installs nothing and leaves the toolchain alone.
#[derive(clap::Args)]
pub struct Arguments {}

/// Every engine that runs our components has fixed-width SIMD.
const SIMD: &str = "-Ctarget-feature=+simd128";
/// Loops of more instructions than usual are unrolled, some of their turns at a time or all of them. What can be stopped anywhere looks at
/// a clock in each turn of a loop, so fewer turns pay here more than elsewhere: 3 to 5 % of a JPEG's time and 9 to 14 % of a WebP's, for 13 %
/// more bytes of the edge component.
const UNROLLED: [&str; 2] = [
    "-Cllvm-args=-unroll-partial-threshold=200",
    "-Cllvm-args=-unroll-threshold=800",
];

/// What cargo needs to be told to build for Wasm.
pub struct Wasm {
    /// The folder of a standard library that we built; `None` when rustc has its own.
    sysroot: Option<PathBuf>,
}

impl Wasm {
    /// Points a cargo command at the standard library. This variable stands in for every other source of flags, so it
    /// repeats those of .cargo/config.toml; its separator leaves spaces in paths alone.
    pub fn prepare(&self, cargo: &mut Command) {
        let mut flags = self.flags("\x1f");
        // A component tells where its sources' panics stand. Where they lay on this machine is nobody's business.
        for (path, name) in [(Some(workspace::root()), "deckle"), (workspace::cargo_home(), "cargo")] {
            if let Some(path) = path {
                flags.push("\x1f--remap-path-prefix=");
                flags.push(path);
                flags.push(format!("=/{name}"));
            }
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    }

    fn flags(&self, separator: &str) -> OsString {
        let mut flags = OsString::from(SIMD);
        for flag in UNROLLED {
            flags.push(separator);
            flags.push(flag);
        }
        if let Some(sysroot) = &self.sysroot {
            flags.push(separator);
            flags.push("--sysroot=");
            flags.push(sysroot);
        }
        flags
    }
}

/// The command.
pub fn run(_: &Arguments) -> Result<()> {
    let wasm = find()?;
    match &wasm.sysroot {
        None => eprintln!("rustc has a standard library for {WASM_TARGET}"),
        Some(sysroot) => eprintln!("the standard library for {WASM_TARGET} is in {}", sysroot.display()),
    }
    eprintln!("to build for it by hand:");
    println!(
        "export CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS=\"{}\"",
        wasm.flags(" ").display()
    );
    Ok(())
}

/// Finds a standard library or makes one.
pub fn find() -> Result<Wasm> {
    let rustc = Rustc::running()?;
    if rustc.has_own(WASM_TARGET) {
        return Ok(Wasm { sysroot: None });
    }
    let shelf = workspace::target().join("wasm-sysroot");
    fs::create_dir_all(&shelf).with_context(|| format!("cannot create {}", shelf.display()))?;
    // One builder at a time. The lock ends with its process, so an interrupted run never blocks the next one.
    let lock = File::create(shelf.join("lock"))?;
    if lock.try_lock().is_err() {
        eprintln!("waiting for another run that prepares the standard library");
        lock.lock()?;
    }
    let sysroot = shelf.join(rustc.identity());
    if sysroot.is_dir() {
        return Ok(Wasm { sysroot: Some(sysroot) });
    }
    eprintln!("rustc {} has no standard library for {WASM_TARGET} yet", rustc.release);
    let refusal = match add_with_rustup(&rustc, &shelf) {
        Ok(()) => return Ok(Wasm { sysroot: None }),
        Err(refusal) => refusal,
    };
    match build_from_debian(&rustc, &shelf, &sysroot) {
        Ok(()) => Ok(Wasm { sysroot: Some(sysroot) }),
        Err(error) => Err(nothing_worked(&rustc, &refusal, &error)),
    }
}

fn add_with_rustup(rustc: &Rustc, shelf: &Path) -> Result<()> {
    let rustup = workspace::on_path("rustup").context("there is no rustup on PATH")?;
    // A closed network may swallow connections: do not wait long where there is another way.
    let limit = Duration::from_secs(if debian::is_here() { 60 } else { 900 });
    let mut add = Command::new(rustup);
    add.args(["target", "add", WASM_TARGET]).env("RUST_BACKTRACE", "0");
    process::step(
        &format!("rustup target add {WASM_TARGET}"),
        &mut add,
        &shelf.join("rustup.log"),
        limit,
    )?;
    if rustc.has_own(WASM_TARGET) {
        return Ok(());
    }
    Err(anyhow!(
        "rustup added {WASM_TARGET}, but to another toolchain than rustc's, {}",
        rustc.sysroot.display()
    ))
}

/// Everything happens in a folder of its own that gets its name when it is complete.
fn build_from_debian(rustc: &Rustc, shelf: &Path, sysroot: &Path) -> Result<()> {
    let work = shelf.join("unfinished");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot clear {}", work.display()))?;
    }
    fs::create_dir(&work)?;
    let sources = debian::fetch(rustc, &work)?;
    let built = standard_library::build(rustc, &sources, &work)?;
    fs::rename(&built, sysroot).with_context(|| format!("cannot create {}", sysroot.display()))?;
    fs::remove_dir_all(&work).with_context(|| format!("cannot clear {}", work.display()))
}

fn nothing_worked(rustc: &Rustc, rustup: &anyhow::Error, debian: &anyhow::Error) -> anyhow::Error {
    let log = workspace::target().join("wasm-sysroot");
    anyhow!(
        "no standard library for {WASM_TARGET} could be had.\n\n\
         1. rustup target add {WASM_TARGET}\n   {rustup:#}\n\n\
         2. Debian packages rust-src and wasi-libc\n   {debian:#}\n\n\
         What to do: with a network that reaches Rust's downloads, run\n    rustup target add {WASM_TARGET}\n\
         On Debian or its kin, apt must reach a mirror that has the suites {suites}, with rust-src {release};\n\
         otherwise use a rustc whose version they have. Then run this command again. Logs: {log}",
        suites = debian::SUITES.join(" and "),
        release = rustc.release,
        log = log.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_of_the_configuration() {
        let flags = Wasm { sysroot: None }.flags("\", \"").into_string().unwrap();
        let configuration = fs::read_to_string(workspace::root().join(".cargo/config.toml")).unwrap();
        assert!(configuration.contains(&format!("rustflags = [\"{flags}\"]")), "{flags}");
        let built = Wasm {
            sysroot: Some("/a/sysroot".into()),
        };
        let flags = built.flags("|").into_string().unwrap();
        assert!(flags.starts_with("-Ctarget-feature=+simd128|"));
        assert!(flags.ends_with("|--sysroot=/a/sysroot"));
    }
}
