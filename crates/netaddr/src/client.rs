use std::net::{IpAddr, SocketAddr};

/// A client's address from `address`, `address:port`, `[address]` or `[address]:port`, in canonical form: an IPv4-mapped IPv6
/// address (RFC 4291 section 2.5.5.2) is its IPv4 address.
///
/// None for anything else, and for what names nobody: an address with a zone, which means something on one machine only, and
/// the unspecified address, which stands where a call never crossed a network.
pub fn client_address(text: &str) -> Option<IpAddr> {
    if text.contains('%') {
        return None;
    }
    let address = match text.parse::<SocketAddr>() {
        Ok(socket) => socket.ip(),
        Err(_) => match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(v6) => IpAddr::V6(v6.parse().ok()?),
            None => text.parse().ok()?,
        },
    };
    let address = address.to_canonical();
    (!address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n5_spellings_of_one_address_are_equal() {
        let expected = client_address("203.0.113.7:1234");
        assert_eq!(expected, Some(IpAddr::from([203, 0, 113, 7])));
        for text in [
            "203.0.113.7",
            "[::ffff:203.0.113.7]:9",
            "[::ffff:203.0.113.7]",
            "::ffff:203.0.113.7",
            "[::ffff:cb00:7107]:1",
        ] {
            assert_eq!(client_address(text), expected, "{text}");
        }
        assert_eq!(client_address("[2001:DB8::1]:1"), client_address("2001:db8:0:0::1"));
    }

    #[test]
    fn n8_junk_is_no_address() {
        for text in [
            "",
            "unknown",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4, 5.6.7.8",
            "1.2.3.4:99999",
            "[1.2.3.4]",
            "[::1",
            "example.com:80",
            "0.0.0.0:0",
            "::",
        ] {
            assert_eq!(client_address(text), None, "{text}");
        }
    }

    #[test]
    fn n5_zones_are_refused() {
        for text in ["fe80::1%eth0", "fe80::1%1", "[fe80::1%1]:80", "[fe80::1%1]"] {
            assert_eq!(client_address(text), None, "{text}");
        }
    }
}
