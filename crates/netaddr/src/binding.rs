use crate::{Cidr, CidrError, cidr::masked};
use std::net::IpAddr;

/// How much of two addresses must agree for them to count as one client's.
///
/// Privacy extensions (RFC 8981) give one IPv6 client many addresses within a /64, so that is the default; an IPv4 client
/// has one, which it may share with others behind the same translator. Neither proves who someone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    v4_prefix: u8,
    v6_prefix: u8,
}

impl Default for Binding {
    fn default() -> Self {
        Self {
            v4_prefix: 32,
            v6_prefix: 64,
        }
    }
}

impl Binding {
    /// Prefixes in bits, 1 to 32 and 1 to 128. A prefix of 0 would bind to nothing.
    pub fn new(v4_prefix: u8, v6_prefix: u8) -> Result<Self, CidrError> {
        match (v4_prefix, v6_prefix) {
            (0, _) | (_, 0) => Err(CidrError::Everyone),
            (..=32, ..=128) => Ok(Self { v4_prefix, v6_prefix }),
            _ => Err(CidrError::Prefix),
        }
    }

    /// Whether two addresses, in any of their forms, agree on the prefix of their family. IPv4 and IPv6 never agree.
    pub fn same(&self, a: IpAddr, b: IpAddr) -> bool {
        self.network(a) == self.network(b)
    }

    /// The first address of the network that an address, in any of its forms, belongs to: the same for one client's addresses.
    pub fn network(&self, address: IpAddr) -> IpAddr {
        let address = address.to_canonical();
        let prefix = match address {
            IpAddr::V4(_) => self.v4_prefix,
            IpAddr::V6(_) => self.v6_prefix,
        };
        // A prefix is never longer than its family's addresses.
        masked(address, prefix).unwrap_or(address)
    }

    /// Whether `client` may use what is bound to `bound`: a single address is compared under the prefixes, a larger network
    /// is taken as it was written.
    pub fn admits(&self, bound: &Cidr, client: IpAddr) -> bool {
        match bound.single() {
            Some(address) => self.same(address, client),
            None => bound.contains(client),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(binding: Binding, a: &str, b: &str) -> bool {
        binding.same(a.parse().unwrap(), b.parse().unwrap())
    }

    #[test]
    fn n6_the_default_is_the_ipv4_address_and_the_ipv6_subnet() {
        let default = Binding::default();
        assert!(same(default, "203.0.113.7", "203.0.113.7"));
        assert!(!same(default, "203.0.113.7", "203.0.113.6"));
        assert!(same(default, "2001:db8:1:2::a", "2001:db8:1:2:ffff::b"));
        assert!(!same(default, "2001:db8:1:2::a", "2001:db8:1:3::a"));
    }

    #[test]
    fn n6_the_prefixes_can_be_set() {
        let wide = Binding::new(24, 48).unwrap();
        assert!(same(wide, "203.0.113.7", "203.0.113.200"));
        assert!(same(wide, "2001:db8:1:2::a", "2001:db8:1:3::a"));
        let exact = Binding::new(32, 128).unwrap();
        assert!(!same(exact, "2001:db8::1", "2001:db8::2"));
        for (v4, v6, reason) in [
            (0, 64, CidrError::Everyone),
            (32, 0, CidrError::Everyone),
            (33, 64, CidrError::Prefix),
            (32, 129, CidrError::Prefix),
        ] {
            assert_eq!(Binding::new(v4, v6), Err(reason));
        }
    }

    #[test]
    fn n5_spellings_of_one_address_agree_and_families_do_not() {
        let default = Binding::default();
        assert!(same(default, "::ffff:203.0.113.7", "203.0.113.7"));
        assert!(same(default, "203.0.113.7", "::ffff:cb00:7107"));
        assert!(same(default, "2001:DB8::1", "2001:db8:0:0::1"));
        assert!(!same(default, "::203.0.113.7", "203.0.113.7"));
        assert!(!same(Binding::new(1, 1).unwrap(), "0.0.0.1", "::1"));
    }

    #[test]
    fn a_network_is_taken_as_written() {
        let admits = |bound: &str, client: &str| {
            Binding::default().admits(&Cidr::parse(bound).unwrap(), client.parse().unwrap())
        };
        assert!(admits("2001:db8::1", "2001:db8::2"));
        assert!(admits("203.0.113.0/24", "203.0.113.9"));
        assert!(!admits("203.0.113.0/24", "203.0.114.9"));
        assert!(admits("2001:db8::10/124", "2001:db8::1f"));
        assert!(!admits("2001:db8::10/124", "2001:db8::20"));
    }

    proptest! {
        #[test]
        fn agreement_is_symmetric(a in any::<[u8; 16]>(), b in any::<[u8; 4]>(), keep in 0usize..=16, v6 in 1u8..=128) {
            let mut near = [0; 16];
            near[..keep].copy_from_slice(&a[..keep]);
            let binding = Binding::new(32, v6).unwrap();
            let (a, near, b) = (IpAddr::from(a), IpAddr::from(near), IpAddr::from(b));
            prop_assert!(binding.same(a, a));
            prop_assert_eq!(binding.same(a, near), binding.same(near, a));
            prop_assert_eq!(binding.same(a, b), binding.same(b, a));
        }
    }
}
