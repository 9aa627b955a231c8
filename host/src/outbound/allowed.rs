use http::Uri;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// What the host of a request from component to component ends with, after the component's id.
pub const INTERNAL: &str = ".spin.internal";

/// Where a component may send requests: Spin's `allowed_outbound_hosts`. Hosts are compared literally, so `localhost` does not
/// stand for `127.0.0.1`.
#[derive(Clone, Debug, Default)]
pub struct Allowed(Vec<Pattern>);

#[derive(Clone, Debug)]
struct Pattern {
    /// `None`: any.
    scheme: Option<String>,
    host: Host,
    ports: RangeInclusive<u16>,
}

#[derive(Clone, Debug)]
enum Host {
    Any,
    /// Every name that ends so; the text starts with a dot.
    Below(String),
    Literal(String),
}

impl Allowed {
    /// Reads the patterns, variables already filled in; the errors are sentences, one for each pattern that does not read.
    pub fn parse(patterns: &[String]) -> Result<Self, Vec<String>> {
        let (mut good, mut mistakes) = (Vec::new(), Vec::new());
        for text in patterns {
            match Pattern::parse(text) {
                Ok(pattern) => good.push(pattern),
                Err(reason) => mistakes.push(format!("allowed_outbound_hosts: `{text}`: {reason}")),
            }
        }
        if mistakes.is_empty() {
            Ok(Self(good))
        } else {
            Err(mistakes)
        }
    }

    /// Whether a request to this address may leave.
    pub fn permits(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        let Some(port) = uri.port_u16().or_else(|| default_port(scheme)) else {
            return false;
        };
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|pattern| {
            pattern.scheme.as_deref().is_none_or(|only| only == scheme)
                && pattern.host.is(&host)
                && pattern.ports.contains(&port)
        })
    }

    /// Whether a pattern names this very host and port, without any `*` in its host. What is so named may be on a private
    /// network, as databases are.
    pub fn names(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        self.0.iter().any(|pattern| {
            pattern.scheme.as_deref().is_none_or(|only| only == scheme)
                && matches!(&pattern.host, Host::Literal(literal) if literal.trim_matches(['[', ']']) == host)
                && pattern.ports.contains(&port)
        })
    }

    /// Whether a pattern names this very loopback address, which is how a manifest says that it means this machine.
    pub fn names_loopback(&self, address: IpAddr) -> bool {
        address.is_loopback()
            && self.0.iter().any(|pattern| match &pattern.host {
                Host::Literal(host) => host.trim_matches(['[', ']']).parse() == Ok(address),
                _ => false,
            })
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or("write SCHEME://HOST[:PORT], for example https://images.example.com")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@']) {
            return Err("a pattern has no path, query or user");
        }
        let colon = rest
            .rfind(':')
            .filter(|at| rest.rfind(']').is_none_or(|bracket| bracket < *at));
        let (host, port) = match colon {
            Some(at) => (rest.get(..at).unwrap_or(""), rest.get(at + 1..)),
            None => (rest, None),
        };
        let ports = match port {
            Some("*") => 0..=u16::MAX,
            Some(port) => match port.split_once("..") {
                Some((from, to)) => {
                    let to: u16 = to.parse().map_err(|_| "a port range is FROM..TO")?;
                    // The end of a Spin port range is not part of it.
                    from.parse().map_err(|_| "a port range is FROM..TO")?
                        ..=to.checked_sub(1).ok_or("the port range is empty")?
                }
                None => {
                    let port = port.parse().map_err(|_| "the port is no number from 0 to 65535")?;
                    port..=port
                }
            },
            None => match default_port(scheme) {
                Some(port) => port..=port,
                None if scheme == "*" => 0..=u16::MAX,
                None => return Err("this scheme has no default port: write one"),
            },
        };
        let host = host.to_ascii_lowercase();
        let host = match host.strip_prefix('*') {
            Some("") => Host::Any,
            Some(below) if below.starts_with('.') && !below.contains('*') => Host::Below(below.to_owned()),
            Some(_) => return Err("`*` stands for a whole host or for the subdomains in `*.example.com`"),
            None if host.is_empty() => return Err("the host is missing"),
            None if host == "self" => return Err("name the component: http://NAME.spin.internal"),
            None if host.contains('*') => return Err("`*` can only come first"),
            None => Host::Literal(host),
        };
        let scheme = (scheme != "*").then(|| scheme.to_ascii_lowercase());
        Ok(Self { scheme, host, ports })
    }
}

