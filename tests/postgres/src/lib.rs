//! A real PostgreSQL of a test's own: Debian's programs, a folder and a port that nobody else has.

use anyhow::{Context, Result, bail, ensure};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Whoever owns the databases of a test.
const USER: &str = "deckle";
const PASSWORD: &str = "only-for-tests";

/// A PostgreSQL of the test's own, on a free port and with a folder of its own. It is stopped when dropped.
pub struct Postgres {
    child: Option<Child>,
    port: u16,
    folder: TempDir,
    programs: PathBuf,
    /// The user and group to run as: the server refuses root.
    identity: Option<(u32, u32)>,
    tls: bool,
}

impl Postgres {
    /// Starts one that speaks plain text.
    pub fn start() -> Result<Self> {
        Self::make(None)
    }

    /// Starts one that speaks TLS with this certificate and key (PEM).
    pub fn start_with_tls(certificate: &str, key: &str) -> Result<Self> {
        Self::make(Some((certificate, key)))
    }

    fn make(tls: Option<(&str, &str)>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = number(&["-u"])? == 0;
        let identity = match root {
            true => Some((number(&["-u", "postgres"])?, number(&["-g", "postgres"])?)),
            false => None,
        };
        let mut postgres = Self {
            child: None,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
            programs: programs()?,
            folder,
            identity,
            tls: tls.is_some(),
        };
        // Its folder belongs to its user; nobody else looks into it.
        if let Some((user, group)) = identity {
            chown(postgres.folder.path(), Some(user), Some(group))?;
        }
        let password = postgres.file("password", PASSWORD)?;
        let mut initialise = postgres.program("initdb");
        initialise
            .args(["--auth", "scram-sha-256", "--username", USER, "--encoding", "UTF8"])
            .args(["--no-locale", "--no-sync", "--pwfile"])
            .arg(password)
            .arg("--pgdata")
            .arg(postgres.data());
        let made = initialise.output().context("initdb")?;
        ensure!(
            made.status.success(),
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        if let Some((certificate, key)) = tls {
            postgres.file("server.crt", certificate)?;
            postgres.file("server.key", key)?;
        }
        postgres.restart()?;
        Ok(postgres)
    }

    /// `postgres://USER:PASSWORD@127.0.0.1:PORT/postgres`
    pub fn url(&self) -> String {
        let mode = if self.tls { "require" } else { "disable" };
        format!(
            "postgres://{USER}:{PASSWORD}@{}/postgres?sslmode={mode}",
            self.authority()
        )
    }

    /// What `allowed_outbound_hosts` must say for it.
    pub fn allowed(&self) -> String {
        format!("postgres://{}", self.authority())
    }

    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Kills it without warning (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Starts it again on its port, with what it had.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        let mut child = self.spawn()?;
        let start = Instant::now();
        // After a kill the port can be open before the server has recovered: it is ready when it answers.
        while let Err(error) = self.query("SELECT 1") {
            if start.elapsed() > Duration::from_secs(30) {
                let _ = child.kill();
                let log = std::fs::read_to_string(self.folder.path().join("log"))?;
                bail!("PostgreSQL did not get ready: {error} {log}");
            }
            std::thread::sleep(Duration::from_millis(50));
            // Processes of the one that was killed may hold its memory for a moment more, and then it does not start.
            if child.try_wait()?.is_some() {
                child = self.spawn()?;
            }
        }
        self.child = Some(child);
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let mut server = self.program("postgres");
        server
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .stdout(Stdio::null())
            .stderr(log);
        if self.tls {
            let folder = self.folder.path().display();
            server.args(["-c", "ssl=on"]);
            server.args(["-c", &format!("ssl_cert_file={folder}/server.crt")]);
            server.args(["-c", &format!("ssl_key_file={folder}/server.key")]);
        }
        server.spawn().context("start postgres")
    }

    /// Runs a statement there and returns what it gives, one line for each row and a `|` between columns.
    pub fn query(&self, statement: &str) -> Result<String> {
        let mut client = Command::new(self.programs.join("psql"));
        client
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"])
            .args(["-d", &self.url(), "-c", statement]);
        let output = client.output().context("psql")?;
        let failed = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "psql: {failed}");
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Stops it in good order, without waiting for clients to go.
    fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let interrupt = Command::new("kill")
            .args(["-s", "INT", &child.id().to_string()])
            .status()?;
        ensure!(interrupt.success(), "kill -s INT");
        child.wait()?;
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file that only the server's user reads.
    fn file(&self, name: &str, contents: &str) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        let mut file = std::fs::File::create(&path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        file.write_all(contents.as_bytes())?;
        if let Some((user, group)) = self.identity {
            chown(&path, Some(user), Some(group))?;
        }
        Ok(path)
    }

    /// One of its programs, to be run as its user.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path()).env_remove("LC_ALL");
        if let Some((user, group)) = self.identity {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Where the programs are: Debian keeps the server's out of PATH, in a folder for each release.
fn programs() -> Result<PathBuf> {
    let mut releases: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").is_file())
        .collect();
    releases.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file());
    let found = releases.pop().or(on_path);
    found.context("PostgreSQL's programs (Debian: apt-get install postgresql)")
}

/// What `id` says.
fn number(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    text.parse().with_context(|| format!("id {arguments:?}: {text}"))
}
