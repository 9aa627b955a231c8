use crate::{Cidr, client_address};
use std::net::IpAddr;

/// Entries of a forwarding chain that are looked at: longer chains do not occur, and each costs a search.
const MAX_HOPS: usize = 32;

/// The client's address where requests may come through proxies.
///
/// `peer` is whom the host says it talked to, and `forwarded` are the values of `X-Forwarded-For` in the order in which they
/// came. The header counts only where the peer is `trusted`: each proxy appends the address that it talked to, so entries are
/// true from the right as long as trusted proxies wrote them, and the first address that is not one of theirs is the
/// client. Everything left of it is what that client claims and is not looked at. Where only trusted addresses stand, the
/// leftmost began the request.
///
/// An entry that is not an address, or a chain of more than 32, gives no answer; the peer itself is the one thing known.
pub fn client_behind_proxies<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[Cidr],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.to_canonical();
    let mut client = peer;
    let entries = forwarded.rev().flat_map(|value| value.rsplit(|&byte| byte == b','));
    for (hops, entry) in entries.enumerate() {
        if !is_trusted(client) {
            return client;
        }
        let address = str::from_utf8(entry)
            .ok()
            .and_then(|entry| client_address(entry.trim_matches([' ', '\t'])));
        match address {
            Some(address) if hops < MAX_HOPS => client = address,
            _ => return peer,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, values: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<_> = trusted.iter().map(|text| Cidr::parse(text).unwrap()).collect();
        let values = values.iter().map(|value| value.as_bytes());
        client_behind_proxies(peer.parse().unwrap(), values, &trusted).to_string()
    }

    #[test]
    fn n2_without_trusted_proxies_the_header_is_ignored() {
        assert_eq!(client("203.0.113.7", &["192.0.2.1"], &[]), "203.0.113.7");
        assert_eq!(client("203.0.113.7", &["192.0.2.1"], &["10.0.0.0/8"]), "203.0.113.7");
        assert_eq!(
            client("::ffff:203.0.113.7", &["192.0.2.1"], &["10.0.0.0/8"]),
            "203.0.113.7"
        );
        assert_eq!(
            client("203.0.113.7", &["203.0.113.7", "192.0.2.1"], &["192.0.2.1"]),
            "203.0.113.7"
        );
    }

    #[test]
    fn n3_the_first_untrusted_address_from_the_right_is_the_client() {
        let trusted = ["10.0.0.0/8", "2001:db8:ffff::/48"];
        for values in [
            &["192.0.2.66, 203.0.113.7"][..],
            &["192.0.2.66", "203.0.113.7"],
            &["192.0.2.66,203.0.113.7,10.0.0.9"],
            &["junk, 203.0.113.7 ,\t10.0.0.9", "10.1.2.3"],
            &["203.0.113.7", "[2001:db8:ffff::1]:443"],
            &["203.0.113.7:51000"],
            &["::ffff:203.0.113.7"],
            &["[::ffff:203.0.113.7]:1, 2001:DB8:FFFF::2"],
        ] {
            assert_eq!(client(PROXY, values, &trusted), "203.0.113.7", "{values:?}");
        }
        assert_eq!(client(PROXY, &["[2001:db8::1]"], &trusted), "2001:db8::1");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.7"], &trusted), "203.0.113.7");
    }

    #[test]
    fn n3_junk_stops_the_walk_at_the_peer() {
        for values in [
            &["unknown"][..],
            &[""],
            &["203.0.113.7,"],
            &["203.0.113.7,,10.0.0.9"],
            &["203.0.113.7", ""],
            &["203.0.113.7, _hidden, 10.0.0.9"],
            &["203.0.113.7 192.0.2.1"],
            &["\"203.0.113.7\""],
            &["fe80::1%eth0"],
            &["[fe80::1%1]:443"],
            &["010.0.0.1"],
            &["0.0.0.0"],
            &["203.0.113.7;10.0.0.9"],
            &["20３.0.113.7"],
        ] {
            assert_eq!(client(PROXY, values, &["10.0.0.0/8"]), PROXY, "{values:?}");
        }
        let trusted = [Cidr::parse(PROXY).unwrap()];
        let values = [&b"203.0.113.7\xff"[..]].into_iter();
        let peer = PROXY.parse().unwrap();
        assert_eq!(client_behind_proxies(peer, values, &trusted), peer);
    }

    #[test]
    fn n3_thirty_two_entries_are_looked_at() {
        let trusted = ["10.0.0.0/8"];
        let chain = |proxies: usize| format!("203.0.113.7{}", ", 10.0.0.9".repeat(proxies));
        assert_eq!(client(PROXY, &[&chain(31)], &trusted), "203.0.113.7");
        assert_eq!(client(PROXY, &[&chain(32)], &trusted), PROXY);
        assert_eq!(client(PROXY, &[&chain(100)], &trusted), PROXY);
        let claims = format!("{}203.0.113.7", "192.0.2.66, ".repeat(100));
        assert_eq!(client(PROXY, &[&claims], &trusted), "203.0.113.7");
    }

    #[test]
    fn a_request_of_a_trusted_machine_is_its_own() {
        assert_eq!(client(PROXY, &[], &["10.0.0.0/8"]), PROXY);
        assert_eq!(client(PROXY, &["10.7.7.7, 10.0.0.9"], &["10.0.0.0/8"]), "10.7.7.7");
    }

    proptest! {
        // N3: whatever a client sends ahead of what the proxy appends changes nothing.
        #[test]
        fn claims_change_nothing(claims in proptest::collection::vec("[0-9a-f:., ]{0,30}|.{0,30}", 0..5)) {
            let mut values: Vec<&str> = claims.iter().map(String::as_str).collect();
            values.push("203.0.113.7");
            prop_assert_eq!(client(PROXY, &values, &["10.0.0.0/8"]), "203.0.113.7");
            let joined = values.join(",");
            prop_assert_eq!(client(PROXY, &[&joined], &["10.0.0.0/8"]), "203.0.113.7");
        }

        // N2: an untrusted peer is the client.
        #[test]
        fn an_untrusted_peer_is_the_client(values in proptest::collection::vec(".{0,40}", 0..4)) {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            prop_assert_eq!(client("203.0.113.7", &values, &["10.0.0.0/8"]), "203.0.113.7");
        }
    }
}
