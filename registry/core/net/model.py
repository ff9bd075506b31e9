"""Which IP addresses are public, and the outcomes of a request. Pure."""

from __future__ import annotations

import ipaddress
from typing import Final, Literal

Outcome = Literal[
    "delivered",
    "refused",
    "gone",
    "redirected",
    "timed_out",
    "broken",
    "unreachable",
    "tls_failed",
    "address_refused",
    "unknown_name",
]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_REFUSED: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        # These ranges embed an IPv4 address, which may be any address.
        "::/96",  # IPv4-compatible, RFC 4291
        "::ffff:0:0/96",  # IPv4-mapped, likewise
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 of one network, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "192.88.99.0/24",  # the relays of 6to4
        "168.63.129.16/32",  # a cloud's own host in a formally public range
        "fec0::/10",  # site-local, RFC 3879
    )
)


def is_public(address: str | Address) -> bool:
    """Whether an address is public. Not public are private, loopback, link-local (including cloud metadata
    services), shared (CGNAT), multicast and reserved addresses, and ranges that can embed one of these."""
    try:
        ip = ipaddress.ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return not any(ip.version == network.version and ip in network for network in _REFUSED)
