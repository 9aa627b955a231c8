//! Requests from component to component: `http://NAME.spin.internal/…`. They stay in the process, and reach components and
//! paths that no route leads to.
use super::INTERNAL;
use crate::instance::{Handler, Turn};
use crate::manifest::Route;
use crate::request;
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody};

/// What Spin writes in the place of a client's address; nothing from outside can carry it.
const NO_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// So many requests may be under way from component to component for each one from outside.
const PER_REQUEST: usize = 2;
/// For a turn. Components that wait for each other in a circle would wait for ever.
const PATIENCE: Duration = Duration::from_secs(2);

/// The components, as they reach each other.
#[derive(Clone)]
pub struct Internal {
    /// Set once all components are made; each of them holds this.
    handlers: Arc<OnceLock<BTreeMap<String, Handler>>>,
    /// Turns of their own: a component that waits for another keeps the one it has.
    turns: Arc<Semaphore>,
}

impl Internal {
    /// Passes requests on beside so many from outside, once [`Internal::connect`] has said to whom.
    pub fn new(concurrency: usize) -> Self {
        Self {
            handlers: Arc::default(),
            turns: Arc::new(Semaphore::new(
                concurrency.saturating_mul(PER_REQUEST).min(Semaphore::MAX_PERMITS),
            )),
        }
    }

    /// Tells who the components are, by id.
    pub fn connect(&self, handlers: BTreeMap<String, Handler>) {
        // A second call changes nothing, and there is none.
        drop(self.handlers.set(handlers));
    }

    /// Has a component answer; the allow list was asked before.
    pub async fn send(&self, component: &str, mut request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        let handler = self.handlers.get().and_then(|handlers| handlers.get(component));
        let handler = handler.ok_or(Error::DestinationNotFound)?;
        let everything = Route::parse("/...").map_err(|_| Error::DestinationNotFound)?;
        let uri = request.uri().clone();
        let captures = everything.captures(uri.path()).ok_or(Error::DestinationNotFound)?;
        request::strip(request.headers_mut());
        request::describe(request.headers_mut(), &uri, NO_CLIENT, &everything, &captures);
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let turn: Turn = Arc::new([turn.ok().and_then(Result::ok).ok_or(Error::ConnectionLimitReached)?]);
        let response = handler.handle(turn.clone(), request).await.map_err(|error| {
            crate::log::error(&format!("a request to `{component}` failed: {}", error.root_cause()));
            Error::ConnectionTerminated
        })?;
        Ok(response.map(|body| {
            let held = body.map_frame(move |frame| {
                let _held = &turn;
                frame
            });
            held.boxed_unsync()
        }))
    }
}

/// The component that a request is for, if it is for one.
pub fn component(uri: &Uri) -> Option<String> {
    let host = uri.host()?.to_ascii_lowercase();
    host.strip_suffix(INTERNAL).map(str::to_owned)
}
