use crate::{Deckle, Reply, repository, send};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The operator of a host in demo mode.
pub struct Operator<'a> {
    deckle: &'a Deckle,
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
    /// Takes the credential from the data folder.
    pub fn of(deckle: &'a Deckle) -> Result<Self> {
        let token = std::fs::read_to_string(deckle.data.path().join("operator.token"))?;
        let authorization = format!("Bearer {}", token.trim());
        Ok(Self { deckle, authorization })
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

    /// Sends JSON, and reads what it was answered with.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let reply = self.send("POST", path, "application/json", body.to_string().as_bytes())?;
        ensure!(
            (200..300).contains(&reply.status),
            "{path}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        Ok(serde_json::from_slice(&reply.body)?)
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
