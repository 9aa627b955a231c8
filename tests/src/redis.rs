use anyhow::{Context, Result, bail, ensure};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A `redis-server` of the test's own, on a free port and with a folder of its own. It is killed when dropped.
///
/// It has every write on disk before it answers, so that what it has answered survives [`Redis::kill`]. With
/// `appendfsync everysec` it would not: Redis puts writing off while it syncs, and forgets claims that it has granted.
pub struct Redis {
    child: Option<Child>,
    port: u16,
    folder: TempDir,
}

impl Redis {
    /// Starts one.
    pub fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = tempfile::tempdir()?;
        let mut redis = Self {
            child: None,
            port,
            folder,
        };
        let url = redis.url();
        let text = format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"{url}\"\n");
        std::fs::write(redis.configuration(), text)?;
        redis.restart()?;
        Ok(redis)
    }

    /// `redis://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its folder, with everything that it has written.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A runtime configuration that keeps the store `default` here, by way of a proxy.
    pub fn configuration_behind(&self, proxy: SocketAddr) -> Result<PathBuf> {
        let file = self.folder.path().join("proxied.toml");
        let text = format!("[key_value_store.default]\ntype = \"redis\"\nurl = \"redis://{proxy}\"\n");
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// A runtime configuration that keeps the store `default` here.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("runtime.toml")
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
        self.kill()?;
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &self.port.to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .context("start redis-server (Debian: apt-get install redis-server)")?;
        self.child = Some(child);
        let start = Instant::now();
        while !self.command(&["PING"]).is_ok_and(|answer| answer.contains("PONG")) {
            if start.elapsed() > Duration::from_secs(20) {
                bail!("redis-server did not get ready");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Sends it a signal, such as `STOP` and `CONT`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let id = self.child.as_ref().context("it does not run")?.id();
        let status = Command::new("kill").args(["-s", name, &id.to_string()]).status()?;
        ensure!(status.success(), "kill -s {name} failed");
        Ok(())
    }

    /// Runs a command there and returns what `redis-cli` prints.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(arguments)
            .stderr(Stdio::null())
            .output()?;
        ensure!(output.status.success(), "redis-cli {arguments:?} failed");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// How often a command was called since the server started or `CONFIG RESETSTAT`.
    pub fn calls(&self, command: &str) -> Result<u64> {
        let statistics = self.command(&["INFO", "commandstats"])?;
        let calls = statistics.lines().find_map(|line| {
            line.strip_prefix(&format!("cmdstat_{command}:calls="))?
                .split(',')
                .next()
        });
        Ok(calls.unwrap_or("0").parse()?)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
