"""The ids that rows refer to, as a thread that ingests knows them between segments."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracking.ingest.store.copying import NULL, forget_partitions, reference
from tracking.ingest.store.dictionaries import (
    AddressDictionary,
    Dictionary,
    clean_address,
    clean_name,
)
from tracking.ingest.store.ownership import NetworkTable


@dataclass(slots=True)
class Lookup:
    """Ids of texts, relays and networks; ``rows.prepare`` must have seen every text first."""

    networks: NetworkTable
    addresses: AddressDictionary = field(default_factory=AddressDictionary)
    names: Dictionary = field(default_factory=lambda: Dictionary("tracking_name", "name"))
    replies: Dictionary = field(default_factory=lambda: Dictionary("tracking_reply", "template"))
    relays: dict[str, tuple[int, str]] = field(default_factory=dict)
    short_names: set[str] = field(default_factory=set)

    def address(self, value: str | None) -> bytes:
        """The id of an address as a COPY field."""
        if value is None:
            return NULL
        known = self.addresses.known
        return reference(known.get(value) or known[clean_address(value)])

    def name(self, value: str) -> bytes:
        """The id of a name as a COPY field."""
        if not value:
            return NULL
        known = self.names.known
        return reference(known.get(value) or known[clean_name(value)])

    def reply(self, template: str) -> bytes:
        """The id of a reply's template as a COPY field."""
        return reference(self.replies.known[template]) if template else NULL

    def add_relays(self, cursor: Any, hosts: Iterable[str]) -> None:
        """Read the relays' roles again, and make relays of hosts that are new."""
        wanted = sorted({host[:255] for host in hosts})
        if wanted:
            cursor.execute(
                "INSERT INTO tracking_relay (name, role, note) "
                "SELECT name, 'other', '' FROM unnest(%s::text[]) AS name "
                "WHERE name NOT IN (SELECT name FROM tracking_relay) ON CONFLICT DO NOTHING",
                [wanted],
            )
        cursor.execute("SELECT name, id, role FROM tracking_relay")
        self.relays = {name: (relay_id, role) for name, relay_id, role in cursor.fetchall()}
        self.short_names = {name.partition(".")[0] for name in self.relays}


class _Kept(threading.local):
    """A Lookup for each thread: it holds ids of transactions that only that thread will commit."""

    lookup: Lookup | None = None


_kept = _Kept()


def current_lookup(cursor: Any) -> Lookup:
    """This thread's Lookup, with the registry as it is now."""
    lookup = _kept.lookup
    if lookup is None:
        lookup = _kept.lookup = Lookup(NetworkTable([]))
    lookup.networks = lookup.networks.reload(cursor)
    return lookup


def reset_caches() -> None:
    """Forget this thread's ids: after a transaction that failed, or with another database."""
    _kept.lookup = None
    forget_partitions()
