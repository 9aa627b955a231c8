//! Tracing beside serving: what was handed in over the admin API of this process is worked off here, one picture after the other.

use super::beside::{Beside, Renditions};
use super::jobs::{Bench, Desk, work_off};
use super::originals::Originals;
use super::progress::Progress;
use super::served::Served;
use super::suspects::Suspects;
use crate::kv::Backend;
use crate::log;
use crate::outbound::{INTERNAL, Internal, full};
use crate::records::Records;
use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::runtime::Handle;
use watermark::MarkKey;

/// The component that has the admin API.
const CONTROL: &str = "control";
/// Between two looks at what waits.
const EVERY: Duration = Duration::from_secs(10);

/// What is traced with, made anew for whatever waits together.
pub struct Background {
    /// The way to the admin API.
    pub internal: Internal,
    /// Its credential.
    pub operator_token: String,
    /// The secrets that marks are made with.
    pub marking: Vec<MarkKey>,
    /// Files and folders of originals.
    pub originals: Vec<PathBuf>,
    /// The visible mark, if it is not the one that comes with the program.
    pub overlay: Option<PathBuf>,
    /// Where keys are.
    pub store: Arc<dyn Backend>,
    /// The data folder.
    pub data: PathBuf,
    /// Whether the audit log is in the data folder's database. Else there is what the edge component printed on this host.
    pub embedded: bool,
}

impl Background {
    /// Looks for pictures from now on, until the process ends. They are traced on half of the cores: the others serve.
    ///
    /// # Errors
    /// Threads that cannot be started.
    pub fn start(self) -> Result<()> {
        let cores = available_parallelism().map_or(1, usize::from);
        let half = rayon::ThreadPoolBuilder::new().num_threads((cores / 2).max(1));
        let shared = Arc::new((self, half.build()?));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let (shared, runtime) = (shared.clone(), Handle::current());
                let worked = tokio::task::spawn_blocking(move || {
                    let (this, cores) = &*shared;
                    cores.install(|| this.work(runtime))
                });
                if let Err(error) = worked.await.map_err(Into::into).flatten() {
                    log::warning(&format!("what was handed in to be traced waits: {error:#}"));
                }
            }
        });
        Ok(())
    }

    fn work(&self, runtime: Handle) -> Result<()> {
        let desk = Inside {
            internal: &self.internal,
            operator_token: &self.operator_token,
            runtime,
        };
        let wrong = |id: &str, error: &anyhow::Error| log::warning(&format!("{id} was not traced: {error:#}"));
        work_off(&desk, || self.bench(), &Progress::none(), wrong)?;
        Ok(())
    }

    fn bench(&self) -> Result<Bench> {
        let keys = Records::new(&*self.store).keys()?;
        let (mut served, mut suspects) = (Served::default(), Suspects::default());
        match self.embedded {
            true => served.read_database(&self.data.join("sqlite.db"), &mut suspects)?,
            false => served.read_lines(&self.data.join("logs/edge.jsonl"), &mut suspects)?,
        }
        let overlay = self.overlay.as_ref().map(std::fs::read).transpose()?;
        Ok(Bench {
            beside: Beside::new(
                &Originals::of(&self.originals)?,
                Renditions::Served(served),
                suspects,
                &keys,
                overlay.as_deref(),
                &self.data,
            )?,
            marking: self.marking.clone(),
            keys,
        })
    }
}

/// The admin API of the component in this process.
struct Inside<'a> {
    internal: &'a Internal,
    operator_token: &'a str,
    runtime: Handle,
}

impl Inside<'_> {
    fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{CONTROL}{INTERNAL}{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.operator_token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(full(body))?;
        self.runtime.block_on(async {
            let response = self.internal.send(CONTROL, request).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            ensure!(status.is_success(), "{path} was answered with {status}");
            Ok(body)
        })
    }
}

impl Desk for Inside<'_> {
    /// By a way that leaves no event in the audit log: it is gone often, and mostly for nothing.
    fn claim(&self) -> Result<Value> {
        serde_json::from_slice(&self.ask(Method::POST, "/internal/traces", Vec::new())?).context("no JSON")
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        Ok(self.ask(Method::GET, path, Vec::new())?.into())
    }

    fn post(&self, path: &str, body: &Value) -> Result<()> {
        self.ask(Method::POST, path, body.to_string().into_bytes()).map(drop)
    }
}
