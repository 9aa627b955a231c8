//! Where `cargo xtask bench` has put what the benchmark needs.

use std::path::PathBuf;

use deckle_tests::repository;

/// The originals.
pub fn originals() -> PathBuf {
    repository().join("target/bench/originals")
}

/// The programs for Node, with their packages.
pub fn node() -> PathBuf {
    repository().join("target/bench/node")
}
