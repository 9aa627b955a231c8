//! The adapter to Spin's interfaces: the only files that touch the host.

mod origin;
mod store;

use crate::admit::Leases;
use crate::ports::{FetchError, Host, Unavailable};
use crate::request::Request;
use crate::respond::Answer;
use crate::serve::serve;
use crate::settings::{Settings, Variables};
use bytes::Bytes;
use netaddr::Source;
use spin_sdk::http::{FullBody, HeaderName, HeaderValue, Request as SpinRequest, Response, StatusCode};
use spin_sdk::{http_service, variables};
use std::sync::{LazyLock, OnceLock};

/// Where the manifest mounts `static/brand`.
const OVERLAY: &str = "/brand/overlay.png";

/// An instance serves many requests, one after the other or side by side: settings are read once.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// What the instance holds of its keys' rate windows.
static LEASES: LazyLock<Leases> = LazyLock::new(Leases::default);

#[http_service]
async fn handle(request: SpinRequest) -> Response<FullBody<Bytes>> {
    let request = read(&request);
    let settings = match SETTINGS.get() {
        Some(settings) => Ok(settings),
        // What failed may come back, for example a variable provider: a failure is not kept.
        None => configure().await.map(|settings| SETTINGS.get_or_init(|| settings)),
    };
    let settings = settings.map_err(|e| format!("{e:#}"));
    write(
        serve(
            &Spin,
            &LEASES,
            settings.as_ref().copied().map_err(String::as_str),
            &request,
        )
        .await,
    )
}

async fn configure() -> anyhow::Result<Settings> {
    let variables = Variables {
        master_key: variables::get("master_key").await?,
        origin: variables::get("origin").await?,
        environment: variables::get("environment").await?,
        trusted_proxies: variables::get("trusted_proxies").await?,
    };
    Settings::read(&variables, &std::fs::read(OVERLAY)?)
}

fn read(request: &SpinRequest) -> Request {
    let header = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let value = values.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
        // A header that stands twice has no one meaning.
        if values.next().is_some() { None } else { value }
    };
    // The host appends its own value: everything before it was sent by the client.
    let peer = request.headers().get_all("spin-client-addr").iter().next_back();
    Request {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        accept: header("accept"),
        referer: referer(request),
        if_none_match: header("if-none-match"),
        peer: peer
            .and_then(|peer| peer.to_str().ok())
            .and_then(netaddr::client_address),
        forwarded: request
            .headers()
            .get_all("x-forwarded-for")
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect(),
    }
}

/// `Referer`; where it is not one readable value it is kept as a text that matches no list, because an absent one may pass.
fn referer(request: &SpinRequest) -> Option<String> {
    let mut values = request.headers().get_all("referer").iter();
    let first = values.next()?;
    let one = values.next().is_none();
    Some(first.to_str().ok().filter(|_| one).unwrap_or_default().to_owned())
}

fn write(answer: Answer) -> Response<FullBody<Bytes>> {
    let mut response = Response::new(FullBody::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The host, through spin-sdk and WASI.
struct Spin;

impl Host for Spin {
    type Original = origin::Original;

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        store::get(key).await
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<(), Unavailable> {
        store::set(key, value).await
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64, Unavailable> {
        store::increment(key, delta)
    }

    async fn fetch(&self, source: &Source, most: u64) -> Result<origin::Original, FetchError> {
        origin::fetch(source, most).await
    }

    fn now(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since
            .ok()
            .and_then(|since| u64::try_from(since.as_millis()).ok())
            .unwrap_or(u64::MAX)
    }

    fn random(&self) -> [u8; 16] {
        let bytes = spin_sdk::wasip3::random::random::get_random_bytes(16);
        bytes.try_into().unwrap_or_default()
    }

    fn log(&self, line: &str) {
        println!("{line}");
    }
}
