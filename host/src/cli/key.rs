use super::api::Server;
use super::registry::Registry;
use super::{RecordsPlace, StorePlace, print, table};
use crate::clock::{duration, now, rfc3339};
use crate::data::{master_key, previous_master_key};
use crate::records::{NewKey, Records, Terms, new_key, new_project};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use identity::{KeyRecord, KeyState, Limits};
use netaddr::DomainRule;
use operations::AllowRule;
use secret::{MasterKey, SealingKeys};
use serde_json::json;
use std::process::ExitCode;

/// Make, list, rotate, revoke and reseal signing keys; works while `deckle up` runs
#[derive(Subcommand)]
pub enum Key {
    Create(Box<Create>),
    List(List),
    Rotate(Rotate),
    Revoke(Revoke),
    Reseal(Reseal),
    Master(Master),
}

impl Key {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Create(create) => create.run()?,
            Self::List(list) => list.run()?,
            Self::Rotate(rotate) => rotate.run()?,
            Self::Revoke(revoke) => revoke.run()?,
            Self::Reseal(reseal) => reseal.run()?,
            Self::Master(master) => master.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Make a signing key for a client; its secret is shown this once and never again
///
/// The secret is stored sealed under the master key: SPIN_VARIABLE_MASTER_KEY, or the one in the data folder.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle key create --project shop --client acme --source images.example.com --per-minute 600
  deckle key create --project shop --client acme --expires-in 365d --max-lifetime 30d
  deckle key create --project shop --client acme --operations w_400,w_800,f
  deckle key create --project shop --client acme --url https://images.example.com   # over its admin API
  deckle key create --project shop --client acme --store .spin/sqlite_key_value.db
  deckle key create --project shop --client acme --print-records   # pairs for `spin up --key-value`")]
pub struct Create {
    /// The project in the URLs; made if it does not exist yet
    #[arg(long, value_name = "SLUG")]
    project: String,
    /// Who is accountable: the name that the mark in every picture leads to
    #[arg(long, value_name = "ID")]
    client: String,
    /// A domain that originals may come from, subdomains included, or an origin of the project as @NAME; none: refused in
    /// production, any in development
    #[arg(long, value_name = "DOMAIN|@NAME", value_parser = source)]
    source: Vec<String>,
    /// The key stops working after this time
    #[arg(long, value_name = "30d", value_parser = duration)]
    expires_in: Option<u64>,
    /// Requests a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    per_minute: Option<u64>,
    /// Requests a day
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    per_day: Option<u64>,
    /// How far ahead a URL may expire
    #[arg(long, value_name = "30d", value_parser = duration)]
    max_lifetime: Option<u64>,
    /// Operations that its URLs may ask for, by name or with a value: `w_400,w_800,f`; `_` for asking nothing
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = allowed_operation)]
    operations: Option<Vec<String>>,
    /// Its URLs may ask for the project's presets, and for nothing else: the same as --operations preset
    #[arg(long, conflicts_with = "operations")]
    only_presets: bool,
    #[command(flatten)]
    place: RecordsPlace,
    /// Print the records as KEY=VALUE instead of storing them
    #[arg(long, conflicts_with = "url")]
    print_records: bool,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Create {
    fn run(self) -> Result<()> {
        let now = now();
        let terms = Terms {
            sources: self.source,
            expires_at: self.expires_in.map(|seconds| now.saturating_add(seconds)),
            limits: Limits {
                per_minute: self.per_minute,
                per_day: self.per_day,
            },
            max_lifetime: self.max_lifetime,
            operations: match self.only_presets {
                true => Some(vec!["preset".to_owned()]),
                false => self.operations,
            },
        };
        if let Some(registry) = self.place.registry()? {
            return show(&registry.create_key(&self.project, &self.client, &terms)?, self.json);
        }
        let place = self.place.store;
        let master = master_key(&place.place.data)?;
        let store = if self.print_records { None } else { Some(place.open()?) };
        let records = store.as_deref().map(Records::new);
        let found = records
            .as_ref()
            .map(|records| records.project(&self.project))
            .transpose()?
            .flatten();
        let (project, fresh) = match found {
            Some(project) => (project, false),
            None => (new_project(&self.project)?, true),
        };
        let made = new_key(&master, &project, &self.client, terms, now)?;
        let record = &made.record;
        if let Some(records) = &records {
            if fresh {
                records.keep_project(&project)?;
            }
            records.keep_key(record)?;
            return show(&made, self.json);
        }
        let pairs = [
            (
                identity::ProjectRecord::name_of(&project.id),
                String::from_utf8(project.to_bytes())?,
            ),
            (record.name(), String::from_utf8(record.to_bytes())?),
        ];
        if self.json {
            let pairs = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
            let mut line = line(&made);
            line["records"] = serde_json::Value::Object(pairs);
            return print(&line.to_string());
        }
        // The records alone on standard output, so that they can be piped on.
        eprintln!("{}", words(&made));
        pairs
            .iter()
            .try_for_each(|(name, value)| print(&format!("{name}={value}")))
    }
}

