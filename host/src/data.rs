//! The data folder: everything that `deckle` keeps on this machine.
use crate::files::{private_folder, write_private};
use crate::kv::Sqlite;
use crate::records::random;
use crate::sqlite::Database;
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secret::MasterKey;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A folder of mode 0700 with the store, the logs and, in development, the master key and the demo's keys.
pub struct DataFolder(PathBuf);

/// What `DIR/demo.json` holds and `deckle up --json` prints. The secrets are of a demo whose pictures are public.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoFile {
    /// Where the server is.
    pub url: String,
    /// Where the originals are.
    pub origin: String,
    /// The project's slug.
    pub project: String,
    /// The first client's key.
    pub public_key: String,
    /// And its secret.
    pub secret_key: String,
    /// And its name.
    pub client_id: String,
    /// All clients, the first one again.
    pub clients: Vec<DemoClient>,
    /// Clients of the control API, where there is a catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub api_clients: Vec<ApiClient>,
}

/// One client of the control API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiClient {
    /// `client_…`
    pub client_id: String,
    /// What people call it.
    pub name: String,
    /// What it pays for.
    pub tier: String,
    /// `sk_live_…`
    pub api_key: String,
}

/// One client of the demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoClient {
    /// Its name, which the marks lead to.
    pub client_id: String,
    /// Its key.
    pub public_key: String,
    /// The key's secret.
    pub secret_key: String,
}

impl DataFolder {
    /// Opens the folder, creating it when absent.
    pub fn open(path: &Path) -> Result<Self> {
        private_folder(path).with_context(|| format!("the data folder {} cannot be used", path.display()))?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Opens the key-value store.
    pub fn store(&self) -> Result<Sqlite> {
        let file = self.0.join("key_value.db");
        // SQLite would create it by the umask; the files it puts beside it take their mode from this one.
        drop(crate::files::append_private(&file).with_context(|| format!("{} cannot be created", file.display()))?);
        Sqlite::open(&file).with_context(|| format!("the store {} cannot be opened", file.display()))
    }

    /// Opens the embedded SQL database.
    pub fn database(&self) -> Result<Database> {
        let file = self.0.join("sqlite.db");
        drop(crate::files::append_private(&file).with_context(|| format!("{} cannot be created", file.display()))?);
        Database::open(&file).with_context(|| format!("the database {} cannot be opened", file.display()))
    }

    /// The master key of development, if one was made here.
    pub fn master_key(&self) -> Result<Option<MasterKey>> {
        let file = self.0.join("master.key");
        match fs::read_to_string(&file) {
            Ok(text) => {
                let key =
                    MasterKey::parse(&text).with_context(|| format!("{}: remove it to start over", file.display()))?;
                Ok(Some(key))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => bail!("{} cannot be read: {error}", file.display()),
        }
    }

    /// The master key of development; made now if there was none.
    pub fn master_key_or_new(&self) -> Result<MasterKey> {
        if let Some(key) = self.master_key()? {
            return Ok(key);
        }
        let key = MasterKey::from_bytes(random()?)?;
        write_private(&self.0.join("master.key"), key.to_text().as_bytes())?;
        Ok(key)
    }

    /// The operator's credential of development, if there is one.
    pub fn operator_token(&self) -> Result<Option<String>> {
        let file = self.0.join("operator.token");
        match fs::read_to_string(&file) {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => bail!("{} cannot be read: {error}", file.display()),
        }
    }

    /// The operator's credential of development; made now if there was none.
    pub fn operator_token_or_new(&self) -> Result<String> {
        if let Some(token) = self.operator_token()? {
            return Ok(token);
        }
        let token = URL_SAFE_NO_PAD.encode(random::<32>()?);
        write_private(&self.0.join("operator.token"), token.as_bytes())?;
        Ok(token)
    }

    /// What the last demo left, if it can be read.
    pub fn demo(&self) -> Option<DemoFile> {
        serde_json::from_slice(&fs::read(self.0.join("demo.json")).ok()?).ok()
    }

    /// Keeps what a demo is.
    pub fn keep_demo(&self, demo: &DemoFile) -> Result<()> {
        Ok(write_private(&self.0.join("demo.json"), &serde_json::to_vec(demo)?)?)
    }

    /// Where a component's standard output goes.
    pub fn log(&self, component: &str) -> Result<fs::File> {
        let folder = self.0.join("logs");
        private_folder(&folder)?;
        let file = folder.join(format!("{component}.jsonl"));
        crate::files::append_private(&file).with_context(|| format!("the log {} cannot be opened", file.display()))
    }
}

/// The master key before, while it is being replaced: from the environment as under Spin.
pub fn previous_master_key() -> Result<Option<MasterKey>> {
    match std::env::var("SPIN_VARIABLE_MASTER_KEY_PREVIOUS") {
        Ok(text) if !text.is_empty() => Ok(Some(
            MasterKey::parse(&text).context("SPIN_VARIABLE_MASTER_KEY_PREVIOUS")?,
        )),
        _ => Ok(None),
    }
}

/// The master key that commands beside `up` use: from the environment as under Spin, else the data folder's.
pub fn master_key(data: &Path) -> Result<MasterKey> {
    if let Ok(text) = std::env::var("SPIN_VARIABLE_MASTER_KEY") {
        return MasterKey::parse(&text).context("SPIN_VARIABLE_MASTER_KEY");
    }
    let found = if data.exists() {
        DataFolder::open(data)?.master_key()?
    } else {
        None
    };
    found.with_context(|| {
        format!(
            "there is no master key: set SPIN_VARIABLE_MASTER_KEY to the one that the server has, or give --data the folder \
             of a `deckle up --originals …` ({} has none)",
            data.display()
        )
    })
}
