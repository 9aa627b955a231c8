use crate::{Host, Scheme};

/// A web origin: scheme, host and port (RFC 6454 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The scheme.
    pub scheme: Scheme,
    /// Canonical host name, or a loopback address in development.
    pub host: String,
    /// The port, explicit or the scheme's own.
    pub port: u16,
}

/// The origin that a `Referer` header names (RFC 9110 section 10.1.3); `None` where it is not an absolute http(s) URL
/// without user information, so that nothing ambiguous ever matches an allow list.
pub fn referer_origin(referer: &str) -> Option<Origin> {
    let (scheme, rest) = referer.split_once("://")?;
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains(['@', '\\']) {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        None => (authority, scheme.default_port()),
        Some((host, port)) => (host, port.parse().ok()?),
    };
    let host = match host.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_loopback() => address.to_string(),
        _ => Host::parse(host).ok()?.as_str().to_owned(),
    };
    Some(Origin { scheme, host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_origin_of_a_url() {
        let origin = referer_origin("https://Shop.Example.com:8443/page?x#y").unwrap();
        assert_eq!(
            (origin.scheme, origin.host.as_str(), origin.port),
            (Scheme::Https, "shop.example.com", 8443)
        );
        assert_eq!(referer_origin("http://example.com").unwrap().port, 80);
        assert_eq!(referer_origin("http://127.0.0.1:3000/").unwrap().host, "127.0.0.1");
    }

    #[test]
    fn ambiguous_referers_have_no_origin() {
        for text in [
            "",
            "null",
            "example.com",
            "about:blank",
            "https://good.example@evil.example/",
            "https://evil.example\\.good.example/",
            "https://",
            "https://a.example:port/",
            "https://10.0.0.1/",
        ] {
            assert_eq!(referer_origin(text), None, "{text}");
        }
    }
}
