/// A DNS host name in canonical form: lower case, no trailing dot, letters, digits and hyphens only (RFC 1123 section 2.1).
///
/// An internationalised name is written in its `xn--` form. Addresses are not host names: anything whose last label is a
/// number would be read as an IPv4 address by some URL parsers (WHATWG URL, "ends in a number"), so it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host(String);

/// Why a text is not a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Empty, too long, or with an empty or too long label.
    #[error("a host name has labels of 1 to 63 characters and 253 in all")]
    Length,
    /// A character outside letters, digits, hyphen and dot, or a hyphen at a label's edge.
    #[error("a host name has only letters, digits and hyphens")]
    Character,
    /// An address, in any of its spellings.
    #[error("an address is not a host name")]
    Address,
    /// A name that is not the public DNS's to resolve; see [`Host::is_special_use`].
    #[error("the name belongs to the local machine or network")]
    SpecialUse,
}

/// Domains that resolvers answer from the machine or the network they stand in: RFC 6761 section 6.3 (localhost), RFC 6762
/// (local), RFC 8375 (home.arpa), ICANN's reservation of `internal`, where clouds keep their metadata services and Spin its
/// `spin.internal`, and `localdomain`, which hosts files traditionally give to the loopback address.
const SPECIAL_USE: [&str; 5] = ["localhost", "localdomain", "local", "internal", "home.arpa"];

impl Host {
    /// Checks and lower-cases a host name.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text.starts_with('[') || text.contains(':') {
            return Err(HostError::Address);
        }
        if text.is_empty() || text.len() > 253 {
            return Err(HostError::Length);
        }
        for label in text.split('.') {
            if label.is_empty() || label.len() > 63 {
                return Err(HostError::Length);
            }
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !plain || label.starts_with('-') || label.ends_with('-') {
                return Err(HostError::Character);
            }
        }
        let last = text.rsplit('.').next().unwrap_or_default();
        let hexadecimal = last.strip_prefix("0x").or(last.strip_prefix("0X"));
        let number = last.bytes().all(|b| b.is_ascii_digit())
            || hexadecimal.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        if number {
            return Err(HostError::Address);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `domain` itself or a name below it, bounded by a dot.
    pub fn is_within(&self, domain: &Host) -> bool {
        self.ends_in(domain.as_str())
    }

    /// Whether the name means something inside the machine or its network, and so is never where a stranger's original is.
    pub fn is_special_use(&self) -> bool {
        SPECIAL_USE.iter().any(|domain| self.ends_in(domain))
    }

    fn ends_in(&self, domain: &str) -> bool {
        match self.0.strip_suffix(domain) {
            Some(rest) => rest.is_empty() || rest.ends_with('.'),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_rfc_1035() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", &label[..61]);
        assert_eq!(longest.len(), 253);
        assert!(Host::parse(&longest).is_ok());
        for text in [
            "",
            "a..b",
            &format!("{longest}a"),
            &format!("{label}a.example"),
            &format!("{label}.{longest}"),
        ] {
            assert_eq!(Host::parse(text), Err(HostError::Length), "{text}");
        }
    }

    #[test]
    fn canonical_form_is_lower_case() {
        assert_eq!(
            Host::parse("Images.Example.COM").unwrap().as_str(),
            "images.example.com"
        );
    }

    #[test]
    fn every_spelling_of_an_address_is_refused() {
        for text in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "[::1]",
            "::1",
            "1.2.3.0x4",
            "example.com:80",
        ] {
            assert_eq!(Host::parse(text).unwrap_err(), HostError::Address, "{text}");
        }
    }

    #[test]
    fn malformed_names_are_refused() {
        for text in [
            "",
            ".",
            "a..b",
            "example.com.",
            ".example.com",
            &"a".repeat(64),
            &"a.".repeat(127),
        ] {
            assert_eq!(Host::parse(text).unwrap_err(), HostError::Length, "{text}");
        }
        for text in [
            "exa mple.com",
            "user@example.com",
            "exämple.com",
            "a_b.com",
            "-a.com",
            "a-.com",
            "１２７.com",
            "a/b",
        ] {
            assert_eq!(Host::parse(text).unwrap_err(), HostError::Character, "{text}");
        }
    }

    #[test]
    fn within_is_bounded_by_a_dot() {
        let domain = Host::parse("example.com").unwrap();
        for inside in ["example.com", "a.example.com", "a.b.example.com"] {
            assert!(Host::parse(inside).unwrap().is_within(&domain), "{inside}");
        }
        for outside in ["evilexample.com", "example.com.evil", "com", "xexample.com"] {
            assert!(!Host::parse(outside).unwrap().is_within(&domain), "{outside}");
        }
    }

    #[test]
    fn special_use_names_are_bounded_by_a_dot() {
        for text in [
            "localhost",
            "LocalHost",
            "a.localhost",
            "localhost.localdomain",
            "printer.local",
            "spin.internal",
            "transform.spin.internal",
            "metadata.google.internal",
            "nas.home.arpa",
        ] {
            assert!(Host::parse(text).unwrap().is_special_use(), "{text}");
        }
        for text in [
            "notlocalhost",
            "local.example",
            "internal.example.com",
            "mylocal",
            "arpa",
        ] {
            assert!(!Host::parse(text).unwrap().is_special_use(), "{text}");
        }
    }
}
