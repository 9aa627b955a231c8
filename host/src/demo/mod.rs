//! The demo: a project with two clients, a page that shows what each receives, and what can be read out of it again.
mod difference;
mod pictures;
mod shop;
mod state;

use crate::answer;
use crate::data::{DataFolder, DemoClient, DemoFile};
use crate::folder::Folder;
use crate::kv::Backend;
use crate::records::{NewKey, Records, Terms, new_key, new_project};
use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use identity::KeyState;
use pictures::Pictures;
use secret::{MasterKey, Purpose, Sealed};
use serde_json::Value;
pub use shop::Shop;
use state::State;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use wasmtime_wasi_http::WasiBody;

/// The project's slug.
pub const PROJECT: &str = "demo";
/// The clients.
pub const CLIENTS: [&str; 2] = ["client_demo", "client_demo_two"];

/// The page's URLs live longer than what is remembered of them.
const REMEMBERED: Duration = Duration::from_secs(3600);
const URL_LIFETIME: u64 = 86_400;

/// Finds or makes the demo's project and keys. Keys whose secret is known and works are kept, so that URLs outlive a restart.
pub fn clients(data: &DataFolder, store: &dyn Backend, master: &MasterKey, now: u64) -> Result<Vec<DemoClient>> {
    let records = Records::new(store);
    let project = match records.project(PROJECT)? {
        Some(project) => project,
        None => {
            let project = new_project(PROJECT)?;
            records.keep_project(&project)?;
            project
        }
    };
    let known = data.demo().map(|demo| demo.clients).unwrap_or_default();
    let works = |client: &DemoClient| -> Result<bool> {
        let Some(record) = records.key(&client.public_key)? else {
            return Ok(false);
        };
        let secret = Sealed::parse(&record.secret)?.open(&master.derive(Purpose::Sealing), &record.name());
        let same =
            secret.is_ok_and(|secret| secret.expose() == client.secret_key) && record.client_id == client.client_id;
        Ok(same && record.project.slug == PROJECT && record.state(now) == KeyState::Live)
    };
    let client = |client_id: &str| -> Result<DemoClient> {
        if let Some(client) = known.iter().find(|client| client.client_id == client_id)
            && works(client)?
        {
            return Ok(client.clone());
        }
        let NewKey { record, secret } = new_key(master, &project, client_id, Terms::default(), now)?;
        records.keep_key(&record)?;
        let secret_key = secret.expose().to_owned();
        Ok(DemoClient {
            client_id: client_id.to_owned(),
            public_key: record.public_key,
            secret_key,
        })
    };
    CLIENTS.into_iter().map(client).collect()
}

/// Answers the paths that no component claims.
pub struct Demo {
    page: Option<Folder>,
    pictures: Arc<Pictures>,
    shop: Option<Shop>,
    remembered: Mutex<Option<(Instant, Arc<State>)>>,
}

impl Demo {
    /// A demo of these clients over these originals. `page` holds `index.html` and what belongs to it; without a `shop` there are
    /// pictures only.
    pub fn new(
        file: DemoFile,
        page: Option<Folder>,
        originals: Folder,
        store: Arc<dyn Backend>,
        master: &MasterKey,
        shop: Option<Shop>,
    ) -> Self {
        let pictures = Arc::new(Pictures::new(file, originals, store, master));
        Self {
            page,
            pictures,
            shop,
            remembered: Mutex::new(None),
        }
    }

    /// Path and query of one working signed URL, if there is an original to show.
    pub fn example(&self) -> Option<String> {
        self.pictures.example()
    }

    /// Answers a request; `local` is whether [`is_local`].
    pub async fn answer(&self, method: &Method, path: &str, local: bool) -> Response<WasiBody> {
        let mut response = match path {
            "/demo/client.json" if local && self.shop.is_some() => self.client(method).await,
            "/demo/client.json" => answer::problem(problem::Reason::NotFound),
            "/demo/state.json" => {
                self.made(|state| answer::with_type(state.json.clone(), "application/json"))
                    .await
            }
            "/demo/difference.png" => self.made(|state| picture(state.difference.clone())).await,
            "/" => self.file(method, "/index.html").await,
            _ => self.file(method, path.strip_prefix("/demo").unwrap_or_default()).await,
        };
        let headers = response.headers_mut();
        let policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        response
    }

