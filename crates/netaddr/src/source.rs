use crate::{Host, HostError};
use std::net::IpAddr;

/// URL schemes that an original can be fetched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP, for a loopback origin in development only.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// As written before `://`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port where a URL names none.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// Where an original comes from: what a signed URL names after its operations, parsed and canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

/// Why a source cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A scheme other than http or https.
    #[error("a source is https://, or http:// in development")]
    Scheme,
    /// User name or password before the host.
    #[error("a source has no user name or password")]
    UserInformation,
    /// The host is not acceptable.
    #[error("the source's host: {0}")]
    Host(#[from] HostError),
    /// The port is not a number from 1 to 65535.
    #[error("the source's port is not a number from 1 to 65535")]
    Port,
    /// A dot segment, empty segment, backslash, fragment, control character or an encoded form of one.
    #[error("the source's path has a segment or character that is not allowed")]
    Path,
    /// Not the name of an origin, or nothing after it.
    #[error("a named origin is @ and 1 to 63 lower-case letters, digits and inner hyphens, then a slash and a path")]
    Origin,
    /// Longer than 2,048 bytes.
    #[error("the source is longer than 2,048 bytes")]
    Length,
}

/// Most bytes of a source.
pub(crate) const MAX_LENGTH: usize = 2048;

impl Source {
    /// Parses a decoded source such as `images.example.com/a/photo.jpg?v=2`; `https` where no scheme is given.
    ///
    /// `development` are the origins that may be plain HTTP, an address or a special-use name: a source on the authority of
    /// one takes its scheme.
    pub fn parse(text: &str, development: &[Source]) -> Result<Self, SourceError> {
        if text.len() > MAX_LENGTH {
            return Err(SourceError::Length);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Some(Scheme::Https), rest),
            Some(("http", rest)) => (Some(Scheme::Http), rest),
            // A query may hold a URL of its own: only what stands before the first slash or question mark is a scheme.
            Some((before, _)) if !before.contains(['/', '?']) => return Err(SourceError::Scheme),
            _ => (None, text),
        };
        let (authority, path) = rest.split_once('/').ok_or(SourceError::Path)?;
        let loopback = development
            .iter()
            .find(|origin| authority == origin.authority() && scheme.is_none_or(|scheme| scheme == origin.scheme));
        if let Some(development) = loopback {
            return Ok(Self {
                path: canonical_path(path)?,
                ..development.clone()
            });
        }
        if scheme == Some(Scheme::Http) {
            return Err(SourceError::Scheme);
        }
        let (host, port) = split_authority(authority)?;
        let host = Host::parse(host)?;
        if host.is_special_use() {
            return Err(SourceError::Host(HostError::SpecialUse));
        }
        Ok(Self {
            scheme: Scheme::Https,
            host: host.as_str().to_owned(),
            port: port.unwrap_or(443),
            path: canonical_path(path)?,
        })
    }

    /// Parses an origin from configuration: scheme, host or loopback address, optional port, and nothing after.
    pub fn parse_origin(text: &str) -> Result<Self, SourceError> {
        let (scheme, authority) = match text.trim_end_matches('/').split_once("://") {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            _ => return Err(SourceError::Scheme),
        };
        let (host, port) = split_authority(authority)?;
        let loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let host = if loopback {
            host.to_owned()
        } else {
            Host::parse(host)?.as_str().to_owned()
        };
        if scheme == Scheme::Http && !loopback && host != "localhost" {
            return Err(SourceError::Scheme);
        }
        Ok(Self {
            scheme,
            host,
            port: port.unwrap_or(scheme.default_port()),
            path: "/".to_owned(),
        })
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Canonical host name, or the development origin's address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, explicit or the scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host, and the port where it is not the scheme's own.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The URL to fetch, percent-encoded where RFC 3986 asks for it.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme.as_str(), self.authority(), self.path)
    }
}