impl Host {
    fn is(&self, host: &str) -> bool {
        match self {
            // Another component is reached by naming it, never by the way.
            Self::Any => !host.ends_with(INTERNAL),
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            Self::Literal(literal) => literal == host,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(pattern: &str, uri: &str) -> bool {
        Allowed::parse(&[pattern.to_owned()])
            .unwrap()
            .permits(&uri.parse().unwrap())
    }

    #[test]
    fn hosts_schemes_and_ports_are_literal() {
        assert!(permits("https://images.example.com", "https://images.example.com/a?b"));
        assert!(permits(
            "https://images.example.com/",
            "https://IMAGES.example.com:443/"
        ));
        assert!(permits("http://[::1]:8080", "http://[::1]:8080/"));
        for (pattern, uri) in [
            ("https://images.example.com", "http://images.example.com/"),
            ("https://images.example.com", "https://images.example.com:8443/"),
            ("https://images.example.com", "https://images.example.com.evil.test/"),
            ("https://images.example.com", "https://images.example.com@evil.test/"),
            ("https://images.example.com", "https://a.images.example.com/"),
            ("http://127.0.0.1:80", "http://localhost/"),
            ("http://127.0.0.1:80", "http://2130706433/"),
            ("http://[::1]:8080", "http://[::2]:8080/"),
        ] {
            assert!(!permits(pattern, uri), "{pattern} lets {uri} through");
        }
    }

    #[test]
    fn wildcards() {
        assert!(permits("https://*.example.com", "https://a.b.example.com/"));
        assert!(!permits("https://*.example.com", "https://example.com/"));
        assert!(!permits("https://*.example.com", "https://badexample.com/"));
        assert!(permits("*://*:*", "http://anything.test:1234/"));
        assert!(permits("http://127.0.0.1:8000..8010", "http://127.0.0.1:8009/"));
        assert!(!permits("http://127.0.0.1:8000..8010", "http://127.0.0.1:8010/"));
    }

    #[test]
    fn components_and_databases_are_named() {
        assert!(permits(
            "http://control.spin.internal",
            "http://control.spin.internal/a"
        ));
        assert!(permits("http://*.spin.internal", "http://control.spin.internal/a"));
        assert!(!permits("http://control.spin.internal", "http://edge.spin.internal/a"));
        assert!(!permits("*://*:*", "http://control.spin.internal/a"));
        let names = |pattern: &str, host: &str, port| {
            let allowed = Allowed::parse(&[pattern.to_owned()]).unwrap();
            allowed.names("postgres", host, port)
        };
        assert!(names("postgres://db.internal", "DB.internal", 5432));
        assert!(names("postgres://[::1]:5433", "::1", 5433));
        assert!(!names("postgres://db.internal:5433", "db.internal", 5432));
        assert!(!names("http://db.internal:5432", "db.internal", 5432));
        for pattern in ["postgres://*", "*://*:*", "postgres://*.internal"] {
            assert!(!names(pattern, "db.internal", 5432), "{pattern}");
        }
    }

    #[test]
    fn nothing_is_allowed_by_an_empty_list() {
        assert!(!Allowed::default().permits(&Uri::from_static("http://example.com/")));
    }

    #[test]
    fn malformed_patterns_are_all_told() {
        let patterns = [
            "example.com",
            "https://",
            "https://a/b",
            "https://a*b",
            "http://a:x",
            "redis://a",
            "http://self",
        ];
        assert_eq!(
            Allowed::parse(&patterns.map(str::to_owned)).unwrap_err().len(),
            patterns.len()
        );
    }

    #[test]
    fn only_a_literal_address_names_loopback() {
        let names = |pattern: &str, address: &str| {
            Allowed::parse(&[pattern.to_owned()])
                .unwrap()
                .names_loopback(address.parse().unwrap())
        };
        assert!(names("http://127.0.0.1:9000", "127.0.0.1"));
        assert!(names("http://[::1]:9000", "::1"));
        assert!(!names("http://127.0.0.1:9000", "127.0.0.2"));
        assert!(
            !names("http://10.0.0.1:9000", "10.0.0.1"),
            "private, but not this machine"
        );
        assert!(!names("*://*:*", "127.0.0.1"));
        assert!(!names("http://localhost:9000", "127.0.0.1"));
    }
}
