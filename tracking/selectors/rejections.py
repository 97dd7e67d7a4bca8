"""What was refused at the door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tracking.ingest.store.dictionaries import join_reply
from tracking.reasons import Reason, rejection_reason
from tracking.selectors.finding import find_page
from tracking.selectors.keyset import (
    REJECTIONS,
    Condition,
    Cursor,
    Key,
    Search,
    iterate_keys,
    key_columns,
)
from tracking.selectors.search import PAGE_SIZE, FoundPage

_COLUMNS = """
SELECT j.id, j.received_at, l.name, j.stage, j.kind, j.code, j.dsn, host(j.client_ip), x.name,
       h.name, s.address, r.address, u.address, c.number, w.network::text, j.hop_id,
       t.template, j.reply_words
"""
_JOINS = """
JOIN tracking_relay l ON l.id = j.relay_id
LEFT JOIN tracking_address s ON s.id = j.sender_id
LEFT JOIN tracking_address r ON r.id = j.recipient_id
LEFT JOIN tracking_address u ON u.id = j.sasl_user_id
LEFT JOIN tracking_name x ON x.id = j.client_name_id
LEFT JOIN tracking_name h ON h.id = j.helo_id
LEFT JOIN tracking_customer c ON c.id = j.customer_id
LEFT JOIN tracking_clientnetwork w ON w.id = j.network_id
LEFT JOIN tracking_reply t ON t.id = j.reply_id
"""
# A rejection has no key but (time, id); the index on time finds it.
_OF_KEYS = f"""{_COLUMNS}
FROM unnest(%s::timestamptz[], %s::bigint[]) WITH ORDINALITY k (at, id, n)
JOIN tracking_rejection j ON j.received_at = k.at AND j.id = k.id
{_JOINS} WHERE j.received_at BETWEEN %s AND %s ORDER BY k.n
"""
_OF_HOPS = f"""{_COLUMNS} FROM tracking_rejection j {_JOINS}
WHERE j.hop_id = ANY(%s) ORDER BY j.received_at, j.id LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class FoundRejection:
    """One refusal; ``reason`` is what our server answered."""

    id: int
    time: datetime
    host: str
    stage: int
    kind: int
    code: int
    dsn: str
    client_ip: str | None
    client_hostname: str | None
    helo_name: str | None
    envelope_sender: str | None
    recipient: str | None
    sasl_username: str | None
    customer: str | None
    client_network: str | None
    hop: int | None
    reason: str

    @property
    def why(self) -> Reason:
        """The reason in words, by its code."""
        return rejection_reason(self.kind, self.reason)

    @property
    def key(self) -> str:
        """Where it stands among all, as in a link."""
        return str(Cursor(self.time, self.id))


def rejection_at(place: Cursor) -> FoundRejection | None:
    """The one that stands there."""
    found = rejections_of([Key(place.received_at, place.id, 0)])
    return found[0] if found else None


def find_rejections(
    search: Search,
    size: int = PAGE_SIZE,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> FoundPage[FoundRejection]:
    """A page of rejections; two queries."""
    page = find_page(search.over(REJECTIONS), size, before=before, after=after)
    return FoundPage(rejections_of(page.keys), page.older, page.newer, page.reached)


def iterate_rejections(search: Search) -> Iterator[FoundRejection]:
    """The whole result, newest first; memory stays flat."""
    for keys in iterate_keys(search.over(REJECTIONS)):
        yield from rejections_of(keys)


def rejections_of(keys: Sequence[Key]) -> list[FoundRejection]:
    """The rows of these keys, in their order."""
    if not keys:
        return []
    at, ids, _ = key_columns(keys)
    return _read(_OF_KEYS, [at, ids, min(at), max(at)])


def rejections_of_hops(hop_ids: Sequence[int]) -> list[FoundRejection]:
    """What was refused after these queue ids existed, oldest first."""
    return _read(_OF_HOPS, [list(hop_ids)]) if hop_ids else []


def rejections_about(
    addresses: Sequence[int], network: str, since: datetime, until: datetime, limit: int
) -> list[FoundRejection]:
    """The newest refusals with one of these addresses, or from this network."""
    branches = []
    if addresses:
        branches += [
            Condition("j.sender_id = ANY(%s)", (list(addresses),)),
            Condition("j.recipient_id = ANY(%s)", (list(addresses),)),
        ]
    if network:
        branches.append(Condition("j.client_ip <<= %s::inet", (network,)))
    search = Search(REJECTIONS, since, until).any_of(branches)
    return find_rejections(search, limit).rows


def _read(query: str, values: list[Any]) -> list[FoundRejection]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [_rejection(list(row)) for row in cursor.fetchall()]


def _rejection(fields: list[Any]) -> FoundRejection:
    words, template = fields.pop(), fields.pop()
    fields.append(join_reply(template or "", words))
    return FoundRejection(*fields)
