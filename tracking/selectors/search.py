"""Found mail: one row for each Message and recipient, and one for each Message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection

from tracking.choices import Disposition
from tracking.ingest.store.dictionaries import join_reply
from tracking.reasons import Reason, reason_for
from tracking.retries import Outlook, outlook_of
from tracking.selectors.finding import Progress, find_page, parts_of
from tracking.selectors.keyset import (
    AS_WRITTEN,
    DELIVERIES,
    MESSAGES,
    Cursor,
    Key,
    Search,
    any_query,
    iterate_keys,
    key_columns,
    run,
)
from tracking.selectors.paths import Step, first_seen, last_event, steps_to

Row = TypeVar("Row")
PAGE_SIZE = 50
COUNT_CAP = 1000
CHIP_SECONDS = 0.1

_KEYS = (
    "unnest(%s::timestamptz[], %s::bigint[], %s::bigint[]) WITH ORDINALITY k (at, id, message, n)"
)
_AT, _RECIPIENT, _DISPOSITION = 2, 5, 13  # places of columns in _FOUND
# The bounds of a batch again as constants: they prune partitions before the join is planned.
_FOUND = f"""
SELECT d.id, m.id, m.received_at, m.message_id, s.address, r.address, o.address,
       host(m.client_ip), u.address, m.size_bytes, m.subject, m.kind, m.direction,
       d.disposition, d.quarantine_kind, d.dsn, t.template, d.reply_words, n.name, d.attempts,
       d.last_attempt_at, d.hop_id, c.number, c.name, c.service_class, w.network::text
FROM {_KEYS}
JOIN tracking_delivery d ON d.message_id = k.message AND d.received_at = k.at AND d.id = k.id
JOIN tracking_message m ON m.id = k.message AND m.received_at = k.at
LEFT JOIN tracking_address s ON s.id = m.sender_id
LEFT JOIN tracking_address r ON r.id = d.recipient_id
LEFT JOIN tracking_address o ON o.id = d.original_recipient_id
LEFT JOIN tracking_address u ON u.id = m.sasl_user_id
LEFT JOIN tracking_reply t ON t.id = d.reply_id
LEFT JOIN tracking_name n ON n.id = d.relay_name_id
LEFT JOIN tracking_customer c ON c.id = m.customer_id
LEFT JOIN tracking_clientnetwork w ON w.id = m.network_id
WHERE d.received_at BETWEEN %s AND %s AND m.received_at BETWEEN %s AND %s
ORDER BY k.n
"""
_MESSAGES = f"""
SELECT m.id, m.received_at, m.message_id, s.address, host(m.client_ip), x.name, h.name, u.address,
       m.size_bytes, m.recipient_count, m.subject, m.kind, m.direction, l.name, c.number,
       w.network::text, m.related_id
