//! The adapter to Spin's interfaces: the only files that touch the host.

mod body;
mod handover;
mod origin;

use crate::circuits::Circuits;
use crate::ports::{Fetch, FetchError, Host, Taker, Unavailable};
use crate::request::Request;
use crate::serve::serve;
use crate::settings::{Settings, Variables};
use admission::Leases;
use bytes::Bytes;
use spin_adapter::{store, wire};
use spin_sdk::http::{FullBody, Request as SpinRequest, Response};
use spin_sdk::{http_service, variables};
use std::sync::{LazyLock, OnceLock};

/// Where the manifest mounts `static/brand`.
const OVERLAY: &str = "/brand/overlay.png";

/// An instance serves many requests, one after the other or side by side: settings are read once.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// What the instance remembers of its origins.
static CIRCUITS: LazyLock<Circuits> = LazyLock::new(Circuits::default);

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
    let settings = settings.as_ref().copied();
    let answer = serve(&Spin, &LEASES, settings.map_err(String::as_str), &request).await;
    if let Some(key) = settings.ok().and_then(|settings| settings.audit.as_ref()) {
        // It goes on when the answer has gone out.
        spin_sdk::wasip3::spawn(handover::send(key));
    }
    wire::response(answer)
}

async fn configure() -> anyhow::Result<Settings> {
    let variables = Variables {
        master_key: variables::get("master_key").await?,
        master_key_previous: variables::get("master_key_previous").await?,
        origins: variables::get("origins").await?,
        environment: variables::get("environment").await?,
        trusted_proxies: variables::get("trusted_proxies").await?,
        address_limit: variables::get("address_limit").await?,
        renditions: variables::get("renditions").await?,
        audit: variables::get("audit").await?,
    };
    Settings::read(&variables, std::fs::read(OVERLAY)?)
}

fn read(request: &SpinRequest) -> Request {
    let headers = request.headers();
    Request {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        accept: wire::header(headers, "accept"),
        referer: referer(request),
        if_none_match: wire::header(headers, "if-none-match"),
        peer: wire::peer(headers),
        forwarded: wire::forwarded(headers),
    }
}

/// `Referer`; where it is not one readable value it is kept as a text that matches no list, because an absent one may pass.
fn referer(request: &SpinRequest) -> Option<String> {
    let mut values = request.headers().get_all("referer").iter();
    let first = values.next()?;
    let one = values.next().is_none();
    Some(first.to_str().ok().filter(|_| one).unwrap_or_default().to_owned())
}

/// The host, through spin-sdk and WASI.
struct Spin;

impl Host for Spin {
    type Original = origin::Original;

    async fn get(&self, store: &str, name: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        store::get(store, name).await.map_err(Unavailable)
    }

    async fn set(&self, store: &str, name: &str, value: &[u8]) -> Result<(), Unavailable> {
        store::set(store, name, value).await.map_err(Unavailable)
    }

    fn increment(&self, store: &str, name: &str, delta: i64) -> Result<i64, Unavailable> {
        store::increment(store, name, delta).map_err(Unavailable)
    }

    async fn fetch(&self, fetch: &Fetch, taker: Taker<'_>) -> Result<origin::Original, FetchError> {
        origin::fetch(fetch, taker).await
    }

    async fn sleep(&self, time: u64) {
        spin_sdk::time::sleep(std::time::Duration::from_millis(time)).await;
    }

    fn circuits(&self) -> &Circuits {
        &CIRCUITS
    }

    fn now(&self) -> u64 {
        spin_adapter::now()
    }

    fn random(&self) -> [u8; 16] {
        spin_adapter::random()
    }

    fn log(&self, line: &str) {
        spin_adapter::log(line);
    }

    fn audit(&self, event: audit::Event) {
        handover::push(event);
    }
}
