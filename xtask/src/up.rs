//! `cargo xtask up`: from sources to a served picture.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{build, workspace};

/// Build everything and serve the demo, in the foreground, until Ctrl-C.
///
/// Runs target/release/deckle with the photographs of static/photos as the origin, the products of static/catalogue and
/// .deckle as the data folder. It prints one signed URL that works; the page at / shows what the marks do, and what a client
/// of the API does. Stop it with Ctrl-C; what it stored stays in
/// .deckle. Everything after `--` goes to `deckle up`: `cargo xtask up -- --json`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// More options for `deckle up`
    #[arg(last = true)]
    more: Vec<OsString>,
}

/// The command. It becomes `deckle`, so that signals reach it directly; it returns only if that failed.
pub fn run(arguments: &Arguments) -> Result<()> {
    build::run(&build::Arguments::default())?;
    let mut deckle = Command::new(workspace::target().join("release/deckle"));
    deckle
        .current_dir(workspace::root())
        .args([
            "up",
            "--originals",
            "static/photos",
            "--catalogue",
            "static/catalogue/products.jsonl",
            "--data",
            ".deckle",
            "--port",
            &arguments.port.to_string(),
        ])
        .args(&arguments.more);
    Err(deckle.exec()).context("cannot start target/release/deckle")
}
