//! The loopback origin: serves a folder of originals to the components of this machine.
use crate::folder::Folder;
use crate::{answer, plain};
use http::{Request, Response, header};
use problem::Reason;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime_wasi_http::WasiBody;

/// How often, and how long apart, a port that is taken is tried again.
const RETRIES: usize = 10;
const RETRY: Duration = Duration::from_millis(50);
/// For the headers of a request, and for the next request on an open connection.
const PATIENCE: Duration = Duration::from_secs(60);

/// An origin that has its port and waits to be started.
pub struct Origin {
    listener: TcpListener,
    authority: String,
    folder: Folder,
}

impl Origin {
    /// Takes a loopback port: the one asked for if it is free (so that signed URLs outlive a restart), else any.
    pub async fn bind(folder: Folder, port: Option<u16>) -> std::io::Result<Self> {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut listener = TcpListener::bind(at(port.unwrap_or(0))).await;
        // The process that had the port may be just ending.
        for _ in 0..RETRIES {
            if listener.is_ok() || port.is_none() {
                break;
            }
            tokio::time::sleep(RETRY).await;
            listener = TcpListener::bind(at(port.unwrap_or(0))).await;
        }
        let listener = match listener {
            Err(_) => TcpListener::bind(at(0)).await?,
            Ok(listener) => listener,
        };
        let authority = listener.local_addr()?.to_string();
        Ok(Self {
            listener,
            authority,
            folder,
        })
    }

    /// Host and port, as they stand in a signed URL's source.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Serves for as long as the process lives.
    pub fn start(self) {
        let shared = Arc::new((self.authority, self.folder));
        plain::serve(self.listener, PATIENCE, move |request| {
            let shared = shared.clone();
            async move { answer(&shared.0, &shared.1, &request).await }
        });
    }
}

async fn answer<B>(authority: &str, folder: &Folder, request: &Request<B>) -> Response<WasiBody> {
    // A page in a browser on this machine can point a name of its own at loopback, but the name gives it away: originals are
    // for the edge alone.
    let host = request.headers().get(header::HOST).map(|host| host.as_bytes());
    if host != Some(authority.as_bytes()) {
        return answer::problem(Reason::NotFound);
    }
    folder.answer(request.method(), request.uri().path()).await
}
