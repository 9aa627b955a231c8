use super::*;
use crate::manifest::{Route, StaticResponse};
use crate::scratch::Scratch;
use crate::server::{Destination, Server};
use crate::throttle::Addresses;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const OWN: &str = "https://127.0.0.1:3000";

fn behind_proxy() -> Https {
    let https = Https::new("https://images.example.com/", "10.0.0.0/8, 2001:db8::/32", None, OWN);
    https.unwrap().unwrap()
}

fn headers(forwarded: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append(FORWARDED, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn only_a_trusted_proxy_tells_the_scheme() {
    let https = behind_proxy();
    let channel = |tls, peer: &str, forwarded: &[&'static str]| {
        https.channel(tls, peer.parse().unwrap(), "images.example.com", &headers(forwarded))
    };
    assert_eq!(channel(true, "203.0.113.9", &[]), Channel::Secure);
    assert_eq!(channel(true, "203.0.113.9", &["http"]), Channel::Secure);
    for peer in ["10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3"] {
        assert_eq!(channel(false, peer, &["https"]), Channel::Secure, "{peer}");
        assert_eq!(channel(false, peer, &["http", "HTTPS"]), Channel::Secure, "{peer}");
        assert_eq!(channel(false, peer, &["https, http"]), Channel::Plain, "{peer}");
        assert_eq!(channel(false, peer, &[]), Channel::Plain, "{peer}");
    }
    for forged in [&["https"][..], &["https", "https"]] {
        assert_eq!(channel(false, "203.0.113.9", forged), Channel::Plain);
        assert_eq!(channel(false, "127.0.0.1", forged), Channel::Plain);
    }
}

#[test]
fn the_loopback_is_for_development() {
    let https = behind_proxy();
    let channel = |peer: &str, host| https.channel(false, peer.parse().unwrap(), host, &HeaderMap::new());
    for host in ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"] {
        assert_eq!(channel("127.0.0.1", host), Channel::Loopback, "{host}");
        assert_eq!(channel("::1", host), Channel::Loopback, "{host}");
        assert_eq!(channel("203.0.113.9", host), Channel::Plain, "{host} from elsewhere");
    }
    for host in ["images.example.com", "localhost.evil.test", "128.0.0.1", ""] {
        assert_eq!(channel("127.0.0.1", host), Channel::Plain, "{host}");
    }
}

#[test]
fn a_redirect_keeps_path_and_query_and_chooses_its_own_host() {
    let uri = Uri::from_static("http://evil.test:81/api/v1/p/w_1/a%2Fb//c?key=x&sig=%20");
    let response = behind_proxy().redirect(&uri);
    assert_eq!(response.status(), 301);
    assert_eq!(
        response.headers()["location"],
        "https://images.example.com/api/v1/p/w_1/a%2Fb//c?key=x&sig=%20"
    );
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert!(
        !response.headers().contains_key("strict-transport-security"),
        "RFC 6797 section 7.2"
    );
}

#[test]
fn settings_that_would_not_work_are_told() {
    let new = |url, proxies| Https::new(url, proxies, None, OWN);
    assert!(new("", "10.0.0.0/8").unwrap().is_none());
    assert!(new("http://127.0.0.1:3000", "").unwrap().is_none());
    for (url, proxies) in [
        ("https://images.example.com", ""),
        ("https://images.example.com/path", "10.0.0.0/8"),
        ("https://user@images.example.com", "10.0.0.0/8"),
        ("https://images.example.com?x", "10.0.0.0/8"),
        ("images.example.com", "10.0.0.0/8"),
        ("ftp://images.example.com", "10.0.0.0/8"),
        ("https://images.example.com", "10.0.0.0/99"),
        ("https://", "10.0.0.0/8"),
    ] {
        assert!(new(url, proxies).is_err(), "{url} {proxies}");
    }
}

/// A certificate for `localhost` and its key in files.
fn files(scratch: &Scratch) -> (PathBuf, PathBuf) {
    std::fs::create_dir_all(scratch.path()).unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (chain, key) = (scratch.path().join("chain.pem"), scratch.path().join("key.pem"));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (chain, key)
}

#[test]
fn a_certificate_is_renewed_when_its_files_change_and_kept_when_they_break() {
    let scratch = Scratch::new("https-renew");
    let (chain, key) = files(&scratch);
    let certificate = Certificate::read(&chain, &key).unwrap();
    assert!(!certificate.renew().unwrap());
    files(&scratch);
    assert!(certificate.renew().unwrap());
    assert!(!certificate.renew().unwrap());
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----").unwrap();
    let broken = certificate.renew().unwrap_err();
    assert!(!format!("{broken:#}").contains("SECRET"));
    let fits = Https::new("https://a.test", "", Some(Arc::new(certificate)), OWN);
    assert!(fits.unwrap().unwrap().certificate.is_some());
    assert!(Certificate::read(&chain, &key).is_err());
    assert!(Certificate::read(&key, &key).is_err());
    assert!(Certificate::read(&scratch.path().join("none"), &key).is_err());
}

/// A server with one route over HTTPS, and how to talk to it.
struct Running {
    address: SocketAddr,
    chain: PathBuf,
    _scratch: Scratch,
}

impl Running {
    async fn start(name: &str) -> Self {
        let scratch = Scratch::new(name);
        let (chain, key) = files(&scratch);
        let certificate = Arc::new(Certificate::read(&chain, &key).unwrap());
        let https = Https::new("https://images.example.com", "", Some(certificate), OWN).unwrap();
        let fixed = StaticResponse {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: "hello".to_owned(),
        };
        let routes = vec![(Route::parse("/hello").unwrap(), Destination::Static(fixed))];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(
            Server::new(routes, None, Addresses::new(None, None).unwrap(), 1)
                .with(https)
                .serve(listener, std::future::pending()),
        );
        Self {
            address,
            chain,
            _scratch: scratch,
        }
    }

    async fn tls(&self, version: &'static rustls::SupportedProtocolVersion) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.chain).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
        let mut config = versions.unwrap().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let socket = TcpStream::connect(self.address).await.unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
            .unwrap()
    }
}

/// What a server answers to a GET, in lower case.
async fn get<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, host: &str, path: &str) -> String {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap().to_ascii_lowercase()
}

