use std::net::{IpAddr, SocketAddr};

/// The client's address from what the host says of its peer (`ip:port`, or a bare address), in canonical form:
/// an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) is its IPv4 address.
pub fn client_address(peer: &str) -> Option<IpAddr> {
    let address = match peer.parse::<SocketAddr>() {
        Ok(socket) => socket.ip(),
        Err(_) => peer.parse().ok()?,
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let expected = client_address("203.0.113.7:1234");
        assert_eq!(expected, Some(IpAddr::from([203, 0, 113, 7])));
        for text in [
            "203.0.113.7",
            "[::ffff:203.0.113.7]:9",
            "::ffff:203.0.113.7",
            "[::ffff:cb00:7107]:1",
        ] {
            assert_eq!(client_address(text), expected, "{text}");
        }
        assert_eq!(client_address("[2001:DB8::1]:1"), client_address("2001:db8:0:0::1"));
    }

    #[test]
    fn junk_is_no_address() {
        for text in [
            "",
            "unknown",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4, 5.6.7.8",
            "::1%zone",
            "example.com:80",
        ] {
            assert_eq!(client_address(text), None, "{text}");
        }
    }
}
