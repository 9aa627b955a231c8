//! HTTPS: the certificate, and what follows from a public address of `https://…`: plain HTTP is redirected there (301), and
//! every answer over HTTPS tells browsers to stay with it (HSTS, RFC 6797).
//!
//! A request came over HTTPS when this host ended its TLS, or when a trusted proxy says so in `X-Forwarded-Proto`. The loopback
//! of this machine is left alone, for development: a browser would remember the promise for everything else on `localhost`.
mod certificate;
#[cfg(test)]
mod tests;

pub use certificate::Certificate;

use crate::outbound::full;
use anyhow::{Context as _, Result, bail};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use netaddr::Cidr;
use std::net::IpAddr;
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;

/// Two years, all subdomains, and fit for the browsers' built-in list.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains; preload");
/// How a proxy tells the scheme that its client used.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How requests arrive over HTTPS, and where those that do not are sent.
pub struct Https {
    /// `https://HOST[:PORT]`
    origin: String,
    proxies: Vec<Cidr>,
    /// The certificate, where this host ends TLS itself.
    pub certificate: Option<Arc<Certificate>>,
}

/// Where a request came from, as far as HTTPS is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Over HTTPS.
    Secure,
    /// Over plain HTTP.
    Plain,
    /// From this machine to its loopback, over either.
    Loopback,
}

impl Https {
    /// What the variables `public_url` and `trusted_proxies` and the certificate come to; `None`: plain HTTP, and no promises.
    /// `own` is the address of this host, which stands in for a public one.
    pub fn new(
        public_url: &str,
        trusted_proxies: &str,
        certificate: Option<Arc<Certificate>>,
        own: &str,
    ) -> Result<Option<Self>> {
        let url = match (public_url, &certificate) {
            ("", None) => return Ok(None),
            ("", Some(_)) => own,
            (url, _) => url.strip_suffix('/').unwrap_or(url),
        };
        let uri: Uri = url
            .parse()
            .with_context(|| format!("variable public_url: `{url}` is no URL"))?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let bare = uri.path() == "/" && uri.query().is_none();
        let (Some(scheme), Some(authority), true) = (uri.scheme_str(), authority, bare) else {
            bail!("variable public_url is `{url}`: it has a scheme, a host, perhaps a port, and nothing else");
        };
        let proxies = Cidr::parse_list(trusted_proxies).context("variable trusted_proxies")?;
        match scheme {
            "http" if certificate.is_none() => return Ok(None),
            "https" if certificate.is_some() || !proxies.is_empty() => {}
            "https" => bail!(
                "variable public_url is https, and nothing says how HTTPS arrives here: give --tls-cert and --tls-key, or name \
                 the proxy that ends TLS in trusted_proxies"
            ),
            _ => bail!("variable public_url is `{url}`, and --tls-cert makes this https"),
        }
        Ok(Some(Self {
            origin: format!("https://{authority}"),
            proxies,
            certificate,
        }))
    }

    /// How a request from `peer` for `host` came; `tls`: this host ended it.
    pub fn channel(&self, tls: bool, peer: IpAddr, host: &str, headers: &HeaderMap) -> Channel {
        if peer.to_canonical().is_loopback() && names_loopback(host) {
            return Channel::Loopback;
        }
        let peer = peer.to_canonical();
        let trusted = || self.proxies.iter().any(|network| network.contains(peer));
        match tls || (trusted() && forwarded_https(headers)) {
            true => Channel::Secure,
            false => Channel::Plain,
        }
    }

    /// The answer to a request over plain HTTP.
    pub fn redirect(&self, uri: &Uri) -> Response<WasiBody> {
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut response = Response::new(full(""));
        *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
        let headers = response.headers_mut();
        // A path that is no header value was none of a URI either.
        if let Ok(location) = HeaderValue::try_from(format!("{}{target}", self.origin)) {
            headers.insert(header::LOCATION, location);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// Has an answer over HTTPS keep its browser there.
    pub fn promise(headers: &mut HeaderMap) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// What the nearest proxy says: it writes the last value.
fn forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all(FORWARDED).iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

fn names_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
}