fn split_authority(authority: &str) -> Result<(&str, Option<u16>), SourceError> {
    if authority.contains('@') {
        return Err(SourceError::UserInformation);
    }
    match authority.rsplit_once(':') {
        None => Ok((authority, None)),
        Some((host, port)) => {
            let canonical = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
            let port = port.parse().map_err(|_| SourceError::Port)?;
            if canonical {
                Ok((host, Some(port)))
            } else {
                Err(SourceError::Port)
            }
        }
    }
}

/// Checks path and query (given without the leading slash) and encodes what a request line cannot carry.
fn canonical_path(path_and_query: &str) -> Result<String, SourceError> {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let refused = |c: char| c.is_control() || is_directional(c) || c == '\\' || c == '#';
    if path.is_empty() || path_and_query.contains(refused) {
        return Err(SourceError::Path);
    }
    // What stands encoded here was encoded twice in the signed URL. An origin may decode it, so it must not hide a separator;
    // nor a percent sign, with which anything can be hidden once more.
    let lower = path.to_ascii_lowercase();
    if ["%2e", "%2f", "%5c", "%00", "%25"]
        .iter()
        .any(|hidden| lower.contains(hidden))
    {
        return Err(SourceError::Path);
    }
    for segment in path.split('/') {
        let before_parameters = segment.split(';').next().unwrap_or_default();
        if before_parameters.is_empty() || before_parameters == "." || before_parameters == ".." {
            return Err(SourceError::Path);
        }
    }
    let mut out = String::with_capacity(path_and_query.len() + 1);
    out.push('/');
    encode(path, &mut out);
    if let Some(query) = query {
        out.push('?');
        encode(query, &mut out);
    }
    Ok(out)
}

