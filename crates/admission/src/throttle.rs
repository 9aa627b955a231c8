use crate::Window;
use netaddr::Binding;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Networks that a table remembers at most, a few megabytes. Whoever has more of them has as many times the limit anyway, and those
/// that are already counted stay counted.
const MAX_NETWORKS: usize = 65_536;

/// Failed authentications of each client's network (an IPv4 address, an IPv6 /64) in the current minute of the clock, in memory. A
/// network that reached the limit is refused until the minute ends, whatever it asks for: the signature is not even looked at.
///
/// It counts failures and not requests, so that many who share an address disturb each other only while one of them guesses.
/// Loopback addresses are not counted: what comes from one is a proxy that nobody said to trust, with everybody behind it.
///
/// It never writes, and it knows what one process saw: in an instance of a component that is little, in a host it is all.
#[derive(Debug, Default)]
pub struct Throttle {
    minute: u64,
    failures: BTreeMap<IpAddr, u32>,
}

impl Throttle {
    /// For how many seconds requests of this client are refused; none: they are not. A limit of 0 refuses nothing.
    pub fn refuses(&self, client: IpAddr, limit: u32, now: u64) -> Option<u64> {
        let network = Binding::default().network(client);
        let current = self.minute == Window::Minute.number(now);
        let failures = self.failures.get(&network).filter(|_| current);
        failures
            .is_some_and(|failures| limit > 0 && *failures >= limit)
            .then(|| Window::Minute.remaining(now))
    }

    /// Counts a failed authentication at `now` (Unix seconds).
    pub fn failed(&mut self, client: IpAddr, now: u64) {
        let network = Binding::default().network(client);
        if client.to_canonical().is_loopback() {
            return;
        }
        let minute = Window::Minute.number(now);
        if minute != self.minute {
            (self.minute, self.failures) = (minute, BTreeMap::new());
        }
        let room = self.failures.len() < MAX_NETWORKS;
        match self.failures.get_mut(&network) {
            Some(failures) => *failures = failures.saturating_add(1),
            None if room => drop(self.failures.insert(network, 1)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    const NOW: u64 = 1_700_000_020;

    fn network(number: u64) -> IpAddr {
        Ipv6Addr::from_bits(u128::from(number) << 64).into()
    }

    #[test]
    fn s9_failures_up_to_the_limit_are_heard_and_then_nothing_until_the_minute_ends() {
        let mut throttle = Throttle::default();
        for _ in 0..3 {
            assert_eq!(throttle.refuses(network(1), 3, NOW), None);
            throttle.failed(network(1), NOW);
        }
        assert_eq!(throttle.refuses(network(1), 3, NOW), Some(20));
        assert_eq!(throttle.refuses(network(1), 3, NOW + 19), Some(1));
        assert_eq!(throttle.refuses(network(1), 3, NOW + 20), None);
        assert_eq!(throttle.refuses(network(2), 3, NOW), None, "another network");
        assert_eq!(throttle.refuses(network(1), 4, NOW), None);
        assert_eq!(throttle.refuses(network(1), 0, NOW), None, "0 is off");
        throttle.failed(network(1), NOW + 20);
        assert_eq!(throttle.refuses(network(1), 3, NOW + 20), None, "a minute begins anew");
        assert_eq!(throttle.refuses(network(1), 1, NOW + 20), Some(60));
    }

    #[test]
    fn n6_a_network_is_one_client_and_loopback_is_none() {
        let refused = |failed: &[&str], asks: &str| {
            let mut throttle = Throttle::default();
            failed
                .iter()
                .for_each(|client| throttle.failed(client.parse().unwrap(), NOW));
            throttle.refuses(asks.parse().unwrap(), 2, NOW).is_some()
        };
        assert!(refused(&["2001:db8::1", "2001:db8::ffff:1"], "2001:db8:0:0:abcd::"));
        assert!(!refused(&["2001:db8::1", "2001:db8:0:1::1"], "2001:db8::1"));
        assert!(refused(&["203.0.113.7", "::ffff:203.0.113.7"], "203.0.113.7"));
        assert!(!refused(&["203.0.113.7", "203.0.113.8"], "203.0.113.7"));
        for loopback in ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "::1"] {
            assert!(!refused(&[loopback, loopback], loopback), "{loopback}");
        }
    }

    #[test]
    fn memory_is_bounded_and_a_flood_of_networks_frees_nobody() {
        let mut throttle = Throttle::default();
        throttle.failed(network(0), NOW);
        for number in 1..MAX_NETWORKS as u64 + 1000 {
            throttle.failed(network(number), NOW);
        }
        throttle.failed(network(0), NOW);
        assert_eq!(throttle.failures.len(), MAX_NETWORKS);
        assert_eq!(throttle.refuses(network(0), 2, NOW), Some(20));
        throttle.failed(network(0), NOW + 60);
        assert_eq!(throttle.failures.len(), 1);
    }
}
