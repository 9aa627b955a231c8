use crate::Postgres;
use anyhow::{Context, Result, bail, ensure};
use identity::{ClientRecord, Limits};
use secret::{MasterKey, SecretText};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// How long the command may take to print its ready line, the first compilation of the components included.
const READY: Duration = Duration::from_secs(180);

/// A master key for stores that are thrown away.
pub const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// The operator's credential of hosts without demo; those with one keep theirs in their data folder.
pub const OPERATOR_TOKEN: &str = "HB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs";

/// The repository's folder.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The built command. `DECKLE` names another one.
pub fn command() -> Command {
    match std::env::var_os("DECKLE") {
        Some(path) => Command::new(path),
        None => Command::new(repository().join("target/release/deckle")),
    }
}

/// Runs a command to its end and reads its standard output as JSON.
pub fn json_of(command: &mut Command) -> Result<Value> {
    let output = command.output()?;
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    ensure!(output.status.success(), "{command:?} failed: {err}{out}");
    serde_json::from_str(&out).with_context(|| format!("{command:?} printed {out}"))
}

/// A running `deckle up` with a data folder of its own. It is killed when dropped.
pub struct Deckle {
    child: Child,
    /// The line that it printed when it was ready.
    pub ready: Value,
    /// Its data folder.
    pub data: TempDir,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

/// A signing key and the project it belongs to.
#[derive(Debug, Clone)]
pub struct Key {
    /// The project's slug.
    pub project: String,
    /// `pk_…`
    pub public: String,
    /// `sk_…`
    pub secret: SecretText,
    /// The accountable client.
    pub client: String,
}

impl Key {
    /// Reads the members that `deckle up` and `deckle key create` print.
    pub fn of(value: &Value) -> Result<Self> {
        let text = |name: &str| {
            value[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {name} in {value}"))
        };
        let secret = SecretText::new(text("secret_key")?);
        Ok(Self {
            project: text("project")?,
            public: text("public_key")?,
            secret,
            client: text("client_id")?,
        })
    }

    /// Path and query of a signed URL.
    pub fn sign(&self, operations: &str, source: &str, exp: Option<u64>) -> String {
        signed_url::signed_path(&self.project, operations, source, &self.public, &self.secret, exp)
    }
}

/// The variables of a host in development with this origin. Renditions are not kept, unless an argument says otherwise: what tests
/// count is what reaches the origin.
fn development(url: &str) -> Vec<(String, String)> {
    let variables = [
        ("ORIGIN", url),
        ("ENVIRONMENT", "development"),
        ("MASTER_KEY", MASTER_KEY),
        ("OPERATOR_TOKEN", OPERATOR_TOKEN),
        ("RENDITIONS", "off"),
    ];
    variables.map(|(name, value)| variable(name, value)).to_vec()
}

fn variable(name: &str, value: &str) -> (String, String) {
    (format!("SPIN_VARIABLE_{name}"), value.to_owned())
}

impl Deckle {
    /// Starts in demo mode over the photographs that ship with the project.
    pub fn demo() -> Result<Self> {
        let photos = repository().join("static/photos");
        Self::start(&["--originals", &photos.to_string_lossy()])
    }

    /// The same with the demo's catalogue, and clients of the API.
    pub fn demo_with_catalogue() -> Result<Self> {
        let photos = repository().join("static/photos");
        let catalogue = repository().join("static/catalogue/products.jsonl");
        Self::start(&[
            "--originals",
            &photos.to_string_lossy(),
            "--catalogue",
            &catalogue.to_string_lossy(),
        ])
    }

    /// Starts without demo, with an origin of the test's own and further arguments.
    pub fn with_origin_and_arguments(url: &str, arguments: &[&str]) -> Result<Self> {
        Self::with_origin_and(url, arguments.iter().map(|argument| (*argument).to_owned()).collect())
    }

    /// Starts without demo, where no file can grow beyond so many blocks of 512 bytes: as on a disk that is full.
    pub fn with_origin_on_full_disk(url: &str, blocks: u32) -> Result<Self> {
        let mut limited = Command::new("sh");
        // A write beyond the limit is then an error and not a signal.
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()]);
        limited.arg(command().get_program());
        Self::start_by(limited, tempfile::tempdir()?, Vec::new(), development(url))
    }

    /// Starts without demo, with an origin of the test's own.
    pub fn with_origin(url: &str) -> Result<Self> {
        Self::with_origin_and(url, Vec::new())
    }

    /// And with the key-value stores that a runtime configuration names.
    pub fn with_origin_and_stores(url: &str, configuration: &Path) -> Result<Self> {
        let configuration = configuration.to_string_lossy().into_owned();
        Self::with_origin_and(url, vec!["--runtime-config-file".to_owned(), configuration])
    }

    /// And with the database that hosts share, and further arguments.
    pub fn with_origin_and_servers(
        url: &str,
        configuration: &Path,
        database: &Postgres,
        further: &[&str],
    ) -> Result<Self> {
        let configuration = configuration.to_string_lossy().into_owned();
        let mut arguments = vec!["--runtime-config-file".to_owned(), configuration];
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        let mut variables = development(url);
        variables.push(variable("DATABASE_URL", &database.url()));
        variables.push(variable("DATABASE_HOST", &database.allowed()));
        Self::start_in(tempfile::tempdir()?, arguments, variables)
    }

