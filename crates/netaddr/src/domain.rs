use crate::{Host, HostError, Scheme};

/// An entry of an allow list: `example.com`, `https://example.com` or `https://example.com:8443`.
///
/// It matches the domain itself and any name below it, bounded by a dot; scheme and port must match where the entry gives them.
/// A loopback address with its port is accepted too, for development, and matches exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRule {
    scheme: Option<Scheme>,
    name: Name,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Domain(Host),
    Loopback(std::net::IpAddr),
}

/// Why an allow-list entry is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainRuleError {
    /// A scheme other than http or https.
    #[error("an allow-list entry starts with https://, http:// or a domain")]
    Scheme,
    /// The port is not a number from 1 to 65535.
    #[error("an allow-list entry's port is a number from 1 to 65535")]
    Port,
    /// The domain is not one.
    #[error("an allow-list entry's domain: {0}")]
    Host(#[from] HostError),
}

impl DomainRule {
    /// Parses an entry. `*.example.com` is read as `example.com`, because that is what people mean.
    pub fn parse(text: &str) -> Result<Self, DomainRuleError> {
        let (scheme, rest) = match text.split_once("://") {
            None => (None, text),
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            Some(_) => return Err(DomainRuleError::Scheme),
        };
        let (host, port) = match rest.rsplit_once(':') {
            None => (rest, None),
            Some((host, port)) => match port.parse() {
                Ok(port @ 1..) => (host, Some(port)),
                _ => return Err(DomainRuleError::Port),
            },
        };
        let name = match host.parse::<std::net::IpAddr>() {
            Ok(address) if address.is_loopback() => Name::Loopback(address),
            _ => Name::Domain(Host::parse(host.strip_prefix("*.").unwrap_or(host))?),
        };
        Ok(Self { scheme, name, port })
    }

    /// Whether a URL with this scheme, canonical host and port falls under the entry.
    pub fn matches(&self, scheme: Scheme, host: &str, port: u16) -> bool {
        let within = match &self.name {
            Name::Domain(domain) => Host::parse(host).is_ok_and(|host| host.is_within(domain)),
            Name::Loopback(address) => host.parse() == Ok(*address),
        };
        within && self.scheme.is_none_or(|rule| rule == scheme) && self.port.is_none_or(|rule| rule == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(rule: &str, scheme: Scheme, host: &str, port: u16) -> bool {
        DomainRule::parse(rule).unwrap().matches(scheme, host, port)
    }

    #[test]
    fn a_domain_covers_itself_and_what_is_below() {
        assert!(matches("Example.com", Scheme::Https, "example.com", 443));
        assert!(matches("*.example.com", Scheme::Https, "sub.example.com", 443));
        assert!(!matches("example.com", Scheme::Https, "evilexample.com", 443));
        assert!(!matches("example.com", Scheme::Https, "example.com.evil.org", 443));
    }

    #[test]
    fn scheme_and_port_bind_where_given() {
        assert!(!matches("https://example.com", Scheme::Http, "example.com", 80));
        assert!(matches("example.com:8443", Scheme::Https, "example.com", 8443));
        assert!(!matches("example.com:8443", Scheme::Https, "example.com", 443));
    }

    #[test]
    fn a_loopback_address_matches_exactly() {
        assert!(matches("127.0.0.1:8081", Scheme::Http, "127.0.0.1", 8081));
        assert!(!matches("127.0.0.1:8081", Scheme::Http, "127.0.0.1", 8082));
        assert!(!matches("127.0.0.1", Scheme::Http, "127.0.0.2", 80));
    }

    #[test]
    fn malformed_entries_are_errors() {
        for text in [
            "",
            "*",
            "ftp://a.example",
            "a.example:0",
            "a.example:x",
            "10.0.0.1",
            "a b",
            "https://a.example/path",
        ] {
            assert!(DomainRule::parse(text).is_err(), "{text}");
        }
    }
}
