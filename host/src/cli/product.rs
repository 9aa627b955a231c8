use super::api::Server;
use super::{print, table};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// The products that clients buy pictures of
#[derive(Subcommand)]
pub enum Product {
    Import(Import),
}

impl Product {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Import(import) => import.run(),
        }
    }
}

/// Import products from a file; a row replaces the product of its barcode
///
/// Bad rows are reported and left out. A file that breaks off leaves the rows before it, and can be sent again.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle product import products.csv
  deckle product import products.jsonl --url https://img.example.com

CSV has a header: barcode,name,brand,category[,description,size,front,back,front_clean,back_clean]
JSON lines: {\"barcode\":\"017000161563\",\"name\":\"…\",\"brand\":\"…\",\"category\":\"…\",\"images\":{\"front\":\"images.example.com/1.jpg\"}}
Exit codes: 0 all rows are products, 1 some are not.")]
pub struct Import {
    /// A file whose name ends in .csv, .jsonl or .ndjson
    file: PathBuf,
    #[command(flatten)]
    server: Server,
}

impl Import {
    fn run(self) -> Result<ExitCode> {
        let media_type = match self.file.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => "text/csv",
            Some("jsonl" | "ndjson") => "application/x-ndjson",
            _ => bail!("{}: the name must end in .csv, .jsonl or .ndjson", self.file.display()),
        };
        let report = self
            .server
            .api()?
            .upload("/admin/products/import", media_type, &self.file)?;
        if self.server.json {
            print(&report.to_string())?;
        } else {
            let bad = report["errors"].as_array().cloned().unwrap_or_default();
            let row = |bad: &Value| {
                vec![
                    format!("row {}", bad["row"]),
                    bad["error"].as_str().unwrap_or_default().to_owned(),
                ]
            };
            if !bad.is_empty() {
                print(&table(&bad.iter().map(row).collect::<Vec<_>>()))?;
            }
            print(&format!("{} imported, {} not", report["imported"], report["failed"]))?;
        }
        Ok(match report["failed"].as_u64() {
            Some(0) => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }
}
