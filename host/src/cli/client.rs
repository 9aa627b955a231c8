use super::api::{Server, name};
use super::{print, table};
use crate::clock::{now, rfc3339};
use anyhow::{Context as _, Result, bail};
use clap::{ArgAction, Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Make, change and end the clients of the control API
#[derive(Subcommand)]
pub enum Client {
    Create(Box<Create>),
    List(List),
    Show(One),
    Set(Box<Set>),
    /// Give a client a new API key; the old one and every token are dead at once
    Rotate(One),
    /// End a client for good
    Revoke(One),
    /// Stop a client until it is enabled again
    Disable(One),
    /// Let a disabled client go on
    Enable(One),
    Credits(Credits),
}

impl Client {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create(create) => create.run()?,
            Self::List(list) => list.run()?,
            Self::Show(one) => one.run("GET", "")?,
            Self::Set(set) => set.run()?,
            Self::Rotate(one) => one.run("POST", "/rotate")?,
            Self::Revoke(one) => one.run("POST", "/revoke")?,
            Self::Disable(one) => one.run("POST", "/disable")?,
            Self::Enable(one) => one.run("POST", "/enable")?,
            Self::Credits(credits) => credits.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Tier {
    Free,
    Standard,
    Enterprise,
}

/// What a client may do; what is not given stays as it is, or as the documentation says for a new one
#[derive(Args)]
struct Settings {
    /// Where its owner is reached, for people
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    #[arg(long)]
    tier: Option<Tier>,
    /// Only products of this brand; can be repeated
    #[arg(long, value_name = "BRAND", conflicts_with_all = ["category", "barcode", "full"])]
    brand: Vec<String>,
    /// Only products in this category; can be repeated
    #[arg(long, value_name = "CATEGORY", conflicts_with_all = ["barcode", "full"])]
    category: Vec<String>,
    /// Only this product; can be repeated
    #[arg(long, value_name = "BARCODE", conflicts_with = "full")]
    barcode: Vec<String>,
    /// All products
    #[arg(long)]
    full: bool,
    /// A network that it may call from; can be repeated and replaces the list
    #[arg(long, value_name = "CIDR")]
    allow: Vec<String>,
    /// It may call from anywhere
    #[arg(long, conflicts_with = "allow")]
    allow_any: bool,
    /// Requests a minute, instead of the tier's
    #[arg(long, value_name = "N")]
    per_minute: Option<u64>,
    /// Requests a day, instead of the tier's
    #[arg(long, value_name = "N")]
    per_day: Option<u64>,
    /// Whether its one-shot URLs work only from the address that asked for them
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    ip_binding: Option<bool>,
    /// It stops working after this time
    #[arg(long, value_name = "365d", value_parser = crate::clock::duration)]
    expires_in: Option<u64>,
    /// Where its owner is told of reused tokens and abuse: signed POSTs
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
}

impl Settings {
    fn members(self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        let list = |list: Vec<String>| (!list.is_empty()).then(|| json!(list));
        set("contact", self.contact.map(Value::from));
        set(
            "tier",
            self.tier
                .and_then(|tier| Some(tier.to_possible_value()?.get_name().into())),
        );
        set("scope", list(self.brand).map(|brands| json!({ "brands": brands })));
        set(
            "scope",
            list(self.category).map(|categories| json!({ "categories": categories })),
        );
        set("scope", list(self.barcode).map(|barcodes| json!({ "list": barcodes })));
        set("scope", self.full.then(|| "full".into()));
        set(
            "allowlist",
            list(self.allow).or_else(|| self.allow_any.then(|| json!([]))),
        );
        set("per_minute", self.per_minute.map(Value::from));
        set("per_day", self.per_day.map(Value::from));
        set("ip_binding", self.ip_binding.map(Value::from));
        set(
            "expires_at",
            self.expires_in.map(|seconds| now().saturating_add(seconds).into()),
        );
        set("webhook_url", self.webhook.map(Value::from));
        members
    }
}

/// Make a client; its API key and webhook secret are shown this once and never again
#[derive(Args)]
#[command(after_help = "Examples:
  deckle client create \"Corner shop\" --tier standard --brand Acme --credits 1000
  deckle client create Kiosk --allow 203.0.113.0/24 --webhook https://kiosk.example.com/deckle
  DECKLE_OPERATOR_TOKEN=… deckle client create Till --url https://img.example.com --json")]
pub struct Create {
    /// Its name, for people
    name: String,
    #[command(flatten)]
    settings: Settings,
    /// Credits to begin with
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    credits: Option<i64>,
    #[command(flatten)]
    server: Server,
}

impl Create {
    fn run(self) -> Result<()> {
        let api = self.server.api()?;
        let mut members = self.settings.members();
        members.insert("name".to_owned(), self.name.into());
        let mut made = api.ask("POST", "/admin/clients", Some(&Value::Object(members)))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&made["client"]["id"]);
        let granted = match self.credits {
            None => Ok(()),
            Some(credits) => api
                .ask(
                    "POST",
                    &format!("/admin/clients/{id}/credits"),
                    Some(&json!({ "change": credits })),
                )
                .map(|granted| made["credit_balance"] = granted["credit_balance"].clone()),
        };
        // Whatever became of the credits: this is the one time that the secrets can be seen.
        if self.server.json {
            print(&made.to_string())?;
        } else {
            print(&format!(
                "client id       {id}\napi key         {}\nwebhook secret  {}\n                (shown once: give them to the client and to nobody else)",
                text(&made["api_key"]),
                text(&made["webhook_secret"]),
            ))?;
        }
        granted.context("the client was made, and has no credits")
    }
}

/// List clients
#[derive(Args)]
pub struct List {
    /// Show those behind this id
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    #[command(flatten)]
    server: Server,
}

impl List {
    fn run(self) -> Result<()> {
        let after = match &self.after {
            Some(after) => format!("&after={}", name(after)?),
            None => String::new(),
        };
        let page = self
            .server
            .api()?
            .ask("GET", &format!("/admin/clients?limit=200{after}"), None)?;
        if self.server.json {
            return print(&page.to_string());
        }
        let clients = page["clients"].as_array().cloned().unwrap_or_default();
        if clients.is_empty() {
            return print("No clients yet: deckle client create NAME makes one.");
        }
        let head = ["CLIENT", "NAME", "STATUS", "TIER", "SCOPE", "CREATED"]
            .map(str::to_owned)
            .to_vec();
        print(&table(
            &std::iter::once(head).chain(clients.iter().map(row)).collect::<Vec<_>>(),
        ))?;
        match page["next"].as_str() {
            Some(next) => print(&format!("more: deckle client list --after {next}")),
            None => Ok(()),
        }
    }
}

fn row(client: &Value) -> Vec<String> {
    let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
    let scope = match &client["scope"] {
        Value::String(scope) => scope.clone(),
        scope => scope.to_string(),
    };
    let created = client["created_at"].as_u64().map(rfc3339).unwrap_or_default();
    vec![text("id"), text("name"), text("status"), text("tier"), scope, created]
}

/// Show a client
#[derive(Args)]
pub struct One {
    /// The client's id, client_…
    id: String,
    #[command(flatten)]
    server: Server,
}

impl One {
    fn run(self, method: &str, action: &str) -> Result<()> {
        let path = format!("/admin/clients/{}{action}", name(&self.id)?);
        shown(&self.server.api()?.ask(method, &path, None)?, self.server.json)
    }
}

fn shown(answer: &Value, json: bool) -> Result<()> {
    if json {
        return print(&answer.to_string());
    }
    let client = answer["client"]
        .as_object()
        .context("the server's answer has no client")?;
    let line = |(name, value): (&String, &Value)| match value {
        Value::Null => None,
        Value::String(text) => Some(vec![name.clone(), text.clone()]),
        other => Some(vec![name.clone(), other.to_string()]),
    };
    print(&table(&client.iter().filter_map(line).collect::<Vec<_>>()))?;
    match answer["api_key"].as_str() {
        Some(key) => print(&format!(
            "api key  {key}\n         (shown once: give it to the client and to nobody else)"
        )),
        None => Ok(()),
    }
}

/// Change what a client may do
#[derive(Args)]
#[command(after_help = "Examples:
  deckle client set client_… --tier enterprise --per-minute 600
  deckle client set client_… --category Snacks --category Drinks
  deckle client set client_… --allow-any")]
pub struct Set {
    /// The client's id, client_…
    id: String,
    /// Its name, for people
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    server: Server,
}

impl Set {
    fn run(self) -> Result<()> {
        let mut members = self.settings.members();
        if let Some(name) = self.name {
            members.insert("name".to_owned(), name.into());
        }
        if members.is_empty() {
            bail!("nothing to change: deckle client set --help shows what can be");
        }
        let path = format!("/admin/clients/{}", name(&self.id)?);
        shown(
            &self.server.api()?.ask("PATCH", &path, Some(&Value::Object(members)))?,
            self.server.json,
        )
    }
}

/// Add credits to a client's, or take some away
#[derive(Args)]
#[command(after_help = "Examples:
  deckle client credits client_… 500
  deckle client credits client_… -- -20")]
pub struct Credits {
    /// The client's id, client_…
    id: String,
    /// Credits to add; negative ones are taken away
    change: i64,
    #[command(flatten)]
    server: Server,
}

impl Credits {
    fn run(self) -> Result<()> {
        let path = format!("/admin/clients/{}/credits", name(&self.id)?);
        let answer = self
            .server
            .api()?
            .ask("POST", &path, Some(&json!({ "change": self.change })))?;
        match self.server.json {
            true => print(&answer.to_string()),
            false => print(&format!("{} has {} credits", self.id, answer["credit_balance"])),
        }
    }
}
