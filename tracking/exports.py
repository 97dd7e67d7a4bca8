"""What became of mail, as plain objects for scripts: the fields of design.md 8.

Read with server-side cursors: memory does not grow with the range.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
    Stage,
)
from tracking.ingest.store.dictionaries import join_reply
from tracking.selectors.paths import Step, first_seen, last_event, steps_to

_DIRECTIONS = {item.value: item.name.lower() for item in Direction}
_DISPOSITIONS = {item.value: item.name.lower() for item in Disposition}
_QUARANTINES = {item.value: item.name.lower() for item in QuarantineKind if item.value}
_STAGES = {item.value: item.name.lower() for item in Stage if item.value}
_KINDS = {item.value: item.name.lower() for item in RejectionKind}
_BATCH = 5000

_DELIVERIES = """
SELECT m.message_id, s.address, r.address, o.address, host(m.client_ip), u.address, m.size_bytes,
       m.received_at, d.last_attempt_at, m.direction, d.disposition, d.quarantine_kind, d.dsn,
       t.template, d.reply_words, n.name, d.attempts, c.number, w.network::text, d.hop_id,
       m.id, m.received_at, m.kind
FROM tracking_delivery d
JOIN tracking_message m ON m.id = d.message_id AND m.received_at = d.received_at
LEFT JOIN tracking_address s ON s.id = m.sender_id
LEFT JOIN tracking_address r ON r.id = d.recipient_id
LEFT JOIN tracking_address o ON o.id = d.original_recipient_id
LEFT JOIN tracking_address u ON u.id = m.sasl_user_id
LEFT JOIN tracking_reply t ON t.id = d.reply_id
LEFT JOIN tracking_name n ON n.id = d.relay_name_id
LEFT JOIN tracking_customer c ON c.id = m.customer_id
LEFT JOIN tracking_clientnetwork w ON w.id = m.network_id
WHERE d.is_final AND m.kind <> %(probe)s {where}
ORDER BY d.received_at, d.message_id, d.id
"""
_HOPS = """
SELECT h.message_id, h.id, h.parent_id, l.name, h.queue_id, h.opened_at, h.ended_at
FROM unnest(%s::bigint[], %s::timestamptz[]) k (message, at)
JOIN tracking_hop h ON h.message_id = k.message AND h.received_at = k.at
JOIN tracking_relay l ON l.id = h.relay_id
"""
_REJECTIONS = """
SELECT j.received_at, l.name, j.stage, host(j.client_ip), s.address, r.address, j.code, j.dsn,
       j.kind, t.template, j.reply_words
FROM tracking_rejection j
JOIN tracking_relay l ON l.id = j.relay_id
LEFT JOIN tracking_address s ON s.id = j.sender_id
LEFT JOIN tracking_address r ON r.id = j.recipient_id
LEFT JOIN tracking_reply t ON t.id = j.reply_id
WHERE true {where}
ORDER BY j.received_at, j.id
"""


def _conditions(
    table: str, since: datetime | None, until: datetime | None
) -> tuple[list[str], dict[str, Any]]:
    conditions, values = [], {}
    if since is not None:
        conditions.append(f"AND {table}.received_at >= %(since)s")
        values["since"] = since
    if until is not None:
        conditions.append(f"AND {table}.received_at < %(until)s")
        values["until"] = until
    return conditions, values


def iterate_deliveries(
    *, since: datetime | None = None, until: datetime | None = None, host: str | None = None
) -> Iterator[dict[str, Any]]:
    """One object for each Message and recipient, oldest first; ``until`` is exclusive.

    ``host``: only mail that has a Hop on that host. Address verification probes are left out.
    A recipient that the log never named is ``""``.
    """
    conditions, values = _conditions("d", since, until)
    if host is not None:
        conditions.append(
            "AND EXISTS (SELECT 1 FROM tracking_hop x JOIN tracking_relay y ON y.id = x.relay_id "
            "WHERE x.message_id = d.message_id AND x.received_at = d.received_at "
            "AND y.name = %(host)s)"
        )
        values["host"] = host.lower()
    values["probe"] = MessageKind.PROBE.value
    query = _DELIVERIES.format(where=" ".join(conditions))
    for batch in _batches(query, values):
        hops = _hops_of(batch)
        for row in batch:
            yield _delivery(row, hops)


def _batches(query: str, values: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in batches, by a server-side cursor in a transaction of its own."""
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="export") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(query, values)
            while batch := cursor.fetchmany(_BATCH):
                yield batch


def _hops_of(batch: list[tuple[Any, ...]]) -> dict[int, Step]:
    """The Hops of the messages of a batch, by id."""
    keys = {(row[20], row[21]) for row in batch}
    with connection.cursor() as cursor:
        cursor.execute(_HOPS, [[key[0] for key in keys], [key[1] for key in keys]])
        return {hop_id: Step(*rest) for _, hop_id, *rest in cursor.fetchall()}


def _delivery(row: tuple[Any, ...], hops: dict[int, Step]) -> dict[str, Any]:
    steps = steps_to(row[19], hops)
    last_seen = row[8] or (last_event(steps[-1]) if steps else row[7])
    return {
        "message_id": row[0],
        "envelope_sender": row[1],
        "recipient": row[2] or "",
        "original_recipient": row[3],
        "client_ip": row[4],
        "sasl_username": row[5],
        "size_bytes": row[6],
        "first_seen": first_seen(row[7], steps).isoformat(),
        "last_seen": last_seen.isoformat(),
        "direction": _DIRECTIONS[row[9]],
        "disposition": _DISPOSITIONS[row[10]],
        "quarantine_kind": _QUARANTINES.get(row[11]),
        "dsn": row[12],
        "smtp_reply": join_reply(row[13] or "", row[14]),
        "relay": row[15],
        "attempts": row[16],
        "customer": row[17],
        "client_network": row[18],
        "hops": [[step.host, step.queue_id] for step in steps],
    }


def iterate_rejections(
    *, since: datetime | None = None, until: datetime | None = None, host: str | None = None
) -> Iterator[dict[str, Any]]:
    """One object for each Rejection, oldest first."""
    conditions, values = _conditions("j", since, until)
    if host is not None:
        conditions.append("AND l.name = %(host)s")
        values["host"] = host.lower()
    for batch in _batches(_REJECTIONS.format(where=" ".join(conditions)), values):
        for row in batch:
            yield {
                "time": row[0].isoformat(),
                "host": row[1],
                "stage": _STAGES.get(row[2]),
                "client_ip": row[3],
                "envelope_sender": row[4],
                "recipient": row[5],
                "code": row[6] or None,
                "dsn": row[7],
                "kind": _KINDS[row[8]],
                "reason": join_reply(row[9] or "", row[10]),
            }
