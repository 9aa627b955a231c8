//! The command line: one file for each command.
mod api;
mod audit;
mod client;
mod key;
mod origin;
mod product;
mod project;
mod registry;
mod sign;
mod sweep;
mod trace;
mod up;

use crate::data::DataFolder;
use crate::kv::{Backend, Labelled, Sqlite};
use crate::runtime_configuration::RuntimeConfiguration;
use anyhow::{Context as _, Result};
use api::Api;
use clap::{Args, Parser, Subcommand};
use registry::Registry;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Serves signed, marked pictures, and looks after their keys.
#[derive(Parser)]
#[command(
    name = "deckle",
    version,
    after_help = "Examples:
  deckle up --originals photos          serve a folder of pictures, with a demo page and demo keys
  deckle sign --operations w_800,f_webp --source 127.0.0.1:41000/photo.jpg
  deckle trace leaked.jpg               name the client that a picture was delivered to

Exit codes: 0 done, 1 failed (standard error says why), 2 wrong usage or an unreadable file.
Every command takes --json, which prints one line of JSON on standard output."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Up),
    #[command(subcommand)]
    Key(key::Key),
    #[command(subcommand)]
    Project(project::Project),
    #[command(subcommand)]
    Client(client::Client),
    #[command(subcommand)]
    Product(product::Product),
    #[command(subcommand)]
    Audit(audit::Audit),
    Sign(sign::Sign),
    Sweep(sweep::Sweep),
    Trace(trace::Trace),
}

/// Runs the command.
pub fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Up(up) => up.run(),
        Command::Key(key) => key.run(),
        Command::Project(project) => project.run(),
        Command::Client(client) => client.run(),
        Command::Product(product) => product.run(),
        Command::Audit(audit) => audit.run(),
        Command::Sign(sign) => sign.run(),
        Command::Sweep(sweep) => sweep.run(),
        Command::Trace(trace) => trace.run(),
    }
}

/// Where things are kept.
#[derive(Args)]
pub struct Place {
    /// The data folder, as given to `deckle up`
    #[arg(long, value_name = "DIR", default_value = ".deckle")]
    data: PathBuf,
}

/// Where records are kept.
#[derive(Args)]
pub struct StorePlace {
    #[command(flatten)]
    place: Place,
    /// Another SQLite store instead of the data folder's, for example Spin's .spin/sqlite_key_value.db
    #[arg(long, value_name = "FILE", conflicts_with = "runtime_config_file")]
    store: Option<PathBuf>,
    #[command(flatten)]
    configuration: StoreConfiguration,
}

/// Where records are kept, or a server to ask for them.
#[derive(Args)]
pub struct RecordsPlace {
    #[command(flatten)]
    store: StorePlace,
    /// Over the admin API of this server instead of a store; DECKLE_OPERATOR_TOKEN holds the operator's credential, or the data
    /// folder of a `deckle up` with originals on this machine
    #[arg(long, value_name = "URL", conflicts_with_all = ["store", "runtime_config_file"])]
    url: Option<String>,
}

impl RecordsPlace {
    /// The server, where one was named.
    fn registry(&self) -> Result<Option<Registry>> {
        let api = self.url.as_deref().map(|url| Api::new(url, &self.store.place.data));
        Ok(api.transpose()?.map(Registry))
    }
}

/// Stores by their labels.
type Stores = BTreeMap<String, Arc<dyn Backend>>;

/// Where key-value stores are kept.
#[derive(Args)]
pub struct StoreConfiguration {
    /// Spin's runtime configuration, for stores in Redis or in another file: [key_value_store.default] type, url or path
    #[arg(long, value_name = "FILE")]
    runtime_config_file: Option<PathBuf>,
}

impl StoreConfiguration {
    /// Opens the stores. What the configuration does not name is in `memory`, else in the data folder.
    fn open(&self, data: &DataFolder, memory: Stores) -> Result<Arc<dyn Backend>> {
        let others: Arc<dyn Backend> = Arc::new(data.store()?);
        let mut named = memory;
        if let Some(file) = &self.runtime_config_file {
            named.extend(RuntimeConfiguration::read(file)?.open()?);
        }
        Ok(Arc::new(Labelled { named, others }))
    }
}

impl StorePlace {
    fn open(&self) -> Result<Arc<dyn Backend>> {
        match &self.store {
            Some(file) => {
                Ok(Arc::new(Sqlite::open(file).with_context(|| {
                    format!("the store {} cannot be opened", file.display())
                })?))
            }
            None => self
                .configuration
                .open(&DataFolder::open(&self.place.data)?, Stores::new()),
        }
    }
}

/// Prints to standard output. A reader that went away ends the program without noise.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// A table as text: columns as wide as their widest cell.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| Some(row.get(column)?.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn tables_align() {
        let rows = [
            vec!["a".to_owned(), "b".to_owned()],
            vec!["long".to_owned(), String::new()],
        ];
        assert_eq!(table(&rows), "a     b\nlong");
    }
}
