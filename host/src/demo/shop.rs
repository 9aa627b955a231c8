//! The demo's catalogue and the clients that buy from it, made over the admin API as an operator would.
use crate::data::{ApiClient, DataFolder};
use crate::outbound::{INTERNAL, Internal, full};
use anyhow::{Context as _, Result, ensure};
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::path::Path;

/// The component that has the admin API.
const CONTROL: &str = "control";

/// What the clients are, and their credits: one of each tier, and no two see the same products.
fn terms() -> [(Value, u32); 3] {
    [
        (
            json!({ "name": "Corner shop", "tier": "enterprise", "scope": "full" }),
            10_000,
        ),
        (
            json!({ "name": "Tea room", "tier": "standard", "scope": { "categories": ["Tea", "Infusions"] } }),
            500,
        ),
        (
            json!({ "name": "Trial", "tier": "free", "scope": { "brands": ["Otter & Daughters"] } }),
            20,
        ),
    ]
}

/// The way to the admin API, inside this process.
pub struct Shop {
    internal: Internal,
    operator_token: String,
    data: DataFolder,
    /// The catalogue, one JSON object a line.
    catalogue: Vec<u8>,
    /// The barcode of the first product.
    barcode: String,
}

impl Shop {
    /// Reads the catalogue.
    pub fn new(catalogue: &Path, internal: Internal, operator_token: String, data: DataFolder) -> Result<Self> {
        let rows = std::fs::read(catalogue).with_context(|| format!("{} cannot be read", catalogue.display()))?;
        let first = rows.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first: Value = serde_json::from_slice(first)
            .with_context(|| format!("{} has no product in its first line", catalogue.display()))?;
        Ok(Self {
            internal,
            operator_token,
            data,
            catalogue: rows,
            barcode: first["barcode"].as_str().unwrap_or_default().to_owned(),
        })
    }

    /// The clients: those that are `known` if the database knows them too, with a new API key where the one before is in
    /// quarantine. Where one has to be made the database is new, or was changed, and the catalogue is imported as well.
    pub async fn clients(&self, project: &str, known: &[ApiClient]) -> Result<Vec<ApiClient>> {
        let (mut clients, mut made) = (Vec::new(), false);
        for (number, (settings, credits)) in terms().into_iter().enumerate() {
            let state = match known.get(number) {
                Some(client) => self.state(client).await?,
                None => Value::Null,
            };
            clients.push(match (known.get(number), state.as_str()) {
                (Some(client), Some("active")) => client.clone(),
                (Some(client), Some("quarantined")) => self.rotated(client).await?,
                _ => {
                    made = true;
                    self.create(project, &settings, credits).await?
                }
            });
        }
        if made {
            let report = self
                .send("/products/import", "application/x-ndjson", self.catalogue.clone())
                .await?;
            ensure!(report["failed"] == 0, "the catalogue has bad rows: {report}");
        }
        Ok(clients)
    }

    /// The first client with a fresh API key, and a product that it may ask for. The key before, and every token, ends.
    pub async fn fresh(&self) -> Result<Value> {
        let mut file = self.data.demo().context("demo.json cannot be read")?;
        let client = file.api_clients.first_mut().context("the demo has no client")?;
        *client = self.rotated(client).await?;
        let fresh = json!({ "client": client, "barcode": self.barcode });
        self.data.keep_demo(&file)?;
        Ok(fresh)
    }

    async fn rotated(&self, client: &ApiClient) -> Result<ApiClient> {
        let rotated = self
            .post(&format!("/clients/{}/rotate", client.client_id), &Value::Null)
            .await?;
        let api_key = text(&rotated["api_key"])?;
        Ok(ApiClient {
            api_key,
            ..client.clone()
        })
    }

    /// The state of a client in the database; null if it is not there.
    async fn state(&self, client: &ApiClient) -> Result<Value> {
        let (status, body) = self
            .ask(Method::GET, &format!("/clients/{}", client.client_id), "", Vec::new())
            .await?;
        ensure!(
            status == StatusCode::OK || status == StatusCode::NOT_FOUND,
            "the admin API answered {status}"
        );
        Ok(body["client"]["status"].clone())
    }

    async fn create(&self, project: &str, settings: &Value, credits: u32) -> Result<ApiClient> {
        let made = self.post("/clients", settings).await?;
        let client = ApiClient {
            client_id: text(&made["client"]["id"])?,
            name: text(&settings["name"])?,
            tier: text(&settings["tier"])?,
            api_key: text(&made["api_key"])?,
        };
        let id = &client.client_id;
        // The key that answers for its pictures.
        self.post(&format!("/projects/{project}/keys"), &json!({ "client_id": id }))
            .await?;
        self.post(&format!("/clients/{id}/credits"), &json!({ "change": credits }))
            .await?;
        Ok(client)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(path, "application/json", body.to_string().into_bytes()).await
    }

    async fn send(&self, path: &str, media_type: &str, body: Vec<u8>) -> Result<Value> {
        let (status, body) = self.ask(Method::POST, path, media_type, body).await?;
        ensure!(
            status.is_success(),
            "{path} was answered with {status} {}",
            body["error"]
        );
        Ok(body)
    }

    async fn ask(&self, method: Method, path: &str, media_type: &str, body: Vec<u8>) -> Result<(StatusCode, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{CONTROL}{INTERNAL}/admin{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.operator_token))
            .header(header::CONTENT_TYPE, media_type)
            .body(full(body))?;
        let response = self
            .internal
            .send(CONTROL, request)
            .await
            .with_context(|| format!("the component `{CONTROL}` did not answer"))?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

fn text(value: &Value) -> Result<String> {
    Ok(value
        .as_str()
        .context("the admin API's answer lacks a member")?
        .to_owned())
}
