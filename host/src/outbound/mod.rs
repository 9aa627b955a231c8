//! Requests that components send: an allow list, an address policy, and one pooled client.
mod address;
mod allowed;
mod connect;
mod internal;
mod paced;

pub use allowed::{Allowed, INTERNAL};
pub use internal::Internal;

use bytes::Bytes;
use connect::{CONNECT_TIMEOUT, Connector, Prohibited};
use http::{Request, Response, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use paced::Paced;
use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// What holds where the component set no timeout of its own.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// Longer than this no component may wait for a connection, whatever it asks for.
const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

type Transmission = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// The client that all components share: connections are kept and used again, redirects are never followed.
#[derive(Clone)]
pub struct Pool(Client<Connector, WasiBody>);

impl Pool {
    /// A client without connections yet.
    pub fn new() -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64);
        Self(builder.build(Connector::new()))
    }
}

/// One component's way out.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<Allowed>,
    pool: Pool,
    internal: Internal,
}

impl Outbound {
    /// Joins a component's allow list to the shared client and to the other components.
    pub fn new(allowed: Allowed, pool: Pool, internal: Internal) -> Self {
        Self {
            allowed: Arc::new(allowed),
            pool,
            internal,
        }
    }

    /// Its allow list.
    pub fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// Whether policy lets the request leave. Names are checked again when they are resolved: an address written as a name
    /// that resolves to it gains nothing.
    fn check(&self, request: &Request<WasiBody>) -> Result<(), Error> {
        if !self.allowed.permits(request.uri()) {
            return Err(Error::HttpRequestDenied);
        }
        let host = request.uri().host().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            // Literal addresses never reach the resolver, so this is the place for them.
            Ok(ip) if !address::public(ip) && !self.allowed.names_loopback(ip) => Err(Error::DestinationIpProhibited),
            _ => Ok(()),
        }
    }

    async fn send(
        self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        self.check(&request)?;
        request.headers_mut().remove(header::HOST); // the client writes it from the URI, so that both agree
        let options = options.unwrap_or_default();
        let connect = options
            .connect_timeout
            .unwrap_or(DEFAULT_TIMEOUT)
            .min(MAX_CONNECT_TIMEOUT);
        let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
        let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
        if let Some(component) = internal::component(request.uri()) {
            let answering = tokio::time::timeout(first_byte, self.internal.send(&component, request));
            return answering.await.map_err(|_| Error::ConnectionReadTimeout)?;
        }
        let sending = CONNECT_TIMEOUT.scope(connect, self.pool.0.request(request));
        let response = tokio::time::timeout(connect.saturating_add(first_byte), sending)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?
            .map_err(|error| reason(&error))?;
        Ok(response.map(|body| Paced::new(body, between_bytes).boxed_unsync()))
    }
}

/// The error that the component sees for a failure of the client.
fn reason(error: &ClientError) -> Error {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::TimedOut => return Error::ConnectionTimeout,
                io::ErrorKind::ConnectionRefused => return Error::ConnectionRefused,
                _ if io.get_ref().is_some_and(|inner| inner.is::<Prohibited>()) => {
                    return Error::DestinationIpProhibited;
                }
                _ => {}
            }
        }
        // hyper-util names the resolver's failures only in words.
        if error.is_connect() && current.to_string() == "dns error" {
            let prohibited = current.source().and_then(|inner| inner.downcast_ref::<io::Error>());
            if !prohibited.is_some_and(|io| io.get_ref().is_some_and(|inner| inner.is::<Prohibited>())) {
                return Error::DnsError {
                    rcode: None,
                    info_code: None,
                };
            }
        }
        cause = current.source();
    }
    if error.is_connect() {
        Error::DestinationUnavailable
    } else {
        Error::HttpProtocolError
    }
}

impl WasiHttpHooks for Outbound {
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Transmission,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transmission), Error>> + Send> {
        let outbound = self.clone();
        Box::new(async move {
            let response = outbound.send(request, options).await?;
            Ok((response, Box::new(async { Ok(()) }) as Transmission))
        })
    }
}

/// A body of bytes that are at hand.
pub fn full(bytes: impl Into<Bytes>) -> WasiBody {
    http_body_util::Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn send(patterns: &[&str], uri: &str, options: Option<RequestOptions>) -> Result<Response<WasiBody>, Error> {
        let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
        let outbound = Outbound::new(Allowed::parse(&patterns).unwrap(), Pool::new(), Internal::new(1));
        outbound.send(Request::get(uri).body(full("")).unwrap(), options).await
    }

    /// Answers every connection with these bytes, and then holds it open.
    async fn origin(answer: &'static str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    drop(socket.read(&mut request).await);
                    drop(socket.write_all(answer.as_bytes()).await);
                    tokio::time::sleep(Duration::from_secs(30)).await;
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn addresses_of_this_network_are_out_of_reach() {
        for uri in [
            "http://127.0.0.1:9/",
            "http://10.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/",
        ] {
            assert!(
                matches!(send(&["*://*:*"], uri, None).await, Err(Error::DestinationIpProhibited)),
                "{uri}"
            );
        }
        // A name is checked after it was resolved, also in its numeric spellings.
        for uri in [
            "http://localhost:9/",
            "http://2130706433:9/",
            "http://127.1:9/",
            "http://0x7f000001:9/",
        ] {
            let error = send(&["*://*:*"], uri, None).await.unwrap_err();
            assert!(
                matches!(error, Error::DestinationIpProhibited | Error::DnsError { .. }),
                "{uri}: {error:?}"
            );
        }
        assert!(matches!(
            send(&[], "http://example.com/", None).await,
            Err(Error::HttpRequestDenied)
        ));
    }

    #[tokio::test]
    async fn the_loopback_address_that_the_manifest_names_answers_and_redirects_are_not_followed() {
        let origin = origin("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 2\r\n\r\nhi").await;
        let response = send(&[&origin], &origin, None).await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hi");
    }

    #[tokio::test]
    async fn a_silent_origin_and_one_that_stops_are_cut_off() {
        let short = Some(Duration::from_millis(100));
        let options = RequestOptions {
            connect_timeout: short,
            first_byte_timeout: short,
            between_bytes_timeout: short,
        };
        let silent = origin("").await;
        assert!(matches!(
            send(&[&silent], &silent, Some(options)).await,
            Err(Error::ConnectionReadTimeout)
        ));
        let stops = origin("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
        let body = send(&[&stops], &stops, Some(options)).await.unwrap().into_body();
        assert!(matches!(body.collect().await, Err(Error::ConnectionReadTimeout)));
    }
}
