//! The walls between the crates, kept by tests: what is under `crates/` is knowledge without a world around it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;
use crate::workspace::{self, WASM_TARGET};

/// Packages that reach the host of a component, or randomness.
const FORBIDDEN_PACKAGES: [&str; 8] = [
    "getrandom",
    "rand",
    "spin-sdk",
    "wasi",
    "wasip2",
    "wasip3",
    "wit-bindgen",
    "wit-bindgen-rt",
];

/// Words by which code reads the clock, the environment or the network itself, instead of being given what it needs.
const FORBIDDEN_CALLS: [&str; 6] = [
    "SystemTime::now",
    "Instant::now",
    "env::var",
    "std::net::Tcp",
    "std::fs::",
    "thread_rng",
];

#[test]
fn no_crate_depends_on_a_host() {
    for name in crates() {
        let mut tree = workspace::cargo(&["tree", "--edges", "normal", "--prefix", "none", "--target", WASM_TARGET]);
        let tree = process::output(tree.args(["--package", &name])).unwrap();
        let dependencies: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(
            dependencies.first(),
            Some(&name.as_str()),
            "a crate is named as its folder"
        );
        for package in FORBIDDEN_PACKAGES {
            assert!(!dependencies.contains(&package), "crates/{name} depends on {package}");
        }
    }
}

#[test]
fn no_crate_reads_the_clock_or_the_environment() {
    for name in crates() {
        for file in rust_files(&workspace::root().join("crates").join(&name).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let call = FORBIDDEN_CALLS.iter().find(|call| line.contains(*call));
                assert_eq!(call, None, "{}: {}", file.display(), line.trim());
            }
        }
    }
}

/// The folders of `crates/`.
fn crates() -> Vec<String> {
    let entries = fs::read_dir(workspace::root().join("crates")).unwrap();
    let folders = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("Cargo.toml").is_file());
    let names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(!names.is_empty());
    names
}

/// Every Rust file below a folder but those that hold only tests.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap_or_default();
        if stem == "tests" {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}
