use anyhow::{Context, Result};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::host::SingleDomain;
use s3s::service::S3ServiceBuilder;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// An S3 server with one access key, that checks signatures (Signature Version 4) with an implementation of its own.
pub struct ObjectStore {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    folder: TempDir,
    connections: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl ObjectStore {
    /// The public half of its access key.
    pub const ACCESS_KEY_ID: &str = "AKIDECKLETESTS";
    /// The secret half: what nothing that Deckle writes may hold.
    pub const SECRET: &str = "canary-of-the-object-store-0123456789";
    /// Buckets are also found in front of this host.
    pub const DOMAIN: &str = "s3.test";

    /// Listens on a free port until it is dropped. It has one bucket, `originals`.
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("originals"))?;
        let files = s3s_fs::FileSystem::new(folder.path()).map_err(|e| anyhow::anyhow!("{e:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(Self::ACCESS_KEY_ID, Self::SECRET));
        service.set_host(SingleDomain::new(Self::DOMAIN).map_err(|e| anyhow::anyhow!("{e}"))?);
        let service = service.build();

        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::Relaxed);
                let service = service.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Ok(Self {
            url,
            folder,
            connections,
            _runtime: runtime,
        })
    }

    /// Stores an object in the bucket.
    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.path().join("originals").join(key);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).context("a folder")?;
        Ok(std::fs::write(path, bytes)?)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
