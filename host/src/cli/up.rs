use crate::clock::{duration, now};
use crate::data::{DataFolder, DemoFile};
use crate::demo::{self, Demo, Shop};
use crate::engine;
use crate::folder::Folder;
use crate::https::{Certificate, Https};
use crate::instance::{App, Limits, handler};
use crate::kv::{Backend, Memory};
use crate::log;
use crate::manifest::{Manifest, Target};
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::outbound::{Allowed, Internal, Outbound, Pool};
use crate::postgres::Pools;
use crate::schedule;
use crate::server::{Destination, Server};
use crate::throttle::Addresses;
use crate::trace::{Background, marking};
use crate::variables::{Variables, argument};
use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use secret::MasterKey;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use wasmtime_wasi::cli::OutputFile;

/// Serve the components of spin.toml
///
/// With --originals a folder of pictures is served as the origin, on a loopback port of its own, and a demo project with two
/// clients is made (environment `development`). Without it the server is a production server: it needs a master key, and the
/// origin that it may fetch from.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle up --originals static/photos
  deckle up --originals static/photos --catalogue static/catalogue/products.jsonl
  deckle up --originals static/photos --port 0 --data trial --json     # one line of JSON when it is ready
  SPIN_VARIABLE_MASTER_KEY=$(cat key) deckle up --variable origin=https://images.example.com --listen 0.0.0.0
  deckle up --runtime-config-file redis.toml …     # many hosts that share claims and limits
  deckle up --tls-cert chain.pem --tls-key key.pem --variable public_url=https://images.example.com --port 443 …

Files in the data folder: key_value.db (projects, keys, counters), sqlite.db (what components keep
in SQL), logs/COMPONENT.jsonl (what a component prints: one line
of JSON a request), master.key, operator.token and demo.json (in development only).
Keys, claims and counters can be in a Redis that many hosts share. Give it `appendonly yes` and `appendfsync always`: what it
forgets in a crash can be used once more.
SIGINT or SIGTERM stops it: requests under way have 10 seconds to finish; a second signal ends it at once.")]
pub struct Up {
    /// Port; 0 picks a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Address; 0.0.0.0 or :: for all of this machine
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Data folder, made if it does not exist
    #[arg(long, value_name = "DIR", default_value = ".deckle")]
    data: PathBuf,
    #[command(flatten)]
    configuration: super::StoreConfiguration,
    /// A folder of originals to serve as the origin
    #[arg(long, value_name = "DIR")]
    originals: Option<PathBuf>,
    /// Originals, whichever servers they are fetched from, beside which pictures are traced that were handed in (POST /admin/trace)
    /// [default: those of --originals]
    #[arg(long, value_name = "DIR")]
    trace_originals: Option<PathBuf>,
    /// With --originals: products to import, as JSON lines, and three clients that buy them over the control API
    #[arg(long, value_name = "FILE", requires = "originals", conflicts_with = "no_demo")]
    catalogue: Option<PathBuf>,
    /// The manifest [default: ./spin.toml, else the one above this program]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Certificate and chain (PEM): HTTPS on the port, where plain HTTP is redirected. Read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A variable of the manifest; @FILE takes its value from a file
    #[arg(long, value_name = "NAME=VALUE", value_parser = argument)]
    variable: Vec<(String, String)>,
    /// No demo project, keys and page
    #[arg(long)]
    no_demo: bool,
    /// From a request's arrival to its answer
    #[arg(long, value_name = "30s", default_value = "30s", value_parser = duration)]
    deadline: u64,
    /// Memory of one instance in MiB
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u16).range(16..=4096))]
    memory: u16,
    /// Requests that one instance serves before a fresh one takes its place: many make its start cheap, few bound what it leaks
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..))]
    requests_per_instance: u16,
    /// Requests in components at a time; others wait for their turn
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Memory in MiB for renditions that serve more than one client, unless the runtime configuration names a store for them
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    renditions: u16,
    /// Serve counts of answers, and of pictures by their mark, for Prometheus at http://ADDR:PORT/metrics
    #[arg(long, value_name = "ADDR:PORT")]
    metrics: Option<SocketAddr>,
    /// Report each instance that ends, and failures at length
    #[arg(long)]
    verbose: bool,
    /// Print one line of JSON when ready
    #[arg(long)]
    json: bool,
}

/// What only a run with originals has.
struct Development {
    origin: Origin,
    master: MasterKey,
    operator_token: String,
}