/// Prints a key that was just made.
fn show(made: &NewKey, json: bool) -> Result<()> {
    match json {
        true => print(&line(made).to_string()),
        false => print(&words(made)),
    }
}

fn line(NewKey { record, secret }: &NewKey) -> serde_json::Value {
    json!({
        "project": record.project.slug, "client_id": record.client_id, "public_key": record.public_key,
        "secret_key": secret.expose(), "expires_at": record.expires_at.map(rfc3339),
    })
}

fn words(NewKey { record, secret }: &NewKey) -> String {
    format!(
        "public key  {}\nsecret key  {}\n            (shown once: give it to {} and to nobody else)",
        record.public_key,
        secret.expose(),
        record.client_id
    )
}

/// Make a new key on the terms of another one, over a server's admin API; its secret is shown this once and never again
#[derive(Args)]
#[command(after_help = "Example:
  deckle key rotate pk_… --overlap 7d --url https://images.example.com")]
pub struct Rotate {
    /// The public key to replace, pk_…
    #[arg(value_name = "PUBLIC_KEY")]
    public_key: String,
    /// How long it goes on working
    #[arg(long, value_name = "1d", default_value = "1d", value_parser = duration)]
    overlap: u64,
    #[command(flatten)]
    server: Server,
}

impl Rotate {
    fn run(self) -> Result<()> {
        let made = Registry(self.server.api()?).rotate_key(&self.public_key, self.overlap)?;
        show(&made, self.server.json)
    }
}

/// List all keys, without their secrets
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: RecordsPlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl List {
    fn run(self) -> Result<()> {
        let now = now();
        let keys = match self.place.registry()? {
            Some(registry) => registry.keys()?,
            None => Records::new(&*self.place.store.open()?).keys()?,
        };
        if self.json {
            let keys: Vec<_> = keys
                .iter()
                .map(|key| {
                    json!({
                        "public_key": key.public_key, "project": key.project.slug, "client_id": key.client_id,
                        "state": state(key, now), "created_at": rfc3339(key.created_at),
                        "expires_at": key.expires_at.map(rfc3339), "sources": key.sources,
                        "per_minute": key.limits.per_minute, "per_day": key.limits.per_day,
                        "max_lifetime": key.max_lifetime, "operations": key.operations,
                    })
                })
                .collect();
            return print(&json!(keys).to_string());
        }
        if keys.is_empty() {
            return print("No keys yet: deckle key create --project SLUG --client ID makes one.");
        }
        let head = [
            "PUBLIC KEY",
            "PROJECT",
            "CLIENT",
            "STATE",
            "CREATED",
            "EXPIRES",
            "SOURCES",
        ]
        .map(str::to_owned)
        .to_vec();
        let row = |key: &KeyRecord| {
            let expires = key.expires_at.map_or_else(|| "never".to_owned(), rfc3339);
            let (public, slug, client) = (key.public_key.clone(), key.project.slug.clone(), key.client_id.clone());
            vec![
                public,
                slug,
                client,
                state(key, now).to_owned(),
                rfc3339(key.created_at),
                expires,
                key.sources.join(","),
            ]
        };
        print(&table(
            &std::iter::once(head).chain(keys.iter().map(row)).collect::<Vec<_>>(),
        ))
    }
}

