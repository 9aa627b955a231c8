//! Small servers beside the one for everybody: HTTP/1.1 in the clear, answered by one function.
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime_wasi_http::WasiBody;

/// How long it waits where no connection can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves for as long as the process lives. A connection is closed where the headers of a request, or the next request, take longer than
/// `patience`.
pub fn serve<A, F>(listener: TcpListener, patience: Duration, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<WasiBody>> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let Ok((socket, _)) = listener.accept().await else {
                // Out of file descriptors, most likely.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            // An answer need not wait for the caller's acknowledgement of what was written before.
            drop(socket.set_nodelay(true));
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answering = answer(request);
                async { Ok::<_, Infallible>(answering.await) }
            });
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(patience);
            tokio::spawn(builder.serve_connection(TokioIo::new(socket), service));
        }
    });
}