impl Up {
    pub fn run(self) -> Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.serve())?;
        // The process ends here. Instances that still run are not worth unwinding, and the store survives worse.
        std::mem::forget(runtime);
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(self) -> Result<()> {
        let path = find_manifest(self.manifest.as_deref())?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let manifest = Manifest::parse(&text, &folder).with_context(|| path.display().to_string())?;
        let data = DataFolder::open(&self.data)?;
        let listener = TcpListener::bind((self.listen, self.port)).await.with_context(|| {
            format!(
                "port {} of {} cannot be had: choose another with --port, or 0 for any",
                self.port, self.listen
            )
        })?;
        let development = self.development(&data).await?;
        let store = self.configuration.open(&data, self.memory_stores(&manifest))?;

        let mut url = listener.local_addr()?;
        if url.ip().is_unspecified() {
            url.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{url}");
        let variables = self.variables(&manifest, development.as_ref(), &url)?;
        let https = self.https(&variables, &url)?;
        let tls = https.as_ref().and_then(|https| https.certificate.clone());
        let mut ready = json!({ "url": url });
        let application = format!("{} {}", manifest.name, manifest.version);
        let addresses = Addresses::new(variables.get("address_limit"), variables.get("trusted_proxies"))?;
        let internal = Internal::new(self.concurrency.into());
        let routes = self.routes(manifest, &variables, &data, &store, &internal)?;
        self.tracing(&folder, &variables, &data, &store, &internal)?;
        let mut demo = None;
        if let Some(Development { origin, .. }) = &development {
            ready["origin"] = format!("http://{}", origin.authority()).into();
        }
        if let (Some(development), false) = (&development, self.no_demo) {
            let mut file = self.demo_file(&ready, &data, &*store, &development.master)?;
            let shop = self.shop(&mut file, internal, &data, &variables).await?;
            ready = serde_json::to_value(&file)?;
            let page = Folder::new(&folder.join("static/demo")).ok();
            demo = Some(Arc::new(Demo::new(
                file,
                page,
                self.originals_folder()?,
                store.clone(),
                &development.master,
                shop,
            )));
        }
        if let Some(development) = development {
            development.origin.start();
        }
        let mut metrics = None;
        if let Some(address) = self.metrics {
            let address = metrics.insert(Arc::new(Metrics::new())).clone().serve(address).await?;
            ready["metrics"] = format!("http://{address}/metrics").into();
        }
        if self.json {
            super::print(&ready.to_string())?;
        } else {
            self.banner(application.trim_end(), &ready, demo.as_deref())?;
        }
        if let Some(certificate) = tls {
            tokio::spawn(certificate.follow());
        }
        Server::new(routes, demo, addresses, self.concurrency.into())
            .with(https)
            .counted(metrics)
            .serve(listener, stop()?)
            .await
    }

    /// Traces what is handed in, where there are originals and an operator who could hand something in.
    fn tracing(
        &self,
        folder: &Path,
        variables: &Variables,
        data: &DataFolder,
        store: &Arc<dyn Backend>,
        internal: &Internal,
    ) -> Result<()> {
        let variable = |name| variables.get(name).filter(|value| !value.is_empty());
        let originals = self.trace_originals.as_ref().or(self.originals.as_ref());
        let (Some(originals), Some(operator_token)) = (originals, variable("operator_token")) else {
            return Ok(());
        };
        let master = |name| variable(name).map(MasterKey::parse).transpose();
        let background = Background {
            internal: internal.clone(),
            operator_token: operator_token.to_owned(),
            marking: marking(master("master_key")?, master("master_key_previous")?),
            originals: vec![originals.clone()],
            overlay: Some(folder.join("static/brand/overlay.png")).filter(|overlay| overlay.is_file()),
            store: store.clone(),
            data: data.path().to_owned(),
            embedded: variable("database_url").is_none(),
        };
        background.start()
    }

    /// The stores that are in this process, unless the runtime configuration says where. They share their memory.
    fn memory_stores(&self, manifest: &Manifest) -> BTreeMap<String, Arc<dyn Backend>> {
        let memory: Arc<dyn Backend> = Arc::new(Memory::new(usize::from(self.renditions) << 20));
        let labels = manifest
            .components
            .values()
            .flat_map(|component| &component.memory_stores);
        labels.map(|label| (label.clone(), memory.clone())).collect()
    }

    /// HTTPS as the options and variables ask for it; `own` is where this host listens.
    fn https(&self, variables: &Variables, own: &str) -> Result<Option<Https>> {
        let certificate = match (&self.tls_cert, &self.tls_key) {
            (Some(chain), Some(key)) => Some(Arc::new(Certificate::read(chain, key)?)),
            _ => None,
        };
        let variable = |name| variables.get(name).unwrap_or_default();
        Https::new(variable("public_url"), variable("trusted_proxies"), certificate, own)
    }

    fn originals_folder(&self) -> Result<Folder> {
        let path = self.originals.as_deref().unwrap_or(Path::new("."));
        Folder::new(path).with_context(|| format!("the originals folder {} cannot be opened", path.display()))
    }

    async fn development(&self, data: &DataFolder) -> Result<Option<Development>> {
        if self.originals.is_none() {
            return Ok(None);
        }
        // The port of the last time, so that URLs signed then still lead to their originals.
        let last = data
            .demo()
            .and_then(|demo| demo.origin.rsplit(':').next()?.parse().ok());
        let origin = Origin::bind(self.originals_folder()?, last)
            .await
            .context("no loopback port for the originals")?;
        Ok(Some(Development {
            origin,
            master: data.master_key_or_new()?,
            operator_token: data.operator_token_or_new()?,
        }))
    }

    fn variables(&self, manifest: &Manifest, development: Option<&Development>, url: &str) -> Result<Variables> {
        let mut supplied = BTreeMap::new();
        if let Some(Development {
            origin,
            master,
            operator_token,
        }) = development
        {
            supplied.insert("master_key".to_owned(), master.to_text().to_string());
            supplied.insert("origin".to_owned(), format!("http://{}", origin.authority()));
            supplied.insert("operator_token".to_owned(), operator_token.clone());
            supplied.insert("environment".to_owned(), "development".to_owned());
            supplied.insert("public_url".to_owned(), url.to_owned());
        }
        let variables = Variables::resolve(manifest, &self.variable, |name| std::env::var(name).ok(), &supplied);
        variables.map_err(|mistakes| {
            if mistakes.to_string().contains("`master_key`") {
                return anyhow!(
                    "{mistakes}\n`deckle key master` prints a fresh master key; with --originals DIR a demo makes its own"
                );
            }
            mistakes.into()
        })
    }

    /// Makes the demo's keys, and keeps them where `sign` and tests find them.
    fn demo_file(
        &self,
        ready: &serde_json::Value,
        data: &DataFolder,
        store: &dyn Backend,
        master: &MasterKey,
    ) -> Result<DemoFile> {
        let clients = demo::clients(data, store, master, now()).context("the demo's keys")?;
        let first = clients.first().context("the demo has no client")?.clone();
        let file = DemoFile {
            url: ready["url"].as_str().unwrap_or_default().to_owned(),
            origin: ready["origin"].as_str().unwrap_or_default().to_owned(),
            project: demo::PROJECT.to_owned(),
            public_key: first.public_key,
            secret_key: first.secret_key,
            client_id: first.client_id,
            clients,
            api_clients: data.demo().map(|demo| demo.api_clients).unwrap_or_default(),
        };
        data.keep_demo(&file)?;
        Ok(file)
    }

    /// Imports the catalogue and makes its clients, where that was asked for.
    async fn shop(
        &self,
        file: &mut DemoFile,
        internal: Internal,
        data: &DataFolder,
        variables: &Variables,
    ) -> Result<Option<Shop>> {
        let known = std::mem::take(&mut file.api_clients);
        let Some(catalogue) = &self.catalogue else {
            return Ok(None);
        };
        let operator_token = variables.get("operator_token").unwrap_or_default().to_owned();
        let shop = Shop::new(catalogue, internal, operator_token, DataFolder::open(data.path())?)?;
        file.api_clients = shop
            .clients(&file.project, &known)
            .await
            .context("the demo's catalogue")?;
        data.keep_demo(file)?;
        Ok(Some(shop))
    }

    fn routes(
        &self,
        manifest: Manifest,
        variables: &Variables,
        data: &DataFolder,
        store: &Arc<dyn Backend>,
        internal: &Internal,
    ) -> Result<Vec<(crate::manifest::Route, Destination)>> {
        let limits = Limits {
            memory: usize::from(self.memory) << 20,
            requests: self.requests_per_instance.into(),
            deadline: Duration::from_secs(self.deadline),
            verbose: self.verbose,
        };
        // Instances whose request is answered live on for a while, so the pool has room for more than can be at work.
        // A request can wait for another component, which needs an instance too.
        let instances = u32::from(self.concurrency).saturating_mul(3).saturating_add(16);
        let engine = engine::start(instances, limits.memory)?;
        let cache = engine::cache_folder(data.path())?;
        let (pool, postgres) = (Pool::new(), Arc::new(Pools::default()));
        let asked = manifest.components.values().any(|component| component.sqlite);
        let database = asked.then(|| data.database()).transpose()?.map(Arc::new);
        let mut handlers = BTreeMap::new();
        for (id, component) in &manifest.components {
            let hosts: Option<Vec<String>> = component
                .allowed_outbound_hosts
                .iter()
                .map(|template| template.fill(|name| variables.get(name)))
                .collect();
            let allowed = Allowed::parse(&hosts.unwrap_or_default())
                .map_err(|mistakes| anyhow!("component `{id}`: {}", mistakes.join("; ")))?;
            let compiled = engine::component(&engine, &component.source, &cache)?;
            let app = App {
                id: id.clone(),
                stores: store.clone(),
                labels: &component.key_value_stores | &component.memory_stores,
                postgres: postgres.clone(),
                concurrency: component.concurrency,
                database: database.clone().filter(|_| component.sqlite),
                variables: variables.of(component),
                environment: component.environment.clone(),
                mounts: component.mounts.clone(),
                outbound: Outbound::new(allowed, pool.clone(), internal.clone()),
                stdout: OutputFile::new(data.log(id)?),
                limits,
            };
            let made =
                handler(&engine, &compiled, app).with_context(|| format!("component `{id}` does not fit this host"))?;
            handlers.insert(id.clone(), made);
        }
        internal.connect(handlers.clone());
        for (id, component) in &manifest.components {
            if let Some(schedule) = &component.schedule {
                schedule::start(id.clone(), schedule.clone(), internal.clone());
            }
        }
        let destination = |target| match target {
            Target::Component(id) => handlers.get(&id).cloned().map(Destination::Component),
            Target::Static(fixed) => Some(Destination::Static(fixed)),
        };
        Ok(manifest
            .routes
            .into_iter()
            .filter_map(|(route, target)| Some((route, destination(target)?)))
            .collect())
    }

    fn banner(&self, application: &str, ready: &serde_json::Value, demo: Option<&Demo>) -> Result<()> {
        let url = ready["url"].as_str().unwrap_or_default();
        let mut lines = vec![format!("{application} is served at {url}")];
        for (name, member) in [("originals", "origin"), ("metrics  ", "metrics")] {
            if let Some(url) = ready[member].as_str() {
                lines.push(format!("  {name}      {url}"));
            }
        }
        if let Some(demo) = demo {
            lines.push(format!("  demo page      {url}/"));
            lines.push(format!("  demo keys      {}", self.data.join("demo.json").display()));
            match demo.example() {
                Some(path) => lines.push(format!("  a signed URL   {url}{path}")),
                None => lines.push("  the originals folder holds no JPEG, PNG or WebP yet".to_owned()),
            }
            if let Some(clients) = ready["api_clients"].as_array() {
                let names: Vec<_> = clients.iter().filter_map(|client| client["name"].as_str()).collect();
                lines.push(format!("  API clients    {}: in demo.json too", names.join(", ")));
            }
        }
        lines.push("Ctrl-C stops it.".to_owned());
        super::print(&lines.join("\n"))
    }
}

/// The manifest that was asked for, the one here, or the one of the tree that this program was built in.
fn find_manifest(asked: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = asked {
        return Ok(path.to_owned());
    }
    let here = PathBuf::from("spin.toml");
    if here.is_file() {
        return Ok(here);
    }
    let program = std::env::current_exe()
        .and_then(|path| path.canonicalize())
        .unwrap_or_default();
    let above = program
        .ancestors()
        .skip(1)
        .map(|folder| folder.join("spin.toml"))
        .find(|path| path.is_file());
    match above {
        Some(path) => Ok(path),
        None => bail!("there is no spin.toml here: name one with --manifest FILE"),
    }
}

/// Resolves at the first signal to stop; the second ends the program at once.
fn stop() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut signal = async move || {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    };
    Ok(async move {
        signal().await;
        log::note("stopping; once more to stop at once");
        tokio::spawn(async move {
            signal().await;
            std::process::exit(130);
        });
    })
}
