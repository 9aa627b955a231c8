//! `deckle`: serves the components of a Spin manifest on one machine, and looks after keys, signed URLs and marks.
mod answer;
mod cli;
mod clock;
mod data;
mod demo;
mod engine;
mod files;
mod folder;
mod https;
mod instance;
mod kv;
mod log;
mod manifest;
mod metrics;
mod origin;
mod outbound;
mod plain;
mod platform;
mod postgres;
mod records;
mod request;
mod runtime_configuration;
mod schedule;
#[cfg(test)]
mod scratch;
mod server;
mod socket;
mod sqlite;
mod throttle;
mod trace;
mod variables;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            log::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