FROM {_KEYS}
JOIN tracking_message m ON m.id = k.message AND m.received_at = k.at
JOIN tracking_relay l ON l.id = m.relay_id
LEFT JOIN tracking_address s ON s.id = m.sender_id
LEFT JOIN tracking_address u ON u.id = m.sasl_user_id
LEFT JOIN tracking_name x ON x.id = m.client_name_id
LEFT JOIN tracking_name h ON h.id = m.helo_id
LEFT JOIN tracking_customer c ON c.id = m.customer_id
LEFT JOIN tracking_clientnetwork w ON w.id = m.network_id
WHERE m.received_at BETWEEN %s AND %s
ORDER BY k.n
"""
_HOPS = f"""
SELECT h.id, h.parent_id, l.name, h.queue_id, h.opened_at, h.ended_at
FROM (SELECT DISTINCT message, at FROM {_KEYS}) q
JOIN tracking_hop h ON h.message_id = q.message AND h.received_at = q.at
JOIN tracking_relay l ON l.id = h.relay_id
WHERE h.received_at BETWEEN %s AND %s
"""


@dataclass(slots=True)
class FoundDelivery:
    """What became of one recipient of one Message; names as in design.md."""

    id: int
    message: int
    first_seen: datetime
    message_id: str
    envelope_sender: str | None
    recipient: str
    original_recipient: str | None
    client_ip: str | None
    sasl_username: str | None
    size_bytes: int
    subject: str | None
    kind: int
    direction: int
    disposition: int
    quarantine_kind: int
    dsn: str
    smtp_reply: str
    relay: str
    attempts: int
    last_seen: datetime
    customer: str | None
    customer_name: str | None
    service_class: str | None
    client_network: str | None
    hops: list[tuple[str, str]] = field(default_factory=list)
    outlook: Outlook | None = None

    @property
    def reason(self) -> Reason:
        return reason_for(self.disposition, self.quarantine_kind, self.dsn, self.smtp_reply)


@dataclass(slots=True)
class FoundMessage:
    """A Message as its first Hop knows it."""

    id: int
    received_at: datetime
    message_id: str
    envelope_sender: str | None
    client_ip: str | None
    client_hostname: str | None
    helo_name: str | None
    sasl_username: str | None
    size_bytes: int
    recipient_count: int
    subject: str | None
    kind: int
    direction: int
    host: str
    customer: str | None
    client_network: str | None
    related_message: int | None


@dataclass(frozen=True, slots=True)
class FoundPage(Generic[Row]):
    """Rows newest first, with the cursors of the pages beside this one.

    ``reached``: the search ended there, before its range did (see ``find_page``).
    """

    rows: list[Row]
    older: Cursor | None
    newer: Cursor | None
    reached: datetime | None = None


@dataclass(frozen=True, slots=True)
class DispositionCount:
    """How many rows of a search ended so; ``is_capped``: at least that many."""

    disposition: Disposition
    count: int
    is_capped: bool


def find_deliveries(
    search: Search,
    size: int = PAGE_SIZE,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> FoundPage[FoundDelivery]:
    """A page of what became of mail; three queries."""
    page = find_page(search.over(DELIVERIES), size, before=before, after=after)
    return FoundPage(deliveries_of(page.keys), page.older, page.newer, page.reached)


def find_messages(
    search: Search,
    size: int = PAGE_SIZE,
    *,
    before: Cursor | None = None,
    after: Cursor | None = None,
) -> FoundPage[FoundMessage]:
    """A page of Messages that have a recipient for whom the search holds; two queries."""
    page = find_page(search.over(MESSAGES), size, before=before, after=after)
    return FoundPage(messages_of(page.keys), page.older, page.newer, page.reached)


def iterate_deliveries(search: Search) -> Iterator[FoundDelivery]:
    """The whole result, newest first; memory stays flat."""
    for keys in iterate_keys(search.over(DELIVERIES)):
        yield from deliveries_of(keys)


def iterate_messages(search: Search) -> Iterator[FoundMessage]:
    """The whole result as Messages, newest first; memory stays flat."""
    for keys in iterate_keys(search.over(MESSAGES)):
        yield from messages_of(keys)


def deliveries_of(keys: Sequence[Key]) -> list[FoundDelivery]:
    """The rows of these keys, in their order."""
    if not keys:
        return []
    bounds = _bounds(keys)
    with connection.cursor() as cursor:
        cursor.execute(AS_WRITTEN + _FOUND, [*key_columns(keys), *bounds, *bounds])
        rows = cursor.fetchall()
    paths = _paths(keys)
    return [_delivery(row, paths) for row in rows]


def messages_of(keys: Sequence[Key]) -> list[FoundMessage]:
    """The Messages of these keys, in their order."""
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(AS_WRITTEN + _MESSAGES, [*key_columns(keys), *_bounds(keys)])
        return [FoundMessage(*row) for row in cursor.fetchall()]


def _bounds(keys: Sequence[Key]) -> tuple[datetime, datetime]:
    moments = [key.received_at for key in keys]
    return min(moments), max(moments)


Paths = dict[int, Step]


def _paths(keys: Sequence[Key]) -> Paths:
    with connection.cursor() as cursor:
        cursor.execute(_HOPS, [*key_columns(keys), *_bounds(keys)])
        return {row[0]: Step(*row[1:]) for row in cursor.fetchall()}


def _delivery(row: tuple[Any, ...], paths: Paths) -> FoundDelivery:
    fields = list(row)
    network, service_class, name, number, hop_id, last = (fields.pop() for _ in range(6))
    attempts, relay, words, template = (fields.pop() for _ in range(4))
    steps = steps_to(hop_id, paths)
    fields[_AT] = first_seen(row[_AT], steps)
    fields[_RECIPIENT] = fields[_RECIPIENT] or ""
    fields += [join_reply(template or "", words), relay or "", attempts]
    fields += [last or (last_event(steps[-1]) if steps else row[_AT])]
    path = [(step.host, step.queue_id) for step in steps]
    queued_at = steps[-1].opened_at if steps else None
    outlook = outlook_of(row[_DISPOSITION], queued_at, last)
    fields += [number, name, service_class, network, path, outlook]
    return FoundDelivery(*fields)


def count_dispositions(search: Search) -> list[DispositionCount]:
    """Counts by final word, those that occur; exact up to COUNT_CAP rows in CHIP_SECONDS.

    Beyond that they are lower bounds: counted among the newest days that have so many rows.
    """
    counts: Counter[int] = Counter()
    progress = Progress(COUNT_CAP + 1, CHIP_SECONDS)
    for part in parts_of(search.over(DELIVERIES), progress):
        counts.update(_count(part, progress.missing))
        progress.found = counts.total()
        if progress.missing <= 0:
            break
    is_capped = progress.missing <= 0 or progress.reached is not None
    return _as_counts(counts, is_capped=is_capped)


def dispositions_of(rows: Sequence[FoundDelivery]) -> list[DispositionCount]:
    """The same of rows that are the whole result."""
    return _as_counts(Counter(row.disposition for row in rows), is_capped=False)


def _as_counts(counts: Counter[int], *, is_capped: bool) -> list[DispositionCount]:
    return [DispositionCount(word, counts[word], is_capped) for word in Disposition if counts[word]]


def _count(search: Search, cap: int) -> dict[int, int]:
    """Of at most ``cap`` rows."""
    some = any_query(search, cap, ", d.disposition")
    sql = f"SELECT k.disposition, count(*) FROM ({some.sql}) k GROUP BY k.disposition"
    return dict(run(some._replace(sql=sql)))
