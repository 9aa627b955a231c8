use super::api::{Server, name};
use super::{print, table};
use crate::clock::rfc3339;
use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::process::ExitCode;

/// What was asked and answered, whether the log of it is whole, and what was unusual
#[derive(Subcommand)]
pub enum Audit {
    List(List),
    Verify(Verify),
    Anomalies(Anomalies),
    Acknowledge(Acknowledge),
    Webhooks(Webhooks),
}

impl Audit {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List(list) => list.run()?,
            Self::Verify(verify) => return verify.run(),
            Self::Anomalies(anomalies) => anomalies.run()?,
            Self::Acknowledge(acknowledge) => acknowledge.run()?,
            Self::Webhooks(webhooks) => webhooks.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The chains of the log
#[derive(Clone, Copy, ValueEnum)]
enum Chain {
    /// Requests for pictures, products and accounts, kept for 90 days
    Requests,
    /// Authentication and administration, kept for 400 days
    Authentication,
}

impl Chain {
    fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Authentication => "authentication",
        }
    }
}

/// Show events, newest first
#[derive(Args)]
#[command(after_help = "Examples:
  deckle audit list --client client_… --status 403
  deckle audit list --chain authentication --limit 200 --json
  deckle audit list --request req_…")]
pub struct List {
    #[arg(long, value_enum, default_value = "requests")]
    chain: Chain,
    /// Of this client
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// Of this request
    #[arg(long, value_name = "req_…")]
    request: Option<String>,
    /// Answered with this status
    #[arg(long)]
    status: Option<u16>,
    /// Older than the event with this number
    #[arg(long, value_name = "N")]
    before: Option<u64>,
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    #[command(flatten)]
    server: Server,
}

impl List {
    fn run(self) -> Result<()> {
        let mut path = format!("/admin/audit?chain={}&limit={}", self.chain.name(), self.limit);
        for (filter, value) in [("client_id", &self.client), ("request_id", &self.request)] {
            if let Some(value) = value {
                path += &format!("&{filter}={}", name(value)?);
            }
        }
        for (filter, value) in [("status", self.status.map(u64::from)), ("after", self.before)] {
            if let Some(value) = value {
                path += &format!("&{filter}={value}");
            }
        }
        let page = self.server.api()?.ask("GET", &path, None)?;
        let head = [
            "SEQ", "TIME", "ENDPOINT", "METHOD", "STATUS", "ERROR", "CLIENT", "IP", "BARCODE",
        ];
        rows(&page, "events", self.server.json, &head, |event| {
            let at = event["at"].as_u64().map(|at| rfc3339(at / 1000)).unwrap_or_default();
            let mut row = vec![text(&event["seq"]), at];
            row.extend(
                ["endpoint", "method", "status", "error", "client_id", "ip", "barcode"].map(|name| text(&event[name])),
            );
            row
        })
    }
}

/// Verify that nothing was changed, taken out or put in since it was written
///
/// That the newest events were cut off cannot be seen in the log itself: compare its head with one that you noted before.
/// Exit codes: 0 the chains hold, 1 one does not.
#[derive(Args)]
pub struct Verify {
    /// Only this one [default: both]
    #[arg(long, value_enum)]
    chain: Option<Chain>,
    #[command(flatten)]
    server: Server,
}

