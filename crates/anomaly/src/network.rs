//! Networks that a client was not seen in before.

use crate::{Name, Signal};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Networks that are remembered.
const MOST: usize = 32;
/// Milliseconds after which a network is forgotten: 90 days.
const MEMORY: u64 = 90 * 86_400_000;
/// Milliseconds that a client is watched before one of its networks is unusual: 3 days.
const LEARNING: u64 = 3 * 86_400_000;
/// Milliseconds that a network stays new: an hour.
const NEW: u64 = 3_600_000;

/// The networks of a client: text, first and last time.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Networks(Vec<(String, u64, u64)>);

impl Networks {
    /// Takes a request from an address at `at`, in Unix milliseconds.
    pub fn observe(&mut self, address: IpAddr, at: u64) {
        let network = network(address);
        self.0.retain(|(_, _, last)| at.saturating_sub(*last) < MEMORY);
        if let Some((_, _, last)) = self.0.iter_mut().find(|(known, _, _)| *known == network) {
            *last = at.max(*last);
            return;
        }
        if self.0.len() >= MOST {
            // The one that was not seen for longest.
            self.0.sort_by_key(|(_, _, last)| std::cmp::Reverse(*last));
            self.0.truncate(MOST - 1);
        }
        self.0.push((network, at, at));
    }

    /// What is new at `at`, for a client that is known since `since`.
    pub fn signal(&self, since: u64, at: u64) -> Option<Signal> {
        let is_new = |first: u64| at.saturating_sub(first) < NEW && first.saturating_sub(since) >= LEARNING;
        let fresh: Vec<&str> = self
            .0
            .iter()
            .filter(|(_, first, _)| is_new(*first))
            .map(|(network, _, _)| network.as_str())
            .collect();
        let known = self.0.len() - fresh.len();
        let (first, count) = (fresh.first()?, u32::try_from(fresh.len()).ok()?);
        Some(Signal {
            name: Name::UnusualNetwork,
            points: (20 + 10 * count).min(60),
            words: match count {
                1 => format!("first seen in the network {first}, after {known} others in 90 days"),
                _ => format!(
                    "first seen in {count} networks within an hour, {first} among them, after {known} others in 90 days"
                ),
            },
        })
    }
}

/// The network that an address counts as: /24 of IPv4, /48 of IPv6, about the size of one site.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    fn seen(addresses: &[(&str, u64)]) -> Networks {
        let mut networks = Networks::default();
        addresses
            .iter()
            .for_each(|(address, at)| networks.observe(address.parse().unwrap(), *at));
        networks
    }

    #[test]
    fn a4_a_new_network_is_unusual_for_an_hour_after_the_client_is_known() {
        let networks = seen(&[("203.0.113.7", 0), ("198.51.100.9", 4 * DAY)]);
        let signal = networks.signal(0, 4 * DAY).unwrap();
        assert_eq!(signal.points, 30);
        assert_eq!(
            signal.words,
            "first seen in the network 198.51.100.0/24, after 1 others in 90 days"
        );
        assert_eq!(networks.signal(0, 4 * DAY + NEW), None);
        assert_eq!(
            seen(&[("203.0.113.7", 0), ("203.0.113.99", 4 * DAY)]).signal(0, 4 * DAY),
            None
        );
    }

    #[test]
    fn a_client_that_is_new_itself_is_not_unusual() {
        assert_eq!(
            seen(&[("203.0.113.7", 0), ("198.51.100.9", LEARNING - 1)]).signal(0, LEARNING - 1),
            None
        );
    }

    #[test]
    fn a4_many_new_networks_count_more_up_to_a_bound() {
        let mut networks = seen(&[("203.0.113.7", 0)]);
        (0..100).for_each(|i| networks.observe(IpAddr::from([10, 0, i, 1]), 4 * DAY));
        assert_eq!(networks.signal(0, 4 * DAY).unwrap().points, 60);
        assert_eq!(networks.0.len(), MOST);
    }

    #[test]
    fn spellings_of_an_address_are_one_network() {
        assert_eq!(network("::ffff:203.0.113.7".parse().unwrap()), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2::5".parse().unwrap()), "2001:db8:1::/48");
    }
}
