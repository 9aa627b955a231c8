//! Requests from component to component: `http://NAME.spin.internal/…`. They stay in the process, and reach components and
//! paths that no route leads to.
use super::INTERNAL;
use crate::instance::Handler;
use crate::manifest::Route;
use crate::request;
use http::{Request, Response, Uri};
use http_body_util::BodyExt as _;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{Error, WasiBody};

/// What Spin writes in the place of a client's address; nothing from outside can carry it.
const NO_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The components, as they reach each other.
#[derive(Clone)]
pub struct Internal {
    /// Set once all components are made; each of them holds this.
    handlers: Arc<OnceLock<BTreeMap<String, Handler>>>,
    /// Turns of their own: a component that waits for another keeps the one it has.
    turns: Arc<Semaphore>,
}

impl Internal {
    /// Passes so many requests on at a time, once [`Internal::connect`] has said to whom.
    pub fn new(concurrency: usize) -> Self {
        Self {
            handlers: Arc::default(),
            turns: Arc::new(Semaphore::new(concurrency)),
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
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_| Error::ConnectionLimitReached)?;
        let response = handler.handle((), request).await.map_err(|error| {
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
