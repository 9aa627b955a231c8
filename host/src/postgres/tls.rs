use super::Error;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// TLS that verifies the server's certificate, against the public authorities and one more where given (PEM).
pub fn connector(authority: Option<&str>) -> Result<MakeRustlsConnect, Error> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(pem) = authority {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| Error::Certificate)?;
        roots.add(certificate).map_err(|_| Error::Certificate)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Connection(error.to_string()))?;
    let config = versions.with_root_certificates(roots).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
