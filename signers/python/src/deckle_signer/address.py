"""Addresses that a URL can be bound to."""

import ipaddress
import re


def address(value: object) -> str:
    """An address or a network in its one spelling.

    IPv4 is without leading zeros and IPv6 as in RFC 5952; ``::ffff:a.b.c.d`` is the IPv4 address that it is, and a network of
    one address is without its prefix; the bits behind a prefix are set to zero, so that ``f"{address}/64"`` means the
    caller's network.
    """
    wrong = (
        "ip must be an IPv4 or IPv6 address, or one with a prefix such as 203.0.113.0/24 or 2001:db8::/64, "
        "without port or zone."
    )
    if not isinstance(value, str):
        raise TypeError(wrong)
    parts = re.fullmatch(r"([0-9a-fA-F.:]+)(?:/([1-9][0-9]{0,2}))?", value)
    if parts is None:
        raise ValueError(wrong)
    text, prefix = parts.groups()
    try:
        plain = ipaddress.ip_address(text)
        mapped = plain.ipv4_mapped if isinstance(plain, ipaddress.IPv6Address) else None
        if prefix is None:
            return str(mapped or plain)
        # The prefix of a mapped address counts its 96 leading bits as well: there is no such network to bind to.
        if mapped is not None:
            raise ValueError
        network = ipaddress.ip_network(f"{plain}/{prefix}", strict=False)
        return str(network.network_address if network.num_addresses == 1 else network)
    except ValueError:
        raise ValueError(wrong) from None
