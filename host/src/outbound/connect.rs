use super::{DEFAULT_TIMEOUT, address::public};
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{HttpConnector, dns::Name};
use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

tokio::task_local! {
    /// How long the request of this task waits for its connection: the pool calls its connector from inside the request.
    pub static CONNECT_TIMEOUT: Duration;
}

type Https = HttpsConnector<HttpConnector<Resolver>>;

/// Makes connections, TLS included, to public addresses only (or to a literal address, which the caller has checked).
#[derive(Clone)]
pub struct Connector(Https);

impl Connector {
    pub fn new() -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self(
            HttpsConnectorBuilder::new()
                .with_webpki_roots()
                .https_or_http()
                .enable_all_versions()
                .wrap_connector(tcp),
        )
    }
}

impl Service<Uri> for Connector {
    type Response = <Https as Service<Uri>>::Response;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        let limit = CONNECT_TIMEOUT.try_with(|limit| *limit).unwrap_or(DEFAULT_TIMEOUT);
        Box::pin(async move {
            tokio::time::timeout(limit, connecting)
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        })
    }
}

/// Resolves names and keeps the public addresses of the answer. The connection goes to an address from this very list, so a
/// name cannot resolve to one thing when it is checked and to another when it is used.
#[derive(Clone)]
pub struct Resolver;

/// A name resolved to addresses of this network only.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves to no public address")]
pub struct Prohibited;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let (any, reachable) = (
                !found.is_empty(),
                found.into_iter().filter(|address| public(address.ip())),
            );
            let reachable: Vec<SocketAddr> = reachable.collect();
            if any && reachable.is_empty() {
                return Err(io::Error::other(Prohibited));
            }
            Ok(reachable.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O4: whatever a name says at the moment of the connection is looked at then; nothing was decided before.
    #[test]
    fn a_name_of_this_machine_is_no_destination() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        // Every hosts file has it. The list of allowed hosts is not asked here: it may well name one that moves.
        let name: Name = "localhost".parse().unwrap();
        let refused = runtime.block_on(Resolver.call(name)).unwrap_err();
        assert!(
            refused.get_ref().is_some_and(|reason| reason.is::<Prohibited>()),
            "{refused}"
        );
        let uri = Uri::from_static("http://localhost:1/");
        assert!(runtime.block_on(Connector::new().call(uri)).is_err());
    }
}
