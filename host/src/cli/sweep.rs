use super::{StorePlace, print};
use crate::clock::now;
use crate::records::{Records, STORE};
use admission::{is_spent, leeway};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Delete claims and counters that nothing can use any more
///
/// `deckle up` does so by itself, with the component `janitor`. This is for stores that something else serves.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle sweep --store .spin/sqlite_key_value.db
  deckle sweep --runtime-config-file stores.toml")]
pub struct Sweep {
    #[command(flatten)]
    place: StorePlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Sweep {
    pub fn run(self) -> Result<ExitCode> {
        let (store, now) = (self.place.open()?, now());
        // A key that cannot be read ends it here: its grace period is not known.
        let keys = Records::new(&*store).keys()?;
        let leeway = leeway(keys.iter().map(|key| key.exp_grace).max().unwrap_or(0));
        let names = store.keys(STORE)?;
        let spent: Vec<_> = names.iter().filter(|name| is_spent(name, leeway, now)).collect();
        for name in &spent {
            store.delete(STORE, name)?;
        }
        match self.json {
            true => print(&json!({ "deleted": spent.len() }).to_string())?,
            false => print(&format!("{} deleted", spent.len()))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
