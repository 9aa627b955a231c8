use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet, by the special-purpose registries of IANA (RFC 6890 and its
/// successors). Everything else is refused as a destination: the guest chooses URLs, and must not reach the host's own network.
pub fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..] => true,                  // this network, private, loopback
        [100, 64..=127, ..] => true,                 // shared by carriers, RFC 6598
        [169, 254, ..] => true,                      // link-local, with the metadata services
        [172, 16..=31, ..] | [192, 168, ..] => true, // private, RFC 1918
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => true, // protocol assignments, documentation
        [192, 88, 99, _] => true,                    // former 6to4 relays, RFC 7526
        [198, 18 | 19, ..] => true,                  // benchmarks, RFC 2544
        [224..=255, ..] => true,                     // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return public_v4(mapped);
    }
    match address.segments() {
        [0x2001, 0..=0x01ff, ..] => false, // protocol assignments with Teredo, RFC 2928
        [0x2001, 0x0db8, ..] => false,     // documentation
        [0x2002, ..] => false,             // 6to4 carries an IPv4 address of the sender's choice
        [0x3fff, 0..=0x0fff, ..] => false, // documentation, RFC 9637
        // Only 2000::/3 is assigned for global unicast: this leaves out loopback, local, NAT64 and multicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
        ] {
            assert!(!public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn ordinary_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(public(text.parse().unwrap()), "{text}");
        }
    }
}
