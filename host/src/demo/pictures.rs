use super::URL_LIFETIME;
use crate::clock::now;
use crate::data::{DemoClient, DemoFile};
use crate::folder::Folder;
use crate::kv::Backend;
use crate::records::Records;
use crate::trace::{Finding, identify};
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secret::{MasterKey, Purpose, SecretText};
use signed_url::signed_path;
use std::sync::Arc;
use watermark::MarkKey;

/// What may stand in a path as it is (RFC 3986 section 2.3).
const NAME: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs URLs of the demo, fetches them as any client would, and traces what comes back.
pub struct Pictures {
    pub file: DemoFile,
    originals: Folder,
    store: Arc<dyn Backend>,
    marking: Arc<[MarkKey]>,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Pictures {
    pub fn new(file: DemoFile, originals: Folder, store: Arc<dyn Backend>, master: &MasterKey) -> Self {
        let marking = Arc::new([MarkKey::new(*master.derive(Purpose::Marking))]);
        Self {
            file,
            originals,
            store,
            marking,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// The originals by name, photographs first.
    pub fn names(&self) -> Vec<String> {
        let mut names = self.originals.pictures().unwrap_or_default();
        names.sort_by_key(|name| !name.to_ascii_lowercase().ends_with(".jpg"));
        names
    }

    pub fn example(&self) -> Option<String> {
        let name = self.names().into_iter().next()?;
        Some(self.signed(self.file.clients.first()?, "w_800", &name, now() + URL_LIFETIME))
    }

    /// The source that a signed URL names for an original.
    pub fn source(&self, name: &str) -> String {
        let authority = self.file.origin.strip_prefix("http://").unwrap_or(&self.file.origin);
        format!("{authority}/{}", utf8_percent_encode(name, &NAME))
    }

    /// Path and query of a URL signed for a client.
    pub fn signed(&self, client: &DemoClient, operations: &str, name: &str, exp: u64) -> String {
        let secret = SecretText::new(client.secret_key.clone());
        signed_path(
            &self.file.project,
            operations,
            &self.source(name),
            &client.public_key,
            &secret,
            Some(exp),
        )
    }

    /// Fetches a path of this server.
    pub async fn fetch(&self, path: &str) -> Result<(StatusCode, Bytes)> {
        let request = Request::get(format!("{}{path}", self.file.url)).body(Empty::new())?;
        let response = self
            .client
            .request(request)
            .await
            .context("this server did not answer itself")?;
        Ok((response.status(), response.into_body().collect().await?.to_bytes()))
    }

    /// Reads an original.
    pub async fn original(&self, name: &str) -> Result<Bytes> {
        let path = self
            .originals
            .file(&format!("/{}", utf8_percent_encode(name, &NAME)))
            .context("the original is gone")?;
        Ok(tokio::fs::read(path).await?.into())
    }

    /// Traces a picture, away from the threads that serve.
    pub async fn trace(&self, picture: Bytes) -> Result<Option<Finding>> {
        let (marking, store) = (self.marking.clone(), self.store.clone());
        tokio::task::spawn_blocking(move || identify(&picture, &marking, &Records::new(&*store).keys()?)).await?
    }
}