    /// Starts without demo, with several origins.
    pub fn with_origins(urls: &[&str]) -> Result<Self> {
        let mut variables = development(urls.first().copied().unwrap_or_default());
        let further = ["ORIGIN2", "ORIGIN3", "ORIGIN4"].iter().zip(urls.iter().skip(1));
        variables.extend(further.map(|(name, url)| variable(name, url)));
        Self::start_in(tempfile::tempdir()?, Vec::new(), variables)
    }

    fn with_origin_and(url: &str, arguments: Vec<String>) -> Result<Self> {
        Self::start_in(tempfile::tempdir()?, arguments, development(url))
    }

    /// Starts with further arguments.
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        Self::start_in(tempfile::tempdir()?, arguments, Vec::new())
    }

    fn start_in(data: TempDir, arguments: Vec<String>, variables: Vec<(String, String)>) -> Result<Self> {
        Self::start_by(command(), data, arguments, variables)
    }

    fn start_by(
        mut command: Command,
        data: TempDir,
        arguments: Vec<String>,
        variables: Vec<(String, String)>,
    ) -> Result<Self> {
        let mut child = command
            .envs(variables.clone())
            .args(["up", "--port", "0", "--json", "--data"])
            .arg(data.path())
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::from(
                std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(data.path().join("stderr.log"))?,
            ))
            .spawn()
            .context("start target/release/deckle: run `cargo xtask build` first")?;
        let stdout = child.stdout.take().context("no standard output")?;
        let (sender, receiver) = mpsc::channel();
        let mut kept = std::fs::File::create(data.path().join("stdout.log"))?;
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = writeln!(kept, "{line}");
                let _ = sender.send(line);
            }
        });
        let Ok(line) = receiver.recv_timeout(READY) else {
            let _ = child.kill();
            bail!(
                "deckle did not get ready: {}",
                std::fs::read_to_string(data.path().join("stderr.log"))?
            );
        };
        let ready = serde_json::from_str(&line).with_context(|| format!("the ready line: {line}"))?;
        Ok(Self {
            child,
            ready,
            data,
            arguments,
            variables,
        })
    }

    /// Kills the process without warning (SIGKILL) and starts it again over the same data folder.
    pub fn kill_and_restart(mut self) -> Result<Self> {
        self.kill()?;
        let data = std::mem::replace(&mut self.data, tempfile::tempdir()?);
        let (arguments, variables) = (self.arguments.clone(), self.variables.clone());
        Self::start_in(data, arguments, variables)
    }

    /// Gives the next process of this data folder, and commands over it, another value of a variable.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        let name = format!("SPIN_VARIABLE_{name}");
        self.variables.retain(|(given, _)| *given != name);
        self.variables.push((name, value.to_owned()));
    }

    /// Kills the process without warning.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process, for signals and measurements.
    pub fn process(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The demo key.
    pub fn key(&self) -> Result<Key> {
        Key::of(&self.ready)
    }

    /// A URL of this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ready["url"].as_str().unwrap_or_default())
    }

    /// How signed URLs name an original of the loopback origin.
    pub fn source(&self, file: &str) -> String {
        format!(
            "{}/{file}",
            self.ready["origin"]
                .as_str()
                .unwrap_or_default()
                .trim_start_matches("http://")
        )
    }

    /// Runs another `deckle` command over the same data folder and reads its JSON.
    pub fn run(&self, arguments: &[&str]) -> Result<Value> {
        json_of(
            command()
                .args(arguments)
                .envs(self.variables.clone())
                .arg("--json")
                .arg("--data")
                .arg(self.data.path()),
        )
    }

    /// The same with the access key of an object store in the environment.
    pub fn run_with_access_key(&self, id: &str, secret: &str, arguments: &[&str]) -> Result<Value> {
        let access = [("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)];
        json_of(
            command()
                .args(arguments)
                .envs(self.variables.clone())
                .envs(access)
                .arg("--json")
                .arg("--data")
                .arg(self.data.path()),
        )
    }

    /// What `deckle trace` says of a picture.
    pub fn trace(&self, picture: &[u8]) -> Result<Value> {
        let file = self.data.path().join("leak");
        std::fs::write(&file, picture)?;
        self.run(&["trace", &file.to_string_lossy()])
    }

    /// The key that its secrets and tokens are made under.
    pub fn master_key(&self) -> Result<MasterKey> {
        let configured = self
            .variables
            .iter()
            .find(|(name, _)| name == "SPIN_VARIABLE_MASTER_KEY");
        Ok(match configured {
            Some((_, key)) => MasterKey::parse(key)?,
            None => MasterKey::parse(&std::fs::read_to_string(self.data.path().join("master.key"))?)?,
        })
    }

    /// The key-value store of its data folder.
    pub fn store(&self) -> Result<rusqlite::Connection> {
        Ok(rusqlite::Connection::open(self.data.path().join("key_value.db"))?)
    }

    /// Stores what the control component publishes of a new client, for tokens of the test's own.
    pub fn publish_client(&self, id: &str) -> Result<()> {
        let client = ClientRecord::new(
            id.to_owned(),
            1,
            "hash".to_owned(),
            "standard".to_owned(),
            Limits::default(),
        );
        let insert = "INSERT INTO spin_key_value (store, key, value) VALUES ('default', ?1, ?2)";
        self.store()?
            .execute(insert, (ClientRecord::name_of(id), client.to_bytes()))?;
        Ok(())
    }

    /// Everything that the process has written to its standard error so far.
    pub fn log(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.data.path().join("stderr.log"))?)
    }
}

impl Drop for Deckle {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
