//! The adapter to Spin's interfaces: the only files that touch the host.

mod database;
mod post;

use crate::chores;
use crate::context::Instance;
use crate::ports::{Host, Post, Unavailable};
use crate::request::{Body, BodyLost, Request};
use crate::serve::serve;
use crate::settings::{Settings, Variables};
use crate::sql::{self, Dialect, Row, SqlError, Value};
use bytes::Bytes;
use database::Connections;
use futures::StreamExt;
use spin_adapter::{store, wire};
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{FullBody, Request as SpinRequest, Response};
use spin_sdk::{http_service, variables};
use std::sync::{LazyLock, OnceLock};

/// An instance serves many requests, one after the other or side by side: settings are read once.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// What the instance remembers between requests.
static INSTANCE: LazyLock<Instance> = LazyLock::new(Instance::default);

#[http_service]
async fn handle(request: SpinRequest) -> Response<FullBody<Bytes>> {
    let settings = match SETTINGS.get() {
        Some(settings) => Ok(settings),
        // What failed may come back, for example a variable provider: a failure is not kept.
        None => configure().await.map(|settings| SETTINGS.get_or_init(|| settings)),
    };
    let settings = settings.map_err(|e| format!("{e:#}"));
    let postgres = settings.as_ref().ok().and_then(|settings| settings.postgres.as_ref());
    let host = Spin(Connections::new(postgres));
    let settings = settings.as_ref().copied().map_err(String::as_str);
    let answer = serve(&host, &INSTANCE, settings, read(request)).await;
    if let Ok(settings) = settings {
        // It goes on when the answer has gone out.
        spin_sdk::wasip3::spawn(async move { chores::tend(&host, &INSTANCE, settings).await });
    }
    wire::response(answer)
}

async fn configure() -> anyhow::Result<Settings> {
    Settings::read(&Variables {
        master_key: variables::get("master_key").await?,
        master_key_previous: variables::get("master_key_previous").await?,
        database_url: variables::get("database_url").await?,
        operator_token: variables::get("operator_token").await?,
        trusted_proxies: variables::get("trusted_proxies").await?,
        environment: variables::get("environment").await?,
        origin: variables::get("origin").await?,
        public_url: variables::get("public_url").await?,
        product_operations: variables::get("product_operations").await?,
        anomalies: variables::get("anomalies").await?,
    })
}

fn read(request: SpinRequest) -> Request {
    let (head, body) = request.into_parts();
    let pieces = body
        .stream()
        .map(|piece| piece.map(|bytes| bytes.to_vec()).map_err(|_| BodyLost));
    Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        peer: wire::peer(&head.headers),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect(),
        body: Body(pieces.boxed_local()),
    }
}

/// The host of one request, through spin-sdk and WASI.
struct Spin(Connections);

impl sql::Database for Spin {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        self.0.query(statement, parameters).await
    }

    async fn execute(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError> {
        self.0.execute(statement, parameters).await
    }
}

impl Host for Spin {
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        store::get(store::RECORDS, name).await.map_err(Unavailable)
    }

    async fn set(&self, name: &str, value: &[u8]) -> Result<(), Unavailable> {
        store::set(store::RECORDS, name, value).await.map_err(Unavailable)
    }

    fn increment(&self, counter: &str, delta: i64) -> Result<i64, Unavailable> {
        store::increment(store::RECORDS, counter, delta).map_err(Unavailable)
    }

    async fn post(&self, post: &Post<'_>) -> Result<u16, Unavailable> {
        post::send(post).await.map_err(Unavailable)
    }

    async fn sleep(&self, milliseconds: u64) {
        spin_sdk::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
    }

    fn now(&self) -> u64 {
        spin_adapter::now()
    }

    fn random<const N: usize>(&self) -> [u8; N] {
        spin_adapter::random()
    }

    fn log(&self, line: &str) {
        spin_adapter::log(line);
    }
}
