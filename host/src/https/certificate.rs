use anyhow::{Context as _, Result};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at: whoever renews a certificate need not tell.
const LOOK: Duration = Duration::from_secs(10);

/// A certificate with its chain, and its key, as two PEM files. TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    /// What the files held, and the settings made of it; replaced as one.
    current: Mutex<(Vec<u8>, Arc<ServerConfig>)>,
}

impl Certificate {
    /// Reads the files.
    pub fn read(chain: &Path, key: &Path) -> Result<Self> {
        let contents = contents(chain, key)?;
        let config = settings(chain, key)?;
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current: Mutex::new((contents, config)),
        })
    }

    /// Reads the files again if they changed, and says whether they had. What cannot be read changes nothing.
    pub fn renew(&self) -> Result<bool> {
        let contents = contents(&self.chain, &self.key)?;
        if self.current(|current| current.0 == contents) {
            return Ok(false);
        }
        let config = settings(&self.chain, &self.key)?;
        self.current(|current| *current = (contents, config));
        Ok(true)
    }

    /// Follows the files for as long as the process lives: every few seconds, and at once on SIGHUP.
    pub async fn follow(self: Arc<Self>) {
        #[cfg(unix)]
        let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok();
        loop {
            #[cfg(unix)]
            match &mut told {
                Some(told) => drop(tokio::time::timeout(LOOK, told.recv()).await),
                None => tokio::time::sleep(LOOK).await,
            }
            #[cfg(not(unix))]
            tokio::time::sleep(LOOK).await;
            match self.renew() {
                Ok(false) => {}
                Ok(true) => crate::log::note("the certificate was renewed"),
                Err(error) => crate::log::error(&format!("the old certificate stays in use: {error:#}")),
            }
        }
    }

    /// Agrees on TLS with a client.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        let config = self.current(|current| current.1.clone());
        tokio::time::timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await?
    }

    fn current<T>(&self, look: impl FnOnce(&mut (Vec<u8>, Arc<ServerConfig>)) -> T) -> T {
        look(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn contents(chain: &Path, key: &Path) -> Result<Vec<u8>> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    Ok([read(chain)?, read(key)?].concat())
}

fn settings(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{} is no certificate (PEM)", chain.display()))?;
    // The reason is left out: it could quote the file.
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|_| anyhow::anyhow!("{} is no private key (PEM)", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .with_context(|| format!("{} and {} do not fit", chain.display(), key.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
