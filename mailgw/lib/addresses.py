"""Which IP addresses only a site's own network can use."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

# RFC 1918, 1122, 3927, 6598; 4291, 4193. Not ``is_private``, which also holds the addresses of
# documentation (RFC 5737): in a log they are somebody's.
_SITE_LOCAL = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"),
        *("100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
    )
)


@lru_cache(maxsize=16_384)
def is_site_local(address: str) -> bool:
    """False for what no IP address is."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in _SITE_LOCAL)