/// Revoke a key: from the next request on its URLs answer 401
#[derive(Args)]
pub struct Revoke {
    /// The public key, pk_…
    #[arg(value_name = "PUBLIC_KEY")]
    public_key: String,
    #[command(flatten)]
    place: RecordsPlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Revoke {
    fn run(self) -> Result<()> {
        let key = match self.place.registry()? {
            Some(registry) => registry.revoke_key(&self.public_key)?,
            None => revoke(&Records::new(&*self.place.store.open()?), &self.public_key)?,
        };
        if self.json {
            return print(
                &json!({ "public_key": key.public_key, "revoked_at": key.revoked_at.map(rfc3339) }).to_string(),
            );
        }
        print(&format!("{} of {} is revoked", key.public_key, key.client_id))
    }
}

fn revoke(records: &Records<'_>, public_key: &str) -> Result<KeyRecord> {
    let missing = || format!("there is no key {public_key}: deckle key list shows those there are");
    let mut key = records.key(public_key)?.with_context(missing)?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(now());
        records.keep_key(&key)?;
    }
    Ok(key)
}

/// Seal every stored secret, of keys and of origins, under the current master key, after the master key was replaced
///
/// To replace it: restart the servers with SPIN_VARIABLE_MASTER_KEY new and SPIN_VARIABLE_MASTER_KEY_PREVIOUS old, run this
/// with the same two, and after a quarter of an hour, when the last token of the old key has expired, restart the servers
/// without the old one. Keep it all the same: `trace` needs it for pictures that were delivered before.
#[derive(Args)]
pub struct Reseal {
    #[command(flatten)]
    place: StorePlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Reseal {
    fn run(self) -> Result<()> {
        let current = master_key(&self.place.place.data)?;
        let keys = SealingKeys::new(&current, previous_master_key()?.as_ref());
        let store = self.place.open()?;
        let records = Records::new(&*store);
        let (sealed, unchanged) = records.reseal(&keys)?;
        if self.json {
            return print(&json!({ "sealed": sealed, "unchanged": unchanged }).to_string());
        }
        print(&format!("{sealed} secrets sealed again, {unchanged} were already"))
    }
}

/// Print a fresh master key, for SPIN_VARIABLE_MASTER_KEY
///
/// It seals the secrets of all signing keys and keys the invisible marks: keep it where you keep secrets. With another one
/// no stored signing key works, and no mark made before can be read; `deckle key reseal --help` says how to replace it.
#[derive(Args)]
pub struct Master {
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Master {
    fn run(self) -> Result<()> {
        let key = MasterKey::from_bytes(crate::records::random()?)?;
        let text = key.to_text();
        if self.json {
            print(&json!({ "master_key": text.as_str() }).to_string())
        } else {
            print(&text)
        }
    }
}

fn state(key: &KeyRecord, now: u64) -> &'static str {
    match key.state(now) {
        KeyState::Live => "live",
        KeyState::Revoked => "revoked",
        KeyState::Expired => "expired",
    }
}

/// A domain rule as the components will read it: a mistake is told here and not by refused requests.
pub fn domain(text: &str) -> Result<String> {
    match DomainRule::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => bail!("{error}"),
    }
}

/// An entry of a list of allowed operations, as the components will read it.
fn allowed_operation(text: &str) -> Result<String> {
    match AllowRule::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => bail!("{error}"),
    }
}

/// An entry of a key's list of sources.
fn source(text: &str) -> Result<String> {
    match text.strip_prefix('@') {
        Some(name) if netaddr::is_label(name) => Ok(text.to_owned()),
        Some(_) => bail!("a named origin is @ and 1 to 63 lower-case letters, digits and inner hyphens"),
        None => domain(text),
    }
}
