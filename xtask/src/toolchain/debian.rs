//! The sources of a Wasm standard library, out of a Debian mirror, without touching the machine's packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::apt::Apt;
use super::rustc::Rustc;
use crate::{process, workspace};

/// Where the packages are: Rust of the current months for the stable release, and a wasi-libc that knows wasm32-wasip2.
pub const SUITES: [&str; 2] = ["trixie-backports", "forky"];

/// The wasi-libc that the project is built and tested with. A mirror that has moved on gets its newest one taken, with a note.
const WASI_LIBC: &str = "0.0~git20260423";

/// Two unpacked packages.
pub struct Sources {
    /// The folder of std's workspace.
    pub library: PathBuf,
    /// The folder with wasi-libc's start-up objects and `libc.a`.
    pub libc: PathBuf,
}

/// Whether this machine has Debian's package tools.
pub fn is_here() -> bool {
    ["apt-get", "apt-cache", "dpkg-deb"]
        .iter()
        .all(|tool| workspace::on_path(tool).is_some())
}

/// Fetches and unpacks rust-src of rustc's version and wasi-libc below `work`.
pub fn fetch(rustc: &Rustc, work: &Path) -> Result<Sources> {
    if !is_here() {
        bail!("this machine has no apt");
    }
    let apt = Apt::new(work, &SUITES)?;
    apt.update()?;
    let rust_src = apt
        .versions("rust-src")?
        .into_iter()
        .find(|version| upstream(version) == rustc.release);
    let rust_src = rust_src.with_context(|| {
        format!(
            "no rust-src {} in {} of {}",
            rustc.release,
            SUITES.join(" or "),
            apt.mirror
        )
    })?;
    let libcs = apt.versions("wasi-libc")?;
    let pinned = libcs.iter().find(|version| version.starts_with(WASI_LIBC));
    let wasi_libc = pinned.or(libcs.first()).context("the mirror has no wasi-libc")?;
    if pinned.is_none() {
        eprintln!("  note: wasi-libc {wasi_libc} is taken; the project is tested with {WASI_LIBC}");
    }
    for (package, version) in [("rust-src", &rust_src), ("wasi-libc", wasi_libc)] {
        apt.download(package, version, work)?;
    }
    let unpacked = work.join("unpacked");
    for package in packages(work)? {
        let name = format!("unpacking {}", package.file_name().unwrap_or_default().display());
        let mut extract = Command::new("dpkg-deb");
        process::step(
            &name,
            extract.arg("--extract").arg(package).arg(&unpacked),
            &apt.log("unpack"),
            Duration::from_secs(600),
        )?;
    }
    let library = unpacked.join(format!("usr/src/rustc-{}/library", rustc.release));
    let libc = unpacked.join("usr/lib/wasm32-wasip2");
    for folder in [&library, &libc] {
        if !folder.is_dir() {
            bail!(
                "rust-src {rust_src} and wasi-libc {wasi_libc} bring no {}",
                folder.display()
            );
        }
    }
    Ok(Sources { library, libc })
}

/// The version of the software without Debian's part: `1.95.0` of `1.95.0+dfsg1-2~bpo13+1`.
fn upstream(version: &str) -> &str {
    version.split(['+', '-', '~']).next().unwrap_or(version)
}

fn packages(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    Ok(files
        .into_iter()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|end| end == "deb"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_version_stands_before_debians() {
        assert_eq!(upstream("1.95.0+dfsg1-2~bpo13+1"), "1.95.0");
        assert_eq!(upstream("1.85.0-3"), "1.85.0");
        assert_eq!(upstream("1.96.0~beta.2+dfsg1-1"), "1.96.0");
    }
}
