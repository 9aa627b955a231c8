//! std for wasm32-wasip2, built from source and laid out as rustc expects it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::debian::Sources;
use super::rustc::Rustc;
use crate::process;
use crate::workspace::{self, WASM_TARGET};

/// Builds std below `work` and gives the folder of the finished sysroot there.
pub fn build(rustc: &Rustc, sources: &Sources, work: &Path) -> Result<PathBuf> {
    let libraries = compile(rustc, sources, work)?;
    let sysroot = work.join("sysroot");
    let lib = sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib");
    copy_files(&libraries, &lib, "rlib")?;
    // The linker looks for the C library and the start-up objects here.
    copy_files(&sources.libc, &lib.join("self-contained"), "")?;
    // The host's folder brings the linker.
    let host = Path::new("lib/rustlib").join(&rustc.host);
    symlink(rustc.sysroot.join(&host), sysroot.join(&host))?;
    if !lib.join("self-contained/libc.a").is_file() {
        bail!("wasi-libc brought no libc.a");
    }
    Ok(sysroot)
}

/// Compiles std with cargo's own way to do so and gives the folder of the libraries.
fn compile(rustc: &Rustc, sources: &Sources, work: &Path) -> Result<PathBuf> {
    let package = work.join("package");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"seed\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    let target = work.join("build");
    // The versions and checksums of std's dependencies are in its Cargo.lock. They come from crates.io as everybody else's
    // do: Debian's vendored copies lack a prebuilt object that the Wasm ones need.
    let mut cargo = workspace::cargo(&["build", "--release", "--target", WASM_TARGET]);
    cargo
        .args(["-Zbuild-std=std,panic_abort"])
        .current_dir(&package)
        .env("RUSTC", compiler(rustc, sources, work)?)
        // The compiler is a stable release; its own standard library needs the unstable features.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        // With bitcode, as Rust's own distribution has it: components are optimised as one program with std.
        // The paths that panics tell are Rust's, not this machine's: a component is the same wherever it was built.
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            format!(
                "-Cembed-bitcode=yes\x1f--remap-path-prefix={}=/rustc/{}/library",
                sources.library.display(),
                rustc.commit
            ),
        );
    for variable in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    let name = format!("building std {} for {WASM_TARGET}", rustc.release);
    process::step(&name, &mut cargo, &work.join("std.log"), Duration::from_secs(1800))?;
    Ok(target.join(WASM_TARGET).join("release/deps"))
}

/// cargo looks for std's source in the sysroot of the compiler. This compiler is the running one, with a sysroot that has
/// the source and otherwise links to its own.
fn compiler(rustc: &Rustc, sources: &Sources, work: &Path) -> Result<PathBuf> {
    let sysroot = work.join("seed-sysroot");
    let rustlib = sysroot.join("lib/rustlib");
    fs::create_dir_all(rustlib.join("src/rust"))?;
    symlink(&sources.library, rustlib.join("src/rust/library"))?;
    symlink(
        rustc.sysroot.join("lib/rustlib").join(&rustc.host),
        rustlib.join(&rustc.host),
    )?;
    let script = work.join("rustc");
    let real = rustc.sysroot.join("bin/rustc");
    fs::write(
        &script,
        format!(
            "#!/bin/sh\nexec {} --sysroot={} \"$@\"\n",
            quoted(&real),
            quoted(&sysroot)
        ),
    )?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    process::output(Command::new(&script).arg("-vV"))?;
    Ok(script)
}

/// Copies the files of a folder that end so, or all of them.
fn copy_files(from: &Path, to: &Path, extension: &str) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = file?.path();
        let wanted = extension.is_empty() || path.extension().is_some_and(|end| end == extension);
        if let (true, true, Some(name)) = (wanted, path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// A path as one word of a shell script.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word() {
        let printed =
            process::output(Command::new("sh").args(["-c", &format!("printf %s {}", quoted(Path::new("/a b/c'd")))]));
        assert_eq!(printed.unwrap(), "/a b/c'd");
    }
}
