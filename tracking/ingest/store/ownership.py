"""Whose client address it is: longest matching prefix of the registry."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple


class Owner(NamedTuple):
    """The ids of a ClientNetwork and its Customer; 0 when the address belongs to nobody."""

    network_id: int
    customer_id: int


NOBODY = Owner(0, 0)
_MAX_KNOWN = 100_000


class NetworkTable:
    """All registered networks in memory; a look-up costs one step for each prefix length."""

    def __init__(self, rows: list[tuple[str, int, int]]) -> None:
        self.rows = rows
        self.by_length: dict[int, dict[int, dict[int, Owner]]] = {4: {}, 6: {}}
        for cidr, network_id, customer_id in rows:
            network = ipaddress.ip_network(cidr, strict=False)
            table = self.by_length[network.version].setdefault(network.prefixlen, {})
            table[int(network.network_address)] = Owner(network_id, customer_id)
        self.lengths = {v: sorted(t, reverse=True) for v, t in self.by_length.items()}
        self.known: dict[str, Owner] = {}

    def reload(self, cursor: Any) -> NetworkTable:
        """Read the registry, a few thousand rows; this table when nothing has changed."""
        cursor.execute("SELECT network::text, id, customer_id FROM tracking_clientnetwork")
        rows = cursor.fetchall()
        return self if rows == self.rows else NetworkTable(rows)

    def owner(self, client_ip: str) -> Owner:
        """The owner by longest match; an invalid address belongs to nobody."""
        found = self.known.get(client_ip)
        if found is None:
            if len(self.known) > _MAX_KNOWN:
                self.known.clear()
            found = self.known[client_ip] = self._find(client_ip)
        return found

    def _find(self, client_ip: str) -> Owner:
        try:
            address = ipaddress.ip_address(client_ip)
        except ValueError:
            return NOBODY
        bits, value = address.max_prefixlen, int(address)
        for length in self.lengths[address.version]:
            base = value >> (bits - length) << (bits - length)
            owner = self.by_length[address.version][length].get(base)
            if owner is not None:
                return owner
        return NOBODY


def clean_ip(value: str) -> str:
    """An address in the form PostgreSQL takes, or "" when it is none (``unknown``)."""
    if not value:
        return ""
    known = _clean.get(value)
    if known is None:
        if len(_clean) > _MAX_KNOWN:
            _clean.clear()
        try:
            address = ipaddress.ip_address(value.split("%", 1)[0])
        except ValueError:
            known = ""
        else:
            mapped = getattr(address, "ipv4_mapped", None)
            known = str(mapped or address)
        _clean[value] = known
    return known


_clean: dict[str, str] = {}
