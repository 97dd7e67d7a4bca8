"""Which network lies in which: the longest prefix that contains an address wins."""

from __future__ import annotations

from collections.abc import Iterable

from tracking.registry.checking import Network


def enclosing(networks: Iterable[Network]) -> dict[Network, Network | None]:
    """The next wider of these networks around each, None where there is none.

    Sorted by address and length, the networks around one are those begun before it that have not
    ended: n log n steps however they nest.
    """
    found: dict[Network, Network | None] = {}
    around: list[Network] = []
    for network in sorted(set(networks), key=_place):
        while around and not _contains(around[-1], network):
            around.pop()
        found[network] = around[-1] if around else None
        around.append(network)
    return found


def _place(network: Network) -> tuple[int, int, int]:
    return network.version, int(network.network_address), network.prefixlen


def _contains(outer: Network, inner: Network) -> bool:
    if outer.version != inner.version:
        return False
    first, size = int(outer.network_address), outer.num_addresses
    return first <= int(inner.network_address) < first + size
