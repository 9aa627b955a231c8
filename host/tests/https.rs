//! `deckle up` with a certificate, as a process: HTTPS on its port, and what plain HTTP there is answered with.
//!
//! The components must be built (`cargo xtask build`).

use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use secret::SecretText;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const PUBLIC: &str = "images.example.com";
const PROMISE: &str = "\r\nstrict-transport-security: max-age=63072000; includesubdomains; preload\r\n";

/// A process with a certificate of its own. It is killed when dropped.
struct Up {
    child: Child,
    ready: serde_json::Value,
    certificate: CertificateDer<'static>,
    folder: PathBuf,
}

impl Up {
    fn start() -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("https-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let made = rcgen::generate_simple_self_signed(vec![PUBLIC.to_owned()])?;
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&chain, made.cert.pem())?;
        std::fs::write(&key, made.signing_key.serialize_pem())?;
        let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/photos");
        let mut child = Command::new(env!("CARGO_BIN_EXE_deckle"))
            .args(["up", "--port", "0", "--json", "--data"])
            .arg(folder.join("data"))
            .arg("--originals")
            .arg(photos)
            .arg("--tls-cert")
            .arg(&chain)
            .arg("--tls-key")
            .arg(&key)
            .args(["--variable", &format!("public_url=https://{PUBLIC}")])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self {
            ready: serde_json::from_str(&line).with_context(|| format!("the ready line: {line}"))?,
            child,
            certificate: made.cert.der().clone(),
            folder,
        })
    }

    fn member(&self, name: &str) -> Result<&str> {
        self.ready[name]
            .as_str()
            .with_context(|| format!("no {name} in {}", self.ready))
    }

    fn connect(&self) -> Result<TcpStream> {
        let url = self.member("url")?;
        let stream = TcpStream::connect(url.strip_prefix("https://").context("no https")?)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(stream)
    }

    /// What the process answers to a GET over HTTPS.
    fn https(&self, path: &str) -> Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = ClientConnection::new(Arc::new(config), ServerName::try_from(PUBLIC)?)?;
        get(StreamOwned::new(tls, self.connect()?), path)
    }

    /// The same over plain HTTP, on the same port.
    fn http(&self, path: &str) -> Result<String> {
        get(self.connect()?, path)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Head and body; the head in lower case, but for the place of a redirect.
fn get(mut stream: impl Read + Write, path: &str) -> Result<String> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {PUBLIC}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .context("no head")?;
    Ok(String::from_utf8_lossy(&answer[..end + 2]).into_owned())
}

#[test]
fn https_is_served_and_plain_http_is_redirected() -> Result<()> {
    let up = Up::start()?;
    let secret = SecretText::new(up.member("secret_key")?.to_owned());
    let origin = up.member("origin")?.trim_start_matches("http://");
    let picture = signed_url::signed_path(
        up.member("project")?,
        "w_64,f_jpeg",
        &format!("{origin}/tea-gardens-small.webp"),
        up.member("public_key")?,
        &secret,
        None,
    );
    for (path, status) in [
        ("/.well-known/spin/health", 200),
        (picture.as_str(), 200),
        (picture.replace("w_64", "w_65").as_str(), 403),
        ("/api/v1/account", 401),
        ("/openapi.json", 200),
        ("/nowhere", 404),
    ] {
        let secure = up.https(path)?;
        ensure!(secure.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {secure}");
        ensure!(
            secure.to_ascii_lowercase().matches(PROMISE).count() == 1,
            "{path}: {secure}"
        );
        let plain = up.http(path)?;
        ensure!(plain.starts_with("HTTP/1.1 301 "), "{path}: {plain}");
        ensure!(
            plain.contains(&format!("location: https://{PUBLIC}{path}\r\n")),
            "{path}: {plain}"
        );
        // RFC 6797 section 7.2: not over plain HTTP.
        ensure!(
            !plain.to_ascii_lowercase().contains("strict-transport-security"),
            "{path}: {plain}"
        );
    }
    Ok(())
}
