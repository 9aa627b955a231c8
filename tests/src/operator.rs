use crate::deckle::json_of;
use crate::{Deckle, OPERATOR_TOKEN, Reply, command, repository, send};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

/// The operator of a host.
pub struct Operator<'a> {
    deckle: &'a Deckle,
    /// The credential, where the command line does not find it in the data folder.
    given: Option<String>,
    authorization: String,
}

/// A client that the operator made.
pub struct ApiClient {
    /// `client_…`
    pub id: String,
    /// `sk_live_…`
    pub api_key: String,
    /// What the owner's webhooks are signed with.
    pub webhook_secret: String,
}

impl<'a> Operator<'a> {
    /// The credential is in the data folder of a host with demo; others are given [`OPERATOR_TOKEN`].
    pub fn of(deckle: &'a Deckle) -> Result<Self> {
        let file = deckle.data.path().join("operator.token");
        let given = (!file.exists()).then(|| OPERATOR_TOKEN.to_owned());
        let token = match &given {
            Some(token) => token.clone(),
            None => std::fs::read_to_string(file)?,
        };
        Ok(Self {
            deckle,
            given,
            authorization: format!("Bearer {}", token.trim()),
        })
    }

    /// A command over the admin API of this host.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command();
        command.args(arguments).args(["--url", &self.deckle.url(""), "--data"]);
        command.arg(self.deckle.data.path());
        command.envs(self.given.iter().map(|token| ("DECKLE_OPERATOR_TOKEN", token)));
        command
    }

    /// Runs such a command and reads its JSON.
    pub fn run(&self, arguments: &[&str]) -> Result<Value> {
        json_of(self.command(arguments).arg("--json"))
    }

    /// The newest events of a chain, newest first, once there are as many as expected: they are written after the answers went
    /// out. `filter` begins with `&`.
    pub fn events(&self, chain: &str, filter: &str, expected: usize) -> Result<Vec<Value>> {
        let began = Instant::now();
        loop {
            let page = self.get(&format!("/audit?chain={chain}&limit=200{filter}"))?;
            let events = page["events"].as_array().context("no events")?.clone();
            if events.len() >= expected || began.elapsed() > Duration::from_secs(20) {
                return Ok(events);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// `Bearer …`
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// Sends a body under `/admin`.
    pub fn send(&self, method: &str, path: &str, media_type: &str, body: &[u8]) -> Result<Reply> {
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", media_type),
        ];
        send(method, &self.deckle.url(&format!("/admin{path}")), &headers, body)
    }

    /// Reads JSON under `/admin`.
    pub fn get(&self, path: &str) -> Result<Value> {
        read(path, &self.send("GET", path, "application/json", &[])?)
    }

    /// Sends JSON, and reads what it was answered with.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let reply = self.send("POST", path, "application/json", body.to_string().as_bytes())?;
        read(path, &reply)
    }

    /// Imports the demo's catalogue.
    pub fn import_catalogue(&self) -> Result<()> {
        let file = std::fs::read(repository().join("static/catalogue/products.jsonl"))?;
        let reply = self.send("POST", "/products/import", "application/x-ndjson", &file)?;
        let report: Value = serde_json::from_slice(&reply.body)?;
        ensure!(reply.status == 200 && report["failed"] == 0, "{report}");
        Ok(())
    }

    /// Makes a client of the demo's project, with a signing key for its pictures and credits.
    pub fn client(&self, settings: &Value, credits: u32) -> Result<ApiClient> {
        let made = self.post("/clients", settings)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
        let id = text(&made["client"]["id"])?;
        self.post("/projects/demo/keys", &json!({ "client_id": id }))?;
        self.post(&format!("/clients/{id}/credits"), &json!({ "change": credits }))?;
        Ok(ApiClient {
            id,
            api_key: text(&made["api_key"])?,
            webhook_secret: text(&made["webhook_secret"])?,
        })
    }
}

fn read(path: &str, reply: &Reply) -> Result<Value> {
    ensure!(
        (200..300).contains(&reply.status),
        "{path}: {}",
        String::from_utf8_lossy(&reply.body)
    );
    Ok(serde_json::from_slice(&reply.body)?)
}
