use std::fmt;
use std::net::IpAddr;

/// A network: the addresses that share a prefix (RFC 4632, RFC 4291 section 2.3). A bare address is a network of one.
///
/// There is one value and one text per network: no bits beyond the prefix, IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2) kept
/// as IPv4, a network of one written without its prefix, IPv6 written as RFC 5952 asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// Not an address: a name, a zone id, a leading zero in an octet, a port.
    #[error("a network starts with an IPv4 or IPv6 address in plain decimal or hexadecimal, without zone and port")]
    Address,
    /// The prefix is not a canonical number within the address's length.
    #[error("a prefix is a number from 0 to 32 (IPv4) or 128 (IPv6) without leading zeros")]
    Prefix,
    /// Bits are set beyond the prefix, so that the text says less than its author thinks.
    #[error("the address has bits set beyond its prefix")]
    HostBits,
    /// A prefix of 0: every address there is.
    #[error("a prefix of 0 admits everyone, and must be allowed explicitly")]
    Everyone,
}

impl Cidr {
    /// Parses `203.0.113.7`, `203.0.113.0/24`, `2001:db8::1` or `2001:db8::/48`. Host bits and a prefix of 0 are refused.
    pub fn parse(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        // The standard parser refuses leading zeros, which some readers take for octal, and zone ids.
        let written: IpAddr = address.parse().map_err(|_| CidrError::Address)?;
        let address = written.to_canonical();
        let prefix = match prefix {
            Some(prefix) => parse_prefix(prefix, written, address)?,
            None => bits(address),
        };
        match masked(address, prefix) {
            None => Err(CidrError::Prefix),
            Some(network) if network != address => Err(CidrError::HostBits),
            Some(_) if prefix == 0 => Err(CidrError::Everyone),
            Some(address) => Ok(Self { address, prefix }),
        }
    }

    /// Parses a list of networks, which commas or spaces separate; an empty text is an empty list.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, CidrError> {
        let networks = text.split([',', ' ']).filter(|network| !network.is_empty());
        networks.map(Self::parse).collect()
    }

    /// Whether `address`, in any of its forms, lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        masked(address.to_canonical(), self.prefix) == Some(self.address)
    }

    /// The single address of a network of one; none for a larger one.
    pub fn single(&self) -> Option<IpAddr> {
        (self.prefix == bits(self.address)).then_some(self.address)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(address) => write!(f, "{address}"),
            None => write!(f, "{}/{}", self.address, self.prefix),
        }
    }
}

/// Bits in an address of this family.
pub(crate) fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address with every bit beyond `prefix` cleared; none where the prefix is longer than the address.
pub(crate) fn masked(address: IpAddr, prefix: u8) -> Option<IpAddr> {
    let beyond = u32::from(bits(address).checked_sub(prefix)?);
    Some(match address {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(beyond).unwrap_or(0)).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(beyond).unwrap_or(0)).into()),
    })
}

/// The prefix in bits of the canonical address, which it may still exceed. `::ffff:10.0.0.0/104` counts the 96 bits that say
/// "IPv4".
fn parse_prefix(text: &str, written: IpAddr, address: IpAddr) -> Result<u8, CidrError> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let prefix: u8 = text.parse().ok().filter(|_| canonical).ok_or(CidrError::Prefix)?;
    prefix
        .checked_sub(bits(written) - bits(address))
        .ok_or(CidrError::Prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(|bytes| IpAddr::from(bytes).to_canonical()),
        ]
    }

    // N5, N7
    #[test]
    fn one_text_per_network() {
        for (text, canonical) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("2001:DB8:0:0::1", "2001:db8::1"),
            ("2001:db8::/48", "2001:db8::/48"),
            ("2001:db8::1/128", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::ffff:cb00:7107", "203.0.113.7"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(Cidr::parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    // N7
    #[test]
    fn n7_refusals() {
        for (text, reason) in [
            ("10.0.0.5/8", CidrError::HostBits),
            ("2001:db8::1/48", CidrError::HostBits),
            ("0.0.0.0/0", CidrError::Everyone),
            ("::/0", CidrError::Everyone),
            ("::ffff:0:0/96", CidrError::Everyone),
            ("::ffff:0:0/95", CidrError::Prefix),
            ("010.0.0.1", CidrError::Address),
            ("10.0.0.01/32", CidrError::Address),
            ("0x0a.0.0.1", CidrError::Address),
            ("10.1", CidrError::Address),
            ("fe80::1%eth0", CidrError::Address),
            ("fe80::1%1/64", CidrError::Address),
            ("[::1]", CidrError::Address),
            ("10.0.0.1:80", CidrError::Address),
            ("example.com", CidrError::Address),
            (" 10.0.0.1", CidrError::Address),
            ("", CidrError::Address),
            ("/8", CidrError::Address),
            ("10.0.0.0/", CidrError::Prefix),
            ("10.0.0.0/33", CidrError::Prefix),
            ("10.0.0.0/08", CidrError::Prefix),
            ("10.0.0.0/+8", CidrError::Prefix),
            ("10.0.0.0/8/8", CidrError::Prefix),
            ("10.0.0.0/255.0.0.0", CidrError::Prefix),
            ("2001:db8::/129", CidrError::Prefix),
            ("::ffff:10.0.0.1/129", CidrError::Prefix),
            ("2001:db8::/256", CidrError::Prefix),
        ] {
            assert_eq!(Cidr::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn containment_does_not_cross_families() {
        let v4 = Cidr::parse("203.0.113.0/24").unwrap();
        assert!(v4.contains("203.0.113.255".parse().unwrap()));
        assert!(v4.contains("::ffff:203.0.113.1".parse().unwrap()));
        assert!(!v4.contains("203.0.114.0".parse().unwrap()));
        assert!(!v4.contains("cb00:7100::".parse().unwrap()));
        let low = Cidr::parse("::/1").unwrap();
        assert!(!low.contains("203.0.113.1".parse().unwrap()));
        assert!(!low.contains("::ffff:203.0.113.1".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn the_text_reads_back(address in address(), prefix in 1u8..=128) {
            let prefix = 1 + (prefix - 1) % bits(address);
            let network = Cidr { address: masked(address, prefix).unwrap(), prefix };
            prop_assert_eq!(Cidr::parse(&network.to_string()), Ok(network));
        }

        #[test]
        fn membership_is_agreement_on_the_prefix(a in address(), b in address(), prefix in 1u8..=128, flip in 0u8..128) {
            let prefix = 1 + (prefix - 1) % bits(a);
            let network = Cidr { address: masked(a, prefix).unwrap(), prefix };
            prop_assert!(network.contains(a));
            let flip = flip % bits(a);
            let flipped = match a {
                IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() ^ (1 << (31 - flip))).into()),
                IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() ^ (1 << (127 - flip))).into()),
            };
            prop_assert_eq!(network.contains(flipped), flip >= prefix);
            let agree = bits(a) == bits(b) && masked(a, prefix) == masked(b, prefix);
            prop_assert_eq!(network.contains(b), agree);
        }

        #[test]
        fn hostile_text_is_an_error_never_a_panic(text in "[0-9a-fx:./% ]{0,24}|.{0,24}") {
            if let Ok(network) = Cidr::parse(&text) {
                prop_assert_eq!(Cidr::parse(&network.to_string()), Ok(network));
                prop_assert!(network.prefix > 0);
            }
        }
    }
}
