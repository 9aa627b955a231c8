//! The runtime configuration: the file by which Spin, and this host, are told where key-value stores are kept.
//!
//! ```toml
//! [key_value_store.default]
//! type = "redis"
//! url = "redis://127.0.0.1:6379"
//! ```
//!
//! For single use and limits that survive a crash of Redis, let it run with `appendonly yes` and `appendfsync always`.
//!
//! The other type is `spin`, a SQLite file at `path`, from the folder of the configuration. What Spin reads here and this host
//! does not have is refused: passed over, it would be a setting that somebody relies on.
use crate::kv::{Backend, Redis, Sqlite};
use crate::manifest::Mistakes;
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::{Table, Value};

/// Where each label that the file names is kept.
#[derive(Debug, Default, PartialEq)]
pub struct RuntimeConfiguration(BTreeMap<String, Place>);

#[derive(Debug, PartialEq)]
enum Place {
    /// A Redis database, by its address.
    Redis(String),
    /// A SQLite file.
    Sqlite(PathBuf),
}

impl RuntimeConfiguration {
    /// Reads the file.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).with_context(|| file.display().to_string())
    }

    /// Reads its text; all mistakes are told at once.
    fn parse(text: &str, folder: &Path) -> Result<Self, Mistakes> {
        // The message of a syntax error quotes the line, which may hold a password.
        let file: Table =
            toml::from_str(text).map_err(|error: toml::de::Error| Mistakes(vec![error.message().to_owned()]))?;
        let mut mistakes = Vec::new();
        let mut places = BTreeMap::new();
        for (name, value) in &file {
            match (name.as_str(), value) {
                ("key_value_store", Value::Table(stores)) => {
                    for (label, store) in stores {
                        let at = format!("key_value_store.{label}");
                        if let Some(place) = place(&at, store, folder, &mut mistakes) {
                            places.insert(label.clone(), place);
                        }
                    }
                }
                _ => mistakes.push(format!(
                    "`{name}`: only tables [key_value_store.LABEL] are known to this host"
                )),
            }
        }
        match mistakes.is_empty() {
            true => Ok(Self(places)),
            false => Err(Mistakes(mistakes)),
        }
    }

    /// Opens the stores. A Redis is connected to with the first call.
    pub fn open(&self) -> Result<BTreeMap<String, Arc<dyn Backend>>> {
        let mut opened = BTreeMap::new();
        for (label, place) in &self.0 {
            let store: Arc<dyn Backend> = match place {
                Place::Redis(url) => {
                    Arc::new(Redis::new(url).with_context(|| format!("the url of key_value_store.{label}"))?)
                }
                Place::Sqlite(file) => Arc::new(
                    Sqlite::open(file).with_context(|| format!("the store {} cannot be opened", file.display()))?,
                ),
            };
            opened.insert(label.clone(), store);
        }
        Ok(opened)
    }
}

fn place(at: &str, store: &Value, folder: &Path, mistakes: &mut Vec<String>) -> Option<Place> {
    let Some(members) = store.as_table() else {
        mistakes.push(format!("`{at}` is not a table"));
        return None;
    };
    let member = match members.get("type").and_then(Value::as_str) {
        Some("redis") => "url",
        Some("spin") => "path",
        Some(other) => {
            mistakes.push(format!(
                "`{at}.type` is `{other}`: this host has `spin`, a SQLite file, and `redis`"
            ));
            return None;
        }
        None => {
            mistakes.push(format!("`{at}.type` is missing: `spin` or `redis`"));
            return None;
        }
    };
    let unknown = members.keys().filter(|name| !["type", member].contains(&name.as_str()));
    mistakes.extend(unknown.map(|name| format!("`{at}.{name}` is unknown: this type has `{member}`")));
    let Some(value) = members
        .get(member)
        .and_then(Value::as_str)
        .filter(|value| !value.is_empty())
    else {
        mistakes.push(format!("`{at}.{member}` is missing"));
        return None;
    };
    match member {
        "path" => Some(Place::Sqlite(folder.join(value))),
        _ if !value.starts_with("redis://") => {
            // The address itself is not repeated: it may hold a password.
            mistakes.push(format!(
                "`{at}.url` does not start with redis://: this host has no TLS to Redis"
            ));
            None
        }
        _ => Some(Place::Redis(value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_types_are_read() {
        let text = "[key_value_store.default]\ntype = 'redis'\nurl = 'redis://127.0.0.1:1/2'\n\
                    [key_value_store.files]\ntype = 'spin'\npath = 'kv.db'\n";
        let read = RuntimeConfiguration::parse(text, Path::new("/etc/deckle")).unwrap();
        let expected = [
            ("default".to_owned(), Place::Redis("redis://127.0.0.1:1/2".to_owned())),
            ("files".to_owned(), Place::Sqlite(PathBuf::from("/etc/deckle/kv.db"))),
        ];
        assert_eq!(read, RuntimeConfiguration(expected.into()));
    }

    #[test]
    fn all_mistakes_are_told_without_the_address() {
        let text = "state_dir = 'x'\n[key_value_store.a]\ntype = 'azure_cosmos'\n[key_value_store.b]\nurl = 'x'\n\
                    [key_value_store.c]\ntype = 'redis'\npath = 'x'\n\
                    [key_value_store.d]\ntype = 'redis'\nurl = 'rediss://:secret@host'\n[outbound_networking]\n";
        let mistakes = RuntimeConfiguration::parse(text, Path::new(""))
            .unwrap_err()
            .to_string();
        for part in [
            "`state_dir`",
            "`key_value_store.a.type` is `azure_cosmos`",
            "`key_value_store.b.type` is missing",
            "`key_value_store.c.path` is unknown",
            "`key_value_store.c.url` is missing",
            "`key_value_store.d.url`",
            "`outbound_networking`",
        ] {
            assert!(mistakes.contains(part), "{part} is not in: {mistakes}");
        }
        assert!(!mistakes.contains("secret"), "{mistakes}");
        let syntax = RuntimeConfiguration::parse("url = 'redis://:secret@host", Path::new("")).unwrap_err();
        assert!(!syntax.to_string().contains("secret"), "{syntax}");
    }
}