    /// A client of the control API for the page, with an API key of its own for each time that it is asked.
    async fn client(&self, method: &Method) -> Response<WasiBody> {
        if method != Method::POST {
            let mut response = answer::problem(problem::Reason::Method);
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let fresh = match &self.shop {
            Some(shop) => shop.fresh().await,
            None => Ok(Value::Null),
        };
        fresh.map_or_else(
            |error| not_ready(&error),
            |fresh| answer::with_type(fresh.to_string(), "application/json"),
        )
    }

    async fn file(&self, method: &Method, path: &str) -> Response<WasiBody> {
        match &self.page {
            Some(page) => page.answer(method, path).await,
            None => answer::problem(problem::Reason::NotFound),
        }
    }

    /// The state, made by the first who asks; others wait for it.
    async fn made(&self, show: impl Fn(&State) -> Response<WasiBody>) -> Response<WasiBody> {
        let mut remembered = self.remembered.lock().await;
        if let Some((_, state)) = remembered.as_ref().filter(|(made, _)| made.elapsed() < REMEMBERED) {
            return show(state);
        }
        match State::make(&self.pictures).await {
            Ok(state) => {
                let response = show(&state);
                *remembered = Some((Instant::now(), Arc::new(state)));
                response
            }
            Err(error) => not_ready(&error),
        }
    }
}

/// Whether a request comes from this machine and from a page of this server: who hears of API keys. The name that was asked for is
/// this machine's too, so that no other site's name can be made to lead here.
pub fn is_local(peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let named = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    // What a browser says of the page that asks; nothing else says so, and needs no protection from itself.
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    peer.to_canonical().is_loopback() && named && matches!(site, None | Some(b"same-origin"))
}

fn not_ready(error: &anyhow::Error) -> Response<WasiBody> {
    crate::log::error(&format!("the demo page: {error:#}"));
    let body = serde_json::json!({ "error": "The demo is not ready", "message": format!("{error:#}") });
    let mut response = answer::with_type(body.to_string(), "application/json");
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn picture(png: Option<Bytes>) -> Response<WasiBody> {
    match png {
        Some(png) => answer::with_type(png, "image/png"),
        None => answer::problem(problem::Reason::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kv::Memory;
    use crate::scratch::Scratch;

    fn file(clients: &[DemoClient]) -> DemoFile {
        let DemoClient {
            client_id,
            public_key,
            secret_key,
        } = clients[0].clone();
        let (url, origin, project) = (String::new(), String::new(), PROJECT.to_owned());
        DemoFile {
            url,
            origin,
            project,
            public_key,
            secret_key,
            client_id,
            clients: clients.to_vec(),
            api_clients: Vec::new(),
        }
    }

    #[test]
    fn api_keys_are_told_to_pages_of_this_machine_only() {
        let asked = |peer: &str, url: &str, site: Option<&'static str>| {
            let site = site.map(|site| ("sec-fetch-site".parse().unwrap(), HeaderValue::from_static(site)));
            is_local(
                peer.parse().unwrap(),
                &url.parse().unwrap(),
                &site.into_iter().collect(),
            )
        };
        assert!(asked("127.0.0.1", "http://127.0.0.1:3000/", None));
        assert!(asked("::ffff:127.0.0.1", "http://localhost:3000/", Some("same-origin")));
        assert!(asked("::1", "http://[::1]:3000/", None));
        assert!(!asked("192.0.2.1", "http://127.0.0.1:3000/", None));
        assert!(!asked("127.0.0.1", "http://rebound.example:3000/", Some("same-origin")));
        assert!(!asked("127.0.0.1", "http://localhost:3000/", Some("cross-site")));
        assert!(!asked("127.0.0.1", "/", None));
    }

    #[test]
    fn keys_outlive_a_restart_until_they_stop_working() {
        let scratch = Scratch::new("demo-keys");
        let data = DataFolder::open(&scratch.path().join("data")).unwrap();
        let (store, master) = (Memory::new(1 << 20), data.master_key_or_new().unwrap());
        let first = clients(&data, &store, &master, 0).unwrap();
        assert_eq!(
            first.iter().map(|client| client.client_id.as_str()).collect::<Vec<_>>(),
            CLIENTS
        );
        data.keep_demo(&file(&first)).unwrap();

        let again = clients(&data, &store, &data.master_key_or_new().unwrap(), 0).unwrap();
        assert_eq!(file(&again).clients[1].secret_key, first[1].secret_key);

        let records = Records::new(&store);
        let mut key = records.key(&first[0].public_key).unwrap().unwrap();
        key.revoked_at = Some(1);
        records.keep_key(&key).unwrap();
        let after = clients(&data, &store, &master, 2).unwrap();
        assert_ne!(after[0].public_key, first[0].public_key, "a revoked key is replaced");
        assert_eq!(after[1].public_key, first[1].public_key, "the other stays");

        let other = MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap();
        let fresh = clients(&data, &store, &other, 2).unwrap();
        assert!(
            fresh
                .iter()
                .all(|client| first.iter().all(|old| old.public_key != client.public_key))
        );
    }
}
