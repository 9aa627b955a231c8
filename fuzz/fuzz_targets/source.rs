//! Sources, hosts, rules and networks. A source's URL says the same, or is refused where it holds an encoded percent sign.
#![no_main]
use libfuzzer_sys::fuzz_target;
use netaddr::{Cidr, DomainRule, Host, Source, client_address, referer_origin};

fuzz_target!(|text: &str| {
    let loopback = Source::parse_origin("http://127.0.0.1:8081").expect("an origin");
    if let Ok(source) = Source::parse(text, Some(&loopback)) {
        match Source::parse(&source.url(), Some(&loopback)) {
            Ok(again) => assert_eq!(again, source, "{text:?}"),
            Err(_) => assert!(source.url().contains("%25"), "{text:?}"),
        }
    }
    let _ = (Host::parse(text), DomainRule::parse(text), referer_origin(text), Cidr::parse(text), client_address(text));
});
