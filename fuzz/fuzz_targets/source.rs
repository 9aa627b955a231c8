//! Sources, hosts, rules and networks. A source's URL says the same as the source. (It may be refused: encoding makes it
//! longer, and a lone percent sign becomes an encoded one.)
#![no_main]
use libfuzzer_sys::fuzz_target;
use netaddr::{Cidr, DomainRule, Host, Source, client_address, referer_origin};

fuzz_target!(|text: &str| {
    let loopback = Source::parse_origin("http://127.0.0.1:8081").expect("an origin");
    if let Ok(source) = Source::parse(text, Some(&loopback)) {
        if let Ok(again) = Source::parse(&source.url(), Some(&loopback)) {
            assert_eq!(again, source, "{text:?}");
        }
    }
    let _ = (Host::parse(text), DomainRule::parse(text), referer_origin(text), Cidr::parse(text), client_address(text));
});
