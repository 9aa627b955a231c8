use crate::{Cidr, CidrError};
use std::net::IpAddr;

/// An entry of an address allow list, as an operator writes it: an address or a network.
///
/// `10.0.0.5/8` plainly means the network around the address, so it is read as `10.0.0.0/8`; whoever reads the list should
/// say so, because the author may have meant the one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRule {
    network: Cidr,
    normalised: bool,
}

impl AddressRule {
    /// Parses an entry. `everyone` permits a prefix of 0, which turns a list into no list.
    pub fn parse(text: &str, everyone: bool) -> Result<Self, CidrError> {
        let (network, normalised) = Cidr::read(text)?;
        if network.prefix() == 0 && !everyone {
            return Err(CidrError::Everyone);
        }
        Ok(Self { network, normalised })
    }

    /// The network that the entry admits.
    pub fn network(&self) -> Cidr {
        self.network
    }

    /// Whether bits beyond the prefix were cleared: worth a warning to the author.
    pub fn normalised(&self) -> bool {
        self.normalised
    }

    /// Whether the entry admits the address.
    pub fn matches(&self, address: IpAddr) -> bool {
        self.network.contains(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn n7_host_bits_are_cleared_and_said_to_be() {
        let rule = AddressRule::parse("10.0.0.5/8", false).unwrap();
        assert!(rule.normalised());
        assert_eq!(rule.network(), Cidr::parse("10.0.0.0/8").unwrap());
        assert!(rule.matches(ip("10.255.0.1")) && rule.matches(ip("::ffff:10.1.2.3")));
        assert!(!rule.matches(ip("11.0.0.1")));
        assert!(!AddressRule::parse("10.0.0.5", false).unwrap().normalised());
        assert!(!AddressRule::parse("2001:db8::/48", false).unwrap().normalised());
    }

    #[test]
    fn n7_everyone_must_be_asked_for() {
        for text in ["0.0.0.0/0", "::/0", "10.0.0.5/0", "::ffff:0:0/96"] {
            assert_eq!(AddressRule::parse(text, false), Err(CidrError::Everyone), "{text}");
            assert!(AddressRule::parse(text, true).is_ok(), "{text}");
        }
        let everyone = AddressRule::parse("0.0.0.0/0", true).unwrap();
        assert!(everyone.matches(ip("203.0.113.7")));
        assert!(!everyone.matches(ip("2001:db8::1")), "one family is not the other");
        assert!(AddressRule::parse("::/0", true).unwrap().matches(ip("2001:db8::1")));
    }

    #[test]
    fn n7_leading_zeros_are_refused() {
        for text in ["010.0.0.1", "10.0.0.0/08"] {
            assert!(AddressRule::parse(text, true).is_err(), "{text}");
        }
    }
}
