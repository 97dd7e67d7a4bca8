"""Whose mail it was, by the registry as it is now: for mail that was read under another one.

Ingest gives each Message and Rejection the network and the customer of its client, and a
direction that depends on them and on the relay's role. This does the same again for an hour. What
the rows do not tell any more (which agent delivered) is read from the relay's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction

from mailgw.lib.addresses import is_site_local
from tracking.choices import Direction
from tracking.ingest.pipeline import STORE_LOCK
from tracking.ingest.store.directions import direction_by
from tracking.ingest.store.ownership import NOBODY, NetworkTable, Owner, clean_ip

_BOUNDS = "received_at >= %(since)s AND received_at < %(until)s"
_CLIENTS = f"""
SELECT DISTINCT host(client_ip), coalesce(network_id, 0), coalesce(customer_id, 0)
FROM tracking_rejection WHERE {_BOUNDS} AND client_ip IS NOT NULL
"""
_MAIL = f"""
SELECT m.id, m.received_at, coalesce(host(m.client_ip), ''), coalesce(m.network_id, 0),
       coalesce(m.customer_id, 0), m.direction, m.sasl_user_id IS NOT NULL, r.role
FROM tracking_message m JOIN tracking_relay r ON r.id = m.relay_id WHERE {_BOUNDS}
"""
# How the first Hop passed a mail on, and whether a filter judged it there.
_WAYS = f"""
SELECT d.message_id, array_agg(coalesce(n.name, '')),
       bool_or(coalesce(p.template, '') || d.reply_words LIKE '%%MTA(%%'),
       EXISTS (SELECT 1 FROM tracking_filterverdict v WHERE v.message_id = d.message_id
               AND v.hop_id = d.message_id AND v.{_BOUNDS.replace("AND ", "AND v.")})
FROM tracking_delivery d
LEFT JOIN tracking_name n ON n.id = d.relay_name_id
LEFT JOIN tracking_reply p ON p.id = d.reply_id
WHERE d.{_BOUNDS.replace("AND ", "AND d.")} AND d.message_id = ANY(%(ids)s)
  AND d.hop_id = d.message_id
GROUP BY d.message_id
"""
# A row that ingest wrote meanwhile has the registry of now already.
_CHANGE = f"""
UPDATE tracking_message m
SET network_id = nullif(c.network_id, 0), customer_id = nullif(c.customer_id, 0),
    direction = c.direction
FROM unnest(%(ids)s::bigint[], %(networks)s::integer[], %(customers)s::integer[],
            %(directions)s::smallint[], %(were)s::smallint[])
     AS c (id, network_id, customer_id, direction, was)
WHERE m.id = c.id AND m.direction = c.was AND m.{_BOUNDS.replace("AND ", "AND m.")}
"""
_CHANGE_REJECTIONS = f"""
UPDATE tracking_rejection r
SET network_id = nullif(c.network_id, 0), customer_id = nullif(c.customer_id, 0)
FROM unnest(%(clients)s::inet[], %(networks)s::integer[], %(customers)s::integer[])
     AS c (client_ip, network_id, customer_id)
WHERE r.client_ip = c.client_ip AND r.{_BOUNDS.replace("AND ", "AND r.")}
  AND (coalesce(r.network_id, 0), coalesce(r.customer_id, 0))
      IS DISTINCT FROM (c.network_id, c.customer_id)
"""
_MARK = """
INSERT INTO tracking_dirtyhour (hour) VALUES (%(since)s)
ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()
"""
_EXTENT = """
SELECT least((SELECT min(received_at) FROM tracking_delivery WHERE is_final),
             (SELECT min(received_at) FROM tracking_rejection)),
       greatest((SELECT max(received_at) FROM tracking_delivery WHERE is_final),
                (SELECT max(received_at) FROM tracking_rejection))
"""
_FILTER_PORTS = {"10023", "10024"}
_LMTP_PORT = "24"
_HOUR = timedelta(hours=1)
_BATCH = 1000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Changed:
    """How many rows got another network, customer or direction."""

    messages: int = 0
    rejections: int = 0

    def __add__(self, other: Changed) -> Changed:
        return Changed(self.messages + other.messages, self.rejections + other.rejections)


class _Mail(NamedTuple):
    id: int
    received_at: datetime
    client_ip: str
    network_id: int
    customer_id: int
    direction: int
    has_login: bool
    role: str


class _Change(NamedTuple):
    """Of a Message; ``was`` is its direction before."""

    id: int
    network_id: int
    customer_id: int
    direction: int
    was: int


def facts_extent() -> tuple[datetime, datetime] | None:
    """The first and the last moment that has mail or rejections."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTENT)
        first, last = cursor.fetchone()
    return (first, last) if first is not None else None