/// Marks that change the direction of text, which make a path look like another one (Unicode TR 36).
fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn encode(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        // The source may be an encoded URL itself: a percent-encoded byte stays, a lone percent sign is a character of the name.
        let encoded = bytes
            .get(at + 1..at + 3)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?[]".contains(&byte) || (byte == b'%' && encoded) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(nibble), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_parts_and_a_longest_length() {
        let source = Source::parse("Images.example.com:8443/x", &[]).unwrap();
        assert_eq!((source.host(), source.port()), ("images.example.com", 8443));
        assert_eq!(Source::parse("a.example/x", &[]).unwrap().port(), 443);
        let of_length = |length: usize| format!("a.example/{}", "x".repeat(length - 10));
        assert!(Source::parse(&of_length(2048), &[]).is_ok());
        assert_eq!(Source::parse(&of_length(2049), &[]), Err(SourceError::Length));
    }

    #[test]
    fn only_what_is_encoded_stays_encoded() {
        for (path, encoded) in [
            ("abcdef%C3%A4xyz", "abcdef%C3%A4xyz"),
            ("abcdef%c3%a4", "abcdef%c3%a4"),
            ("abcdef%4", "abcdef%254"),
            ("abcdef%zzz", "abcdef%25zzz"),
        ] {
            let source = Source::parse(&format!("a.example/{path}"), &[]).unwrap();
            assert_eq!(source.url(), format!("https://a.example/{encoded}"));
        }
    }

    fn url(text: &str) -> Result<String, SourceError> {
        Source::parse(text, &[]).map(|source| source.url())
    }

    #[test]
    fn https_is_assumed_and_the_host_is_canonical() {
        assert_eq!(
            url("Images.Example.com/a/Photo.jpg?v=2").unwrap(),
            "https://images.example.com/a/Photo.jpg?v=2"
        );
        assert_eq!(url("https://a.example:8443/x").unwrap(), "https://a.example:8443/x");
        assert_eq!(url("https://a.example:443/x").unwrap(), "https://a.example/x");
        assert_eq!(
            url("a.example/x?from=https://b.example/y").unwrap(),
            "https://a.example/x?from=https://b.example/y"
        );
    }

    #[test]
    fn what_a_request_line_cannot_carry_is_encoded() {
        assert_eq!(url("a.example/é b.jpg").unwrap(), "https://a.example/%C3%A9%20b.jpg");
        assert_eq!(url("a.example/e%20b.jpg").unwrap(), "https://a.example/e%20b.jpg");
        assert_eq!(url("a.example/100%.jpg").unwrap(), "https://a.example/100%25.jpg");
        assert_eq!(url("a.example/100%25.jpg").unwrap_err(), SourceError::Path);
    }

    #[test]
    fn refusals() {
        use SourceError::*;
        for (text, reason) in [
            ("", Path),
            ("a.example", Path),
            ("a.example/", Path),
            ("a.example/?x", Path),
            ("http://a.example/x", Scheme),
            ("ftp://a.example/x", Scheme),
            ("file:///etc/passwd", Scheme),
            ("://x/y", Scheme),
            ("good.example@evil.example/x", UserInformation),
            ("u:p@a.example/x", UserInformation),
            ("a.example:0/x", Port),
            ("a.example:080/x", Port),
            ("a.example:65536/x", Port),
            ("a.example:/x", Port),
            ("127.0.0.1/x", Host(HostError::Address)),
            ("127.0.0.1:8080/x", Host(HostError::Address)),
            ("2130706433/x", Host(HostError::Address)),
            ("a.example./x", Host(HostError::Length)),
            ("/x", Host(HostError::Length)),
            ("//evil/x", Host(HostError::Length)),
            ("a.example/../x", Path),
            ("a.example/a/./b", Path),
            ("a.example/..;/x", Path),
            ("a.example/a//b", Path),
            ("a.example/%2e%2e/x", Path),
            ("a.example/a%2Fb", Path),
            ("a.example/a\\b", Path),
            ("a.example/a#b", Path),
            ("a.example/a\r\nb", Path),
            ("a.example/a\0b", Path),
            ("a.example/\u{202e}gpj.exe", Path),
            ("a.example/%252e", Path),
            ("a.example/%25%32%66", Path),
        ] {
            assert_eq!(url(text).unwrap_err(), reason, "{text:?}");
        }
        assert_eq!(url(&format!("a.example/{}", "x".repeat(3000))).unwrap_err(), Length);
    }

    #[test]
    fn only_the_development_origin_may_be_plain_http_on_an_address() {
        let development = Source::parse_origin("http://127.0.0.1:8081").unwrap();
        for text in ["http://127.0.0.1:8081/tea.jpg", "127.0.0.1:8081/tea.jpg"] {
            let source = Source::parse(text, std::slice::from_ref(&development)).unwrap();
            assert_eq!(source.url(), "http://127.0.0.1:8081/tea.jpg");
        }
        for text in [
            "http://127.0.0.1:8082/x",
            "https://127.0.0.1:8081/x",
            "http://localhost:8081/x",
            "127.0.0.1/x",
        ] {
            assert!(
                Source::parse(text, std::slice::from_ref(&development)).is_err(),
                "{text}"
            );
        }
    }

    // O8 and O1: names that lead inside.
    #[test]
    fn special_use_hosts_are_refused_except_as_the_development_origin() {
        for text in [
            "localhost/x",
            "LOCALHOST:8081/x",
            "https://a.localhost/x",
            "printer.local/x",
            "transform.spin.internal/x",
            "metadata.google.internal/x",
        ] {
            assert_eq!(
                url(text).unwrap_err(),
                SourceError::Host(HostError::SpecialUse),
                "{text}"
            );
        }
        let development = Source::parse_origin("http://localhost:8081").unwrap();
        let source = Source::parse("localhost:8081/tea.jpg", std::slice::from_ref(&development)).unwrap();
        assert_eq!(source.url(), "http://localhost:8081/tea.jpg");
        for text in ["localhost/x", "localhost:8082/x", "spin.internal/x"] {
            assert!(
                Source::parse(text, std::slice::from_ref(&development)).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn configured_origins() {
        for text in [
            "https://images.example.com",
            "http://localhost:8081/",
            "http://127.0.0.1:80",
            "https://a.example:8443",
        ] {
            assert!(Source::parse_origin(text).is_ok(), "{text}");
        }
        for text in [
            "http://images.example.com",
            "http://10.0.0.1",
            "https://10.0.0.1",
            "images.example.com",
            "https://a.example/x",
        ] {
            assert!(Source::parse_origin(text).is_err(), "{text}");
        }
    }
}
