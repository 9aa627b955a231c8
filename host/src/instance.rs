//! Running components: what an instance owns, how long it lives, and how many requests it serves.
use crate::kv::Backend;
use crate::manifest::Mount;
use crate::outbound::Outbound;
use crate::postgres::Pools;
use crate::sqlite::Database;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use wasmtime::component::{Component, GuestTaskId, Linker, ResourceTable};
use wasmtime::{Engine, ResourceLimiter, Store, StoreContextMut};
use wasmtime_wasi::cli::OutputFile;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyHandler, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// An instance that ever used more than one such part of the memory it may use (64 MiB of 128) takes no further request: linear
/// memory cannot shrink, so one large picture would hold its memory for as long as small ones come.
const HIGH_WATER_PART: usize = 2;
/// An instance without work is dropped after this time, and its memory with it.
const IDLE: Duration = Duration::from_secs(1);

/// What all instances of one component share.
pub struct App {
    /// The component's id in the manifest.
    pub id: String,
    /// The key-value stores.
    pub stores: Arc<dyn Backend>,
    /// The labels it may open.
    pub labels: BTreeSet<String>,
    /// The embedded SQL database, if the component may open it.
    pub database: Option<Arc<Database>>,
    /// Connections to the PostgreSQL databases that its way out allows.
    pub postgres: Arc<Pools>,
    /// The variables it sees.
    pub variables: BTreeMap<String, String>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// The folders it sees.
    pub mounts: Vec<Mount>,
    /// Its way out.
    pub outbound: Outbound,
    /// Where its standard output goes.
    pub stdout: OutputFile,
    /// Requests that one instance works on at a time.
    pub concurrency: usize,
    /// What it may use.
    pub limits: Limits,
}

/// What one request may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of linear memory of an instance.
    pub memory: usize,
    /// Requests that one instance serves in its life, one after the other or at a time.
    pub requests: usize,
    /// From the request's arrival in the instance to its response.
    pub deadline: Duration,
    /// Whether to report each instance that ends, and failures at length.
    pub verbose: bool,
}

/// What a request holds while it is worked on, given back when nobody holds it any more: a client that goes away must not give its turn
/// to the next while the instance still works.
pub type Turn = Arc<[OwnedSemaphorePermit]>;

/// A component ready to serve: it starts instances as requests come.
pub type Handler = ProxyHandler<Starter>;

/// Links a compiled component to everything that the host offers. Fails when the component needs something else.
pub fn handler(engine: &Engine, component: &Component, app: App) -> Result<Handler> {
    let mut linker = Linker::<Guest>::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    crate::platform::add_to_linker(&mut linker)?;
    let service = wasmtime_wasi_http::p3::bindings::ServicePre::new(linker.instantiate_pre(component)?)?;
    let starter = Starter {
        engine: engine.clone(),
        service: ProxyPre::P3(service),
        app: Arc::new(app),
    };
    starter.context()?; // so that a folder that cannot be mounted is told now and not with the first request
    Ok(ProxyHandler::new(starter))
}

/// What one instance owns.
pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    memory: Memory,
    /// Its handles.
    pub table: ResourceTable,
    /// What it shares with its siblings.
    pub app: Arc<App>,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}

/// Caps linear memory and remembers how much was used.
struct Memory {
    cap: usize,
    /// In bytes, for [`Worker`] to see.
    peak: Arc<AtomicUsize>,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let granted = desired <= self.cap;
        if granted {
            self.peak.fetch_max(desired, Ordering::Relaxed);
        }
        Ok(granted)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= 100_000)
    }
}

/// Starts instances of one component.
pub struct Starter {
    engine: Engine,
    service: ProxyPre<Guest>,
    app: Arc<App>,
}

impl Starter {
    /// How long a request may take.
    pub fn deadline(&self) -> Duration {
        self.app.limits.deadline
    }

    fn context(&self) -> Result<WasiCtx> {
        let mut context = WasiCtxBuilder::new();
        context
            .stdout(self.app.stdout.clone())
            .inherit_stderr()
            // What it reads are a few small files of this machine: going to another thread for each step costs more.
            .allow_blocking_current_thread(true);
        for (name, value) in &self.app.environment {
            context.env(name, value);
        }
        crate::files::mount(&mut context, &self.app.mounts)?;
        Ok(context.build())
    }
}

impl HandlerState for Starter {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let app = self.app.clone();
        let peak = Arc::new(AtomicUsize::new(0));
        let high_water = app.limits.memory / HIGH_WATER_PART;
        let guest = Guest {
            wasi: self.context().map_err(wasmtime::Error::from_anyhow)?,
            http: WasiHttpCtx::new(),
            outbound: app.outbound.clone(),
            memory: Memory {
                cap: app.limits.memory,
                peak: peak.clone(),
            },
            table: ResourceTable::new(),
            app,
        };
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.memory);
        // At every tick of the engine's clock running code lets other requests have the thread.
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        let proxy = self.service.instantiate_async(&mut store).await?;
        let deadline = self.app.limits.deadline;
        Ok(Instance {
            store,
            proxy,
            view: Guest::http,
            expiration: Expiration {
                deadline,
                timer: Box::pin(tokio::time::sleep(deadline)),
            },
            state: Worker {
                deadline,
                concurrency: self.app.concurrency,
                requests: self.app.limits.requests,
                peak,
                high_water,
            },
        })
    }
}

/// Ends an instance that idles, or that computes past the deadline of its request.
pub struct Expiration {
    deadline: Duration,
    timer: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>, status: WorkerStatus, start: Instant) -> Poll<()> {
        let lifetime = match status {
            WorkerStatus::Idle => IDLE,
            // The request's own deadline goes first: it tells the client, this only makes sure.
            WorkerStatus::Requests | WorkerStatus::PostReturn => {
                self.deadline.saturating_add(Duration::from_millis(100))
            }
        };
        let end = (start + lifetime).into();
        if self.timer.deadline() != end {
            self.timer.as_mut().reset(end);
        }
        self.timer.as_mut().poll(context)
    }
}

/// Decides which requests an instance takes.
pub struct Worker {
    deadline: Duration,
    concurrency: usize,
    requests: usize,
    /// The most linear memory that the instance has used, in bytes.
    peak: Arc<AtomicUsize>,
    high_water: usize,
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = Turn;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.requests || self.peak.load(Ordering::Relaxed) > self.high_water {
            ShouldAccept::Never
        } else if concurrent >= self.concurrency {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, Guest>,
        turn: Turn,
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        let deadline = tokio::time::sleep(self.deadline);
        Box::pin(async move {
            let _held = turn;
            deadline.await;
        })
    }

    fn drop(&self, store: Store<Guest>, result: wasmtime::Result<()>) {
        let guest = store.data();
        let id = &guest.app.id;
        if let Err(error) = result {
            let cause = error.root_cause();
            match guest.app.limits.verbose {
                true => crate::log::error(&format!("an instance of `{id}` failed: {error:?}")),
                false => crate::log::error(&format!("an instance of `{id}` failed: {cause}")),
            }
        }
        if guest.app.limits.verbose {
            crate::log::note(&format!(
                "an instance of `{id}` ended, peak memory {} KiB",
                guest.memory.peak.load(Ordering::Relaxed) >> 10
            ));
        }
    }
}
