//! The HTTP server: connections, back pressure, routing, shutdown.
use crate::clock::now;
use crate::demo::{Demo, is_local};
use crate::https::{Channel, Https};
use crate::instance::{Handler, Turn};
use crate::manifest::{Route, StaticResponse};
use crate::metrics::Metrics;
use crate::outbound::full;
use crate::socket::{Socket, UNREAD};
use crate::throttle::Addresses;
use crate::{answer, request};
use anyhow::Result;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use problem::Reason;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::InstantiationError;

/// More connections wait in the kernel.
const MAX_CONNECTIONS: usize = 1000;
/// For the headers of a request, and for the next request on an open connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// So many requests may wait for each one that is at work; more are sent away, because they would wait for too long.
const QUEUE_PER_TURN: usize = 8;
/// For requests that are under way when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Responses up to this size are taken from the instance at once, so that a slow reader holds bytes and not an instance.
const COLLECTED: u64 = 16 << 20;

/// What answers a route.
pub enum Destination {
    /// A component.
    Component(Handler),
    /// One fixed answer.
    Static(StaticResponse),
}

/// Everything that requests are answered from.
pub struct Server {
    routes: Vec<(Route, Destination)>,
    addresses: Addresses,
    demo: Option<Arc<Demo>>,
    https: Option<Https>,
    metrics: Option<Arc<Metrics>>,
    /// One permit for each request that a component works on.
    turns: Arc<Semaphore>,
    /// One permit for each request that works or waits for its turn.
    queue: Arc<Semaphore>,
}

impl Server {
    /// A server of these routes (the most specific first), with so many requests in components at a time.
    pub fn new(
        routes: Vec<(Route, Destination)>,
        demo: Option<Arc<Demo>>,
        addresses: Addresses,
        concurrency: usize,
    ) -> Self {
        let queue = concurrency
            .saturating_mul(1 + QUEUE_PER_TURN)
            .min(Semaphore::MAX_PERMITS);
        Self {
            routes,
            addresses,
            demo,
            https: None,
            metrics: None,
            turns: Arc::new(Semaphore::new(concurrency)),
            queue: Arc::new(Semaphore::new(queue)),
        }
    }

    /// The same with HTTPS.
    pub fn with(self, https: Option<Https>) -> Self {
        Self { https, ..self }
    }

    /// The same, its answers counted.
    pub fn counted(self, metrics: Option<Arc<Metrics>>) -> Self {
        Self { metrics, ..self }
    }

    /// Serves until `stop` resolves, then lets requests under way finish for a while.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        let server = Arc::new(self);
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let graceful = Arc::new(Mutex::new(Some(GracefulShutdown::new())));
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = async {
                let room = connections.clone().acquire_owned().await;
                (listener.accept().await, room)
            };
            match tokio::select! { accepted = accepted => accepted, () = &mut stop => break } {
                (Ok((socket, peer)), Ok(room)) => {
                    let serving = connection(server.clone(), socket, peer, graceful.clone());
                    tokio::spawn(async move {
                        // What a client does to its own connection is no news.
                        drop(serving.await);
                        drop(room);
                    });
                }
                (Err(error), _) => {
                    // Out of file descriptors, most likely: others are about to close.
                    crate::log::warning(&format!("a connection could not be accepted: {error}"));
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                (_, Err(_)) => break,
            }
        }
        drop(listener);
        let Some(graceful) = lock(&graceful).take() else {
            return Ok(());
        };
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            crate::log::warning("requests were still under way when the time to finish them was over");
        }
        Ok(())
    }

    /// Answers a request that came over TLS or over a plain connection.
    async fn answer(&self, mut request: Request<Incoming>, peer: SocketAddr, tls: bool) -> Response<WasiBody> {
        let arrival = Instant::now();
        let accepted = request::accept(&mut request);
        let channel = self.https.as_ref().map(|https| {
            let host = request.uri().host().unwrap_or_default();
            (https, https.channel(tls, peer.ip(), host, request.headers()))
        });
        let mut response = match (accepted, channel) {
            (Err(unusable), _) => answer::bad_request(&unusable.to_string()),
            (Ok(()), Some((https, Channel::Plain))) => https.redirect(request.uri()),
            (Ok(()), _) => self.route(request, peer).await,
        };
        if let Some((_, Channel::Secure)) = channel {
            Https::promise(response.headers_mut());
        }
        if let Some(metrics) = &self.metrics {
            metrics.count(&response, arrival);
        }
        response
    }

    async fn route(&self, mut request: Request<Incoming>, peer: SocketAddr) -> Response<WasiBody> {
        let path = request.uri().path();
        if path == "/.well-known/spin/health" {
            return answer::text("OK");
        }
        let found = self
            .routes
            .iter()
            .find_map(|(route, to)| Some((route, to, route.captures(path)?)));
        match (found, &self.demo) {
            (Some((route, Destination::Component(handler), captures)), _) => {
                let uri = request.uri().clone();
                let client = self.addresses.client(peer.ip(), request.headers());
                if let Some(refusal) = self.addresses.refusal(client, now()) {
                    return refusal;
                }
                request::describe(request.headers_mut(), &uri, peer, route, &captures);
                self.count(client, self.run(handler, request.map(request::body)).await)
                    .await
            }
            (Some((_, Destination::Static(fixed), _)), _) => answer::fixed(fixed),
            (None, Some(demo)) => {
                let local = is_local(peer.ip(), request.uri(), request.headers());
                demo.answer(request.method(), path, local).await
            }
            (None, None) => answer::problem(Reason::NotFound),
        }
    }

    /// Counts a component's answer for the throttle of addresses. What is not a failure is passed on as it is.
    async fn count(&self, client: IpAddr, response: Response<WasiBody>) -> Response<WasiBody> {
        let status = response.status();
        let short = response
            .body()
            .size_hint()
            .upper()
            .is_some_and(|length| length <= COLLECTED);
        if !short || !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return response;
        }
        let (parts, body) = response.into_parts();
        match body.collect().await {
            Ok(whole) => {
                let bytes = whole.to_bytes();
                self.addresses.answered(client, status, &bytes, now());
                Response::from_parts(parts, full(bytes))
            }
            Err(_) => answer::problem(Reason::Processing),
        }
    }

    async fn run(&self, handler: &Handler, request: Request<WasiBody>) -> Response<WasiBody> {
        let Ok(place) = self.queue.clone().try_acquire_owned() else {
            return answer::problem(Reason::Unavailable);
        };
        let Ok(turn) = self.turns.clone().acquire_owned().await else {
            return answer::problem(Reason::Unavailable);
        };
        work(handler, request, Arc::new([turn, place])).await
    }
}