#[tokio::test]
async fn every_answer_over_tls_makes_the_promise() {
    let running = Running::start("https-tls").await;
    let promise = "strict-transport-security: max-age=63072000; includesubdomains; preload\r\n";
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        for (path, status) in [("/hello", "200"), ("/none", "404"), ("/.well-known/spin/health", "200")] {
            let answer = get(running.tls(version).await, "images.example.com", path).await;
            assert!(answer.starts_with(&format!("http/1.1 {status}")), "{answer}");
            assert_eq!(answer.matches(promise).count(), 1, "{answer}");
        }
        let unusable = get(running.tls(version).await, "edge.spin.internal", "/hello").await;
        assert!(
            unusable.starts_with("http/1.1 400") && unusable.contains(promise),
            "{unusable}"
        );
        let loopback = get(running.tls(version).await, "localhost", "/hello").await;
        assert!(
            loopback.starts_with("http/1.1 200") && !loopback.contains("strict"),
            "{loopback}"
        );
    }
}

#[tokio::test]
async fn plain_http_on_the_same_port_is_redirected() {
    let running = Running::start("https-plain").await;
    let plain = async || TcpStream::connect(running.address).await.unwrap();
    for path in ["/hello?a=b%20c", "/none", "/.well-known/spin/health"] {
        let answer = get(plain().await, "images.example.com", path).await;
        assert!(answer.starts_with("http/1.1 301"), "{answer}");
        assert!(
            answer.contains(&format!("\r\nlocation: https://images.example.com{path}\r\n")),
            "{answer}"
        );
        assert!(!answer.contains("strict-transport"), "{answer}");
    }
    let loopback = get(plain().await, "127.0.0.1:3000", "/hello").await;
    assert!(
        loopback.starts_with("http/1.1 200") && !loopback.contains("strict"),
        "{loopback}"
    );
}
