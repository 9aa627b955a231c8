//! The admin API, from the command line.
use super::Place;
use crate::data::DataFolder;
use crate::trace::Desk;
use anyhow::{Context as _, Result, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited, combinators::BoxBody};
use hyper::body::{Body, Frame, SizeHint};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use secret::SecretText;
use serde_json::Value;
use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Longest answer that is read.
const MOST: usize = 64 << 20;
/// How long an answer may take: a long import is one request.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Which server, and who asks.
#[derive(Args)]
pub struct Server {
    /// The server [default: DECKLE_URL, else http://127.0.0.1:3000]
    ///
    /// The operator's credential comes from DECKLE_OPERATOR_TOKEN; without it, from the data folder of a `deckle up` with
    /// originals on this machine.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// A connection to the admin API.
pub struct Api {
    url: String,
    token: SecretText,
}

impl Server {
    /// The API of this server.
    pub fn api(&self) -> Result<Api> {
        Api::at(self.url.as_deref(), &self.place.data)
    }
}

impl Api {
    /// The API of the server at `url`, else at DECKLE_URL, else on this machine.
    pub fn at(url: Option<&str>, data: &Path) -> Result<Self> {
        let url = url.map(str::to_owned).or_else(|| std::env::var("DECKLE_URL").ok());
        Self::new(url.as_deref().unwrap_or("http://127.0.0.1:3000"), data)
    }

    /// The API of the server at `url`; without a credential in the environment it is that of the data folder.
    pub fn new(url: &str, data: &Path) -> Result<Self> {
        let token = match std::env::var("DECKLE_OPERATOR_TOKEN") {
            Ok(token) => Some(token),
            Err(_) if data.exists() => DataFolder::open(data)?.operator_token()?,
            Err(_) => None,
        };
        let token =
            token.context("no operator's credential: set DECKLE_OPERATOR_TOKEN to the server's operator_token")?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            token: SecretText::new(token.trim().to_owned()),
        })
    }

    /// Asks, and gives the JSON of the answer. A refusal is an error with its code and what can be done about it.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let bytes = body.map(Value::to_string).unwrap_or_default();
        let body = Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed();
        self.send(method, path, "application/json", body)
    }

    /// Asks for something that is not JSON.
    pub fn fetch(&self, path: &str) -> Result<Bytes> {
        let nothing = Full::new(Bytes::new()).map_err(|never| match never {}).boxed();
        self.answer("GET", path, "application/json", nothing)
    }

    /// Asks for something that may not be there.
    pub fn find(&self, path: &str) -> Result<Option<Value>> {
        match self.ask("GET", path, None) {
            Err(error)
                if error
                    .downcast_ref()
                    .is_some_and(|refused: &Refused| refused.status == StatusCode::NOT_FOUND) =>
            {
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    /// Sends a file as it is read, with a bar on a terminal.
    pub fn upload(&self, path: &str, media_type: &str, file: &Path) -> Result<Value> {
        let open = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let length = open.metadata()?.len();
        let upload = Upload {
            file: open,
            length,
            sent: 0,
            bar: std::io::stderr().is_terminal(),
        };
        self.send("POST", path, media_type, upload.boxed())
    }

    fn send(&self, method: &str, path: &str, media_type: &str, body: BoxBody<Bytes, std::io::Error>) -> Result<Value> {
        let bytes = self.answer(method, path, media_type, body)?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} does not answer as Deckle does", self.url))
    }

    /// The body of an answer that is no refusal.
    fn answer(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
        body: BoxBody<Bytes, std::io::Error>,
    ) -> Result<Bytes> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_all_versions()
            .build();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()))
            .header(header::CONTENT_TYPE, media_type)
            .body(body)
            .with_context(|| format!("`{}` is no server's URL", self.url))?;
        let (status, bytes) = runtime.block_on(async {
            let client = Client::builder(TokioExecutor::new()).build(connector);
            let sending = tokio::time::timeout(PATIENCE, client.request(request));
            let response = sending
                .await?
                .with_context(|| format!("{} cannot be reached", self.url))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MOST).collect().await;
            anyhow::Ok((status, body.map_err(|error| anyhow!(error))?.to_bytes()))
        })?;
        if status.is_success() {
            return Ok(bytes);
        }
        let answer: Value = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} answered {status}, and not as Deckle does", self.url))?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        bail!(Refused {
            status,
            error: text("error"),
            message: text("message"),
            request_id: text("request_id"),
        })
    }
}

impl Desk for Api {
    fn claim(&self) -> Result<Value> {
        self.ask("POST", "/admin/trace/claim", None)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        Ok(self.fetch(path)?.into())
    }

    fn post(&self, path: &str, body: &Value) -> Result<()> {
        self.ask("POST", path, Some(body)).map(drop)
    }
}

/// A refusal, as the API says it.
#[derive(Debug, thiserror::Error)]
#[error("{error} ({status}): {message} [{request_id}]")]
struct Refused {
    status: StatusCode,
    error: String,
    message: String,
    request_id: String,
}

/// A file on its way.
struct Upload {
    file: File,
    length: u64,
    sent: u64,
    bar: bool,
}

impl Upload {
    fn draw(&self) {
        let share = self.sent.saturating_mul(30).checked_div(self.length).unwrap_or(30);
        let done = usize::try_from(share).unwrap_or(30).min(30);
        let mut err = std::io::stderr().lock();
        let _ = write!(
            err,
            "\r[{:<30}] {} of {} KiB",
            "#".repeat(done),
            self.sent >> 10,
            self.length >> 10
        );
        if self.sent >= self.length {
            let _ = writeln!(err);
        }
        let _ = err.flush();
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = std::io::Error;

    /// The file is read where it is needed: nothing else waits on this thread.
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let mut piece = vec![0; 64 << 10];
        match self.file.read(&mut piece) {
            Ok(0) => Poll::Ready(None),
            Ok(read) => {
                piece.truncate(read);
                self.sent = self.sent.saturating_add(read as u64);
                if self.bar {
                    self.draw();
                }
                Poll::Ready(Some(Ok(Frame::data(piece.into()))))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length.saturating_sub(self.sent))
    }
}

/// A name in a path: what would end it or change its meaning is refused here.
pub fn name(text: &str) -> Result<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => Ok(text),
        false => bail!("`{text}` cannot be a name: letters, digits, hyphens, underscores and dots"),
    }
}
