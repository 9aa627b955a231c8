//! Sources, hosts, rules and networks. A source that parses has a URL that parses to itself.
#![no_main]
use libfuzzer_sys::fuzz_target;
use netaddr::{Cidr, DomainRule, Host, Source, client_address, referer_origin};

fuzz_target!(|text: &str| {
    let loopback = Source::parse_origin("http://127.0.0.1:8081").expect("an origin");
    if let Ok(source) = Source::parse(text, Some(&loopback)) {
        let again = Source::parse(&source.url(), Some(&loopback)).expect("a source's URL parses");
        assert_eq!(again, source, "{text:?}");
    }
    let _ = (Host::parse(text), DomainRule::parse(text), referer_origin(text), Cidr::parse(text), client_address(text));
});