def reattribute_hour(hour: datetime, registry: NetworkTable) -> Changed:
    """Attribute the mail and rejections of an hour anew, in one transaction; marks what changed.

    Done twice it is the same. The store is locked only for what is written.
    """
    bounds = {"since": hour, "until": hour + _HOUR}
    with transaction.atomic(), connection.cursor() as cursor:
        changes = _changes(cursor, bounds, registry)
        clients = _clients_of_others(cursor, bounds, registry)
        if not changes and not clients:
            return Changed()
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [STORE_LOCK])
        messages = sum(_change(cursor, bounds, batch) for batch in _batches(changes))
        rejections = _change_rejections(cursor, bounds, clients)
        cursor.execute(_MARK, bounds)
    return Changed(messages, rejections)


def registry_now() -> NetworkTable:
    """The registry of networks as it is now."""
    with connection.cursor() as cursor:
        return NetworkTable([]).reload(cursor)


def _changes(cursor: Any, bounds: dict[str, Any], registry: NetworkTable) -> list[_Change]:
    cursor.execute(_MAIL, bounds)
    mails = [_Mail(*row) for row in cursor.fetchall()]
    owners = {
        mail.id: registry.owner(mail.client_ip) if mail.client_ip else NOBODY for mail in mails
    }
    directions = {mail.id: mail.direction for mail in mails}
    open_to_change = {mail.id: mail for mail in mails if not _is_settled(mail, owners[mail.id])}
    directions |= _directions(cursor, bounds, open_to_change, owners)
    return [
        _Change(mail.id, *owners[mail.id], directions[mail.id], mail.direction)
        for mail in mails
        if (mail.network_id, mail.customer_id) != owners[mail.id]
        or mail.direction != directions[mail.id]
    ]


def _is_settled(mail: _Mail, owner: Owner) -> bool:
    """Whether the way of a mail needn't be looked at: mostly so."""
    if mail.direction == Direction.INTERNAL:  # no client: nothing of the registry matters
        return True
    is_ours = mail.has_login or bool(owner.network_id)
    return direction_by("", mail.role, is_ours=is_ours) == mail.direction


def _directions(
    cursor: Any, bounds: dict[str, Any], mails: dict[int, _Mail], owners: dict[int, Owner]
) -> Iterator[tuple[int, int]]:
    for ids in _batches(list(mails)):
        cursor.execute(_WAYS, {**bounds, "ids": ids})
        for message_id, relays, is_filtered, is_judged in cursor.fetchall():
            mail = mails[message_id]
            way = _Way([_Relay.of(name) for name in relays], is_filtered, is_judged)
            yield message_id, _direction(mail, owners[message_id], way)


class _Relay(NamedTuple):
    """Postfix's ``relay=``: ``address`` and ``port`` are "" when it is no server."""

    name: str
    address: str
    port: str

    @classmethod
    def of(cls, text: str) -> _Relay:
        name, _, rest = text.partition("[")
        address, _, port = rest.partition("]")
        return cls(name, clean_ip(address), port.lstrip(":"))

    @property
    def is_mailbox(self) -> bool:
        """A local agent (``local``, a pipe's name), a socket, or LMTP."""
        if self.name in {"", "none"}:
            return False
        return not self.address or self.port == _LMTP_PORT


class _Way(NamedTuple):
    """How the first Hop passed a mail on."""

    relays: list[_Relay]
    is_filtered: bool
    is_judged: bool


def _direction(mail: _Mail, owner: Owner, way: _Way) -> int:
    port = next((relay.port for relay in way.relays if relay.port in _FILTER_PORTS), "")
    if way.is_judged and not any(is_site_local(relay.address) for relay in way.relays):
        return mail.direction  # a filter before the queue: its port is not in the rows
    is_ours = mail.has_login or bool(owner.network_id)
    found = direction_by(port, mail.role, is_ours=is_ours)
    if found is not None:
        return found
    return Direction.INBOUND if _is_inward(mail, way) else Direction.OUTBOUND


def _is_inward(mail: _Mail, way: _Way) -> bool:
    if way.is_filtered or any(relay.is_mailbox for relay in way.relays):
        return True
    is_public = bool(mail.client_ip) and not is_site_local(mail.client_ip)
    return is_public and any(is_site_local(relay.address) for relay in way.relays)


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))


def _change(cursor: Any, bounds: dict[str, Any], changes: Sequence[_Change]) -> int:
    names = ("ids", "networks", "customers", "directions", "were")
    columns = (list(column) for column in zip(*changes, strict=True))
    cursor.execute(_CHANGE, {**bounds, **dict(zip(names, columns, strict=True))})
    return int(cursor.rowcount)


def _clients_of_others(
    cursor: Any, bounds: dict[str, Any], registry: NetworkTable
) -> dict[str, Owner]:
    """The owners of refused clients, where rows have another."""
    cursor.execute(_CLIENTS, bounds)
    return {
        client: registry.owner(client)
        for client, *was in cursor.fetchall()
        if registry.owner(client) != tuple(was)
    }


def _change_rejections(cursor: Any, bounds: dict[str, Any], owners: dict[str, Owner]) -> int:
    values = {
        "clients": list(owners),
        "networks": [owner.network_id for owner in owners.values()],
        "customers": [owner.customer_id for owner in owners.values()],
    }
    cursor.execute(_CHANGE_REJECTIONS, bounds | values)
    return int(cursor.rowcount)
