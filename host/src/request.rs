//! From the request on the wire to the one a component sees: an absolute URI, and Spin's own headers, which no client can set.
use crate::manifest::{Captures, Route};
use crate::outbound::INTERNAL;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;
use std::error::Error as StdError;
use std::net::SocketAddr;
use wasmtime_wasi_http::{Error, WasiBody};

/// Larger request bodies are cut off: hosted platforms allow as much.
const MAX_BODY: usize = 10 << 20;

/// Why a request cannot be passed on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Neither the target nor a `Host` header names a host, or what they name is none.
    #[error("The request names no host that can be served, or more than one.")]
    Host,
    /// A header value that is not UTF-8: components are entitled to text.
    #[error("A header is not UTF-8 text.")]
    Header,
    /// The target of the request is no path.
    #[error("The request's target is not a path.")]
    Target,
}

/// Makes the URI absolute and removes everything that only the host may say.
pub fn accept<B>(request: &mut Request<B>) -> Result<(), Unusable> {
    let headers = request.headers_mut();
    if headers
        .values()
        .any(|value| std::str::from_utf8(value.as_bytes()).is_err())
    {
        return Err(Unusable::Header);
    }
    strip(headers);
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (host, None) => host.cloned(),
        _ => return Err(Unusable::Host),
    };
    // One place for the host, the URI, as in HTTP/2: a component that finds it in two has to choose.
    headers.remove(header::HOST);
    // An absolute target goes before the header (RFC 9112 section 3.2.2).
    let authority = match (request.uri().authority(), host) {
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) => http::uri::Authority::try_from(host.as_bytes()).map_err(|_| Unusable::Host)?,
        (None, None) => return Err(Unusable::Host),
    };
    let internal = authority.host().to_ascii_lowercase().ends_with(INTERNAL);
    if authority.host().is_empty() || authority.as_str().contains('@') || internal {
        return Err(Unusable::Host);
    }
    let target = request
        .uri()
        .path_and_query()
        .filter(|target| target.path().starts_with('/'))
        .ok_or(Unusable::Target)?;
    let uri = Uri::builder()
        .scheme("http")
        .authority(authority)
        .path_and_query(target.clone());
    *request.uri_mut() = uri.build().map_err(|_| Unusable::Target)?;
    Ok(())
}

/// Removes the headers that only the host may write.
pub fn strip(headers: &mut HeaderMap) {
    let forged: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("spin-"))
        .cloned()
        .collect();
    forged.iter().for_each(|name| drop(headers.remove(name)));
}

/// Adds Spin's headers for a request that matched a route. The request must have passed [`accept`].
pub fn describe(headers: &mut HeaderMap, uri: &Uri, peer: SocketAddr, route: &Route, captures: &Captures) {
    let mut add = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    };
    add("spin-client-addr", &peer.to_string());
    add("spin-full-url", &uri.to_string());
    add("spin-path-info", &captures.trailing);
    add("spin-matched-route", &route.to_string());
    add("spin-component-route", route.prefix());
    add("spin-raw-component-route", &route.to_string());
    add("spin-base-path", "/");
    for (name, value) in &captures.named {
        add(&format!("spin-path-match-{name}"), value);
    }
}

/// The body as components take it, with a bound on its size.
pub fn body<B>(body: B) -> WasiBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: StdError + Send + Sync + 'static,
{
    let cut = |error: Box<dyn StdError + Send + Sync>| match error.downcast::<hyper::Error>() {
        Ok(error) => Error::from(*error),
        Err(_) => Error::HttpRequestBodySize(None),
    };
    Limited::new(body, MAX_BODY).map_err(cut).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, headers: &[(&str, &[u8])]) -> Request<()> {
        let mut request = Request::get(target).body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(
                HeaderName::try_from(*name).unwrap(),
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        request
    }

    #[test]
    fn the_uri_becomes_absolute_and_keeps_its_escapes() {
        let mut request = request("/a%2Fb//../c?x=%20", &[("host", b"example.com:8080")]);
        accept(&mut request).unwrap();
        assert_eq!(request.uri().to_string(), "http://example.com:8080/a%2Fb//../c?x=%20");
        assert!(request.headers().is_empty());
    }

    #[test]
    fn an_absolute_target_goes_before_the_header() {
        let mut request = request("http://one.test/x", &[("host", b"two.test")]);
        accept(&mut request).unwrap();
        assert_eq!(request.uri(), "http://one.test/x");
    }

    #[test]
    fn what_a_client_says_about_itself_is_removed() {
        let forged: &[(&str, &[u8])] = &[
            ("host", b"a.test"),
            ("spin-client-addr", b"9.9.9.9:1"),
            ("Spin-Client-Addr", b"8.8.8.8:1"),
            ("spin-path-match-tenant", b"x"),
            ("spin-anything", b"y"),
            ("x-spin", b"stays"),
        ];
        let mut request = request("/named/a/b", forged);
        accept(&mut request).unwrap();
        assert_eq!(
            request.headers().keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["x-spin"]
        );
        let route = Route::parse("/named/:tenant/...").unwrap();
        let captures = route.captures("/named/a/b").unwrap();
        let uri = request.uri().clone();
        describe(
            request.headers_mut(),
            &uri,
            "127.0.0.1:5".parse().unwrap(),
            &route,
            &captures,
        );
        let expected = [
            ("spin-client-addr", "127.0.0.1:5"),
            ("spin-full-url", "http://a.test/named/a/b"),
            ("spin-path-info", "/b"),
            ("spin-matched-route", "/named/:tenant/..."),
            ("spin-component-route", "/named/:tenant"),
            ("spin-raw-component-route", "/named/:tenant/..."),
            ("spin-base-path", "/"),
            ("spin-path-match-tenant", "a"),
        ];
        for (name, value) in expected {
            let all: Vec<_> = request.headers().get_all(name).iter().collect();
            assert_eq!(all, [value], "{name}");
        }
    }

    #[test]
    fn unusable_requests_are_told_apart() {
        let check = |target, headers| accept(&mut request(target, headers)).unwrap_err();
        assert_eq!(check("/", &[]), Unusable::Host);
        assert_eq!(check("/", &[("host", b"a"), ("host", b"b")]), Unusable::Host);
        assert_eq!(check("/", &[("host", b"user@a")]), Unusable::Host);
        assert_eq!(check("/", &[("host", b"Edge.Spin.Internal")]), Unusable::Host);
        assert_eq!(check("/", &[("host", b"a"), ("x", b"\xff")]), Unusable::Header);
        assert_eq!(check("*", &[("host", b"a")]), Unusable::Target);
    }
}