/// Has a component answer a request. The instance holds the turn too, and works on when this future is dropped.
async fn work(handler: &Handler, request: Request<WasiBody>, turn: Turn) -> Response<WasiBody> {
    let started = Instant::now();
    match handler.handle(turn.clone(), request).await {
        Ok(response) => collect(response, turn).await,
        Err(error) => {
            crate::log::error(&format!("a request failed: {}", error.root_cause()));
            // No instance to be had, or no answer in time: a later try may do better. A trap would trap again.
            let late = started.elapsed() >= handler.state().deadline();
            let reason = if late || error.is::<InstantiationError<Turn>>() {
                Reason::Unavailable
            } else {
                Reason::Processing
            };
            answer::problem(reason)
        }
    }
}

/// Takes a response of known, moderate length out of the instance; others go on streaming, and keep their turn meanwhile.
async fn collect(response: Response<WasiBody>, turn: Turn) -> Response<WasiBody> {
    let (mut parts, body) = response.into_parts();
    let length = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length
        .or(body.size_hint().upper())
        .is_none_or(|length| length > COLLECTED)
    {
        let body = body.map_frame(move |frame| {
            let _held = &turn;
            frame
        });
        return Response::from_parts(parts, body.boxed_unsync());
    }
    match body.collect().await {
        Ok(whole) => {
            let bytes = whole.to_bytes();
            if !bytes.is_empty() && !parts.headers.contains_key(header::CONTENT_LENGTH) {
                parts
                    .headers
                    .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            }
            Response::from_parts(parts, full(bytes))
        }
        Err(error) => {
            crate::log::error(&format!("a response broke off: {error}"));
            answer::problem(Reason::Processing)
        }
    }
}

type Graceful = Arc<Mutex<Option<GracefulShutdown>>>;

/// Serves a connection to its end; where there is a certificate, over TLS if that is what the client begins with.
async fn connection(server: Arc<Server>, socket: TcpStream, peer: SocketAddr, graceful: Graceful) -> Result<()> {
    let certificate = server.https.as_ref().and_then(|https| https.certificate.clone());
    match certificate {
        Some(certificate) if begins_with_tls(&socket).await? => {
            let stream = certificate.accept(Socket::new(socket, UNREAD)).await?;
            serve(server, stream, peer, true, &graceful).await
        }
        _ => serve(server, Socket::new(socket, UNREAD), peer, false, &graceful).await,
    }
}

/// Looks at the first byte without taking it: a TLS record of a handshake has type 22 (RFC 8446 section 5.1), and no HTTP
/// method begins so.
async fn begins_with_tls(socket: &TcpStream) -> Result<bool> {
    let mut first = [0];
    tokio::time::timeout(HEADER_TIMEOUT, socket.peek(&mut first)).await??;
    Ok(first == [22])
}

async fn serve<S>(server: Arc<Server>, stream: S, peer: SocketAddr, tls: bool, graceful: &Graceful) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let server = server.clone();
        async move { Ok::<_, Infallible>(server.answer(request, peer, tls).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(64 << 10)
        .keep_alive_interval(HEADER_TIMEOUT)
        .keep_alive_timeout(HEADER_TIMEOUT);
    let serving = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    // A connection that is made while the server stops is not served.
    let Some(watcher) = lock(graceful).as_ref().map(GracefulShutdown::watcher) else {
        return Ok(());
    };
    watcher.watch(serving).await.map_err(anyhow::Error::from_boxed)
}

/// The value is taken or looked at, never half changed.
fn lock(graceful: &Graceful) -> MutexGuard<'_, Option<GracefulShutdown>> {
    graceful.lock().unwrap_or_else(PoisonError::into_inner)
}
