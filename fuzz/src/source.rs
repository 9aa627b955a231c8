//! Sources, object keys, hosts, rules and networks. A source's URL says the same as the source. (It may be refused: encoding makes it
//! longer, and a lone percent sign becomes an encoded one.)

use netaddr::{Cidr, DomainRule, Host, NamedSource, Source, client_address, client_behind_proxies, referer_origin};
use std::net::{IpAddr, Ipv4Addr};

/// Parses `input` as each of them.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let loopback = [Source::parse_origin("http://127.0.0.1:8081").expect("an origin")];
    if let Ok(source) = Source::parse(&text, &loopback)
        && let Ok(again) = Source::parse(&source.url(), &loopback)
    {
        assert_eq!(again, source, "{text:?}");
    }
    let _ = (
        NamedSource::parse(&text),
        Host::parse(&text),
        DomainRule::parse(&text),
        referer_origin(&text),
        client_address(&text),
    );
    if let Ok(key) = objectstore::ObjectKey::parse("o/", &text) {
        let plain = |segment: &str| !matches!(segment, "" | "." | "..");
        assert!(
            key.encoded().starts_with("o/") && key.encoded().split('/').all(plain),
            "{text:?}"
        );
    }
    if let Ok(network) = Cidr::parse(&text) {
        let again = Cidr::parse(&network.to_string()).expect("a canonical network");
        assert_eq!(again, network, "{text:?}");
    }
    // Nobody outside a trusted network becomes somebody else by what is forwarded.
    let (inside, outside) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(203, 0, 113, 7));
    let trusted = [Cidr::parse("10.0.0.0/8").expect("a network")];
    let lines = || input.split(|byte| *byte == b'\n');
    assert_eq!(
        client_behind_proxies(IpAddr::V4(outside), lines(), &trusted),
        IpAddr::V4(outside)
    );
    let _ = client_behind_proxies(IpAddr::V4(inside), lines(), &trusted);
}