impl Verify {
    fn run(self) -> Result<ExitCode> {
        let api = self.server.api()?;
        let mut results = Vec::new();
        for chain in self
            .chain
            .map_or(vec![Chain::Requests, Chain::Authentication], |chain| vec![chain])
        {
            let mut verified = 0;
            let mut path = format!("/admin/audit/verify?chain={}", chain.name());
            results.push(loop {
                let mut part = api.ask("GET", &path, None)?;
                verified += part["verified"].as_u64().unwrap_or_default();
                match part["next"].as_str() {
                    Some(next) => path = format!("/admin/audit/verify?chain={}&from={}", chain.name(), name(next)?),
                    None => {
                        part["verified"] = verified.into();
                        break part;
                    }
                }
            });
        }
        let whole = results.iter().all(|result| result["valid"] == true);
        if self.server.json {
            print(&json!({ "valid": whole, "chains": results }).to_string())?;
        } else {
            for result in &results {
                let chain = text(&result["chain"]);
                print(&match result["valid"] == true {
                    true => format!(
                        "{chain}: {} events hold; head {} {}",
                        result["verified"],
                        result["head"]["seq"],
                        text(&result["head"]["hash"])
                    ),
                    false => format!("{chain}: BROKEN at {}: {}", result["seq"], text(&result["fault"])),
                })?;
            }
        }
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Show what was unusual, and why, newest first
#[derive(Args)]
pub struct Anomalies {
    /// Of this client
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    #[command(flatten)]
    server: Server,
}

impl Anomalies {
    fn run(self) -> Result<()> {
        let filter = match &self.client {
            Some(client) => format!("&client_id={}", name(client)?),
            None => String::new(),
        };
        let page = self
            .server
            .api()?
            .ask("GET", &format!("/admin/anomalies?limit=200{filter}"), None)?;
        let head = ["ID", "TIME", "CLIENT", "VERDICT", "SCORE", "SEEN", "WHY"];
        rows(&page, "anomalies", self.server.json, &head, |found| {
            let at = found["found_at"]
                .as_u64()
                .map(|at| rfc3339(at / 1000))
                .unwrap_or_default();
            let words: Vec<String> = found["signals"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|signal| text(&signal["words"]))
                .collect();
            let seen = found["acknowledged_at"]
                .as_u64()
                .map_or_else(|| "no".to_owned(), rfc3339);
            vec![
                text(&found["id"]),
                at,
                text(&found["client_id"]),
                text(&found["verdict"]),
                text(&found["score"]),
                seen,
                words.join("; "),
            ]
        })
    }
}

/// Note that an anomaly was looked at
#[derive(Args)]
pub struct Acknowledge {
    /// Its id, as `deckle audit anomalies` shows it
    id: String,
    #[command(flatten)]
    server: Server,
}

impl Acknowledge {
    fn run(self) -> Result<()> {
        let path = format!("/admin/anomalies/{}/acknowledge", name(&self.id)?);
        let answer = self.server.api()?.ask("POST", &path, None)?;
        match self.server.json {
            true => print(&answer.to_string()),
            false => print(&format!("{} is acknowledged", self.id)),
        }
    }
}

/// Show what owners were told, or will be, newest first
#[derive(Args)]
pub struct Webhooks {
    #[command(flatten)]
    server: Server,
}

impl Webhooks {
    fn run(self) -> Result<()> {
        let page = self.server.api()?.ask("GET", "/admin/webhooks?limit=200", None)?;
        let head = ["ID", "CREATED", "CLIENT", "KIND", "TRIES", "DELIVERED"];
        rows(&page, "webhooks", self.server.json, &head, |notice| {
            let time = |name: &str| notice[name].as_u64().map_or_else(|| "not yet".to_owned(), rfc3339);
            vec![
                text(&notice["id"]),
                time("created_at"),
                text(&notice["client_id"]),
                text(&notice["kind"]),
                text(&notice["attempts"]),
                time("delivered_at"),
            ]
        })
    }
}

/// Prints a page as a table, or as it came.
fn rows(page: &Value, list: &str, json: bool, head: &[&str], row: impl Fn(&Value) -> Vec<String>) -> Result<()> {
    if json {
        return print(&page.to_string());
    }
    let found = page[list].as_array().cloned().unwrap_or_default();
    if found.is_empty() {
        return print(&format!("no {list}"));
    }
    let head = head.iter().map(|column| (*column).to_owned()).collect();
    print(&table(
        &std::iter::once(head).chain(found.iter().map(row)).collect::<Vec<_>>(),
    ))?;
    match page["next"].as_str() {
        Some(next) => print(&format!("older ones: --before {next}")),
        None => Ok(()),
    }
}

/// A value as a cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
