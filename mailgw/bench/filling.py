"""``python -m mailgw.bench.filling COUNT``: many times the mail that is in the database, by SQL.

A simulated base of two days is copied until there are COUNT messages over thirty days, oldest
first. Copies keep the shape of the base: its endings, paths, replies, customers and the share of
each destination. Six of ten addresses are new in each copy (people who write once), the others
are the same (regulars); queue ids, Message-IDs and clients of no customer are new. So searches
meet as many rows, addresses and days as at a site, without hours of simulated logs. What is not
copied is the raw lines: no search reads them. At the end every table is vacuumed and analyzed, as
autovacuum does at a site between the days; else the first readers would do that work.

Prints one JSON object: messages, deliveries, addresses, days.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.db import connection, transaction

django.setup()

from tracking.ingest.store.copying import ensure_partitions  # noqa: E402

DAYS = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# New addresses of copy k stand k strides after those of the base.
_ADDRESSES = """
INSERT INTO tracking_address (id, address, domain_id)
SELECT id + %(k)s * %(stride)s, %(k)s || 'x' || address, domain_id
FROM tracking_address WHERE id <= %(stride)s AND address <> '' AND id %% 10 < 6
"""
_ADDRESS = """
CASE WHEN {0} %% 10 < 6 AND {0} <> (SELECT id FROM tracking_address WHERE address = '')
THEN {0} + %(k)s * %(stride)s ELSE {0} END
"""
_QUEUE_ID = """
CASE WHEN {0} = '' THEN '' ELSE
left(upper(md5({0} || %(k)s)) || upper(md5(%(k)s || {0})), length({0})) END
"""
_SENDER, _RECIPIENT, _ALIAS, _USER = (
    _ADDRESS.format(name)
    for name in ("sender_id", "recipient_id", "original_recipient_id", "sasl_user_id")
)
ROWS = {
    "tracking_message": {
        "id": "id + %(ids)s",
        "received_at": "received_at + %(shift)s",
        "related_id": "related_id + %(ids)s",
        "sender_id": _SENDER,
        "sasl_user_id": _USER,
        "client_ip": "CASE WHEN network_id IS NULL THEN client_ip + %(k)s * 7 ELSE client_ip END",
        "message_id": "replace(message_id, '<', '<' || %(k)s || '.')",
    },
    "tracking_hop": {
        "id": "id + %(ids)s",
        "received_at": "received_at + %(shift)s",
        "message_id": "message_id + %(ids)s",
        "parent_id": "parent_id + %(ids)s",
        "opened_at": "opened_at + %(shift)s",
        "ended_at": "ended_at + %(shift)s",
        "queue_id": _QUEUE_ID.format("queue_id"),
    },
    "tracking_delivery": {
        "id": "id + %(ids)s",
        "received_at": "received_at + %(shift)s",
        "message_id": "message_id + %(ids)s",
        "hop_id": "hop_id + %(ids)s",
        "first_attempt_at": "first_attempt_at + %(shift)s",
        "last_attempt_at": "last_attempt_at + %(shift)s",
        "recipient_id": _RECIPIENT,
        "original_recipient_id": _ALIAS,
        "next_queue_id": _QUEUE_ID.format("next_queue_id"),
    },
    "tracking_filterverdict": {
        "id": "id + %(ids)s",
        "received_at": "received_at + %(shift)s",
        "message_id": "message_id + %(ids)s",
        "hop_id": "hop_id + %(ids)s",
        "at": "at + %(shift)s",
        "recipient_id": _RECIPIENT,
        "filter_id": _QUEUE_ID.format("filter_id"),
        "quarantine_id": _QUEUE_ID.format("quarantine_id"),
    },
    "tracking_rejection": {
        "id": "id + %(ids)s",
        "received_at": "received_at + %(shift)s",
        "sender_id": _SENDER,
        "recipient_id": _RECIPIENT,
        "hop_id": "hop_id + %(ids)s",
    },
}


def fill(count: int) -> dict[str, int]:
    """Copies of the base until there are about ``count`` messages."""
    with connection.cursor() as cursor:
        base = _one(cursor, "SELECT count(*) FROM tracking_message")
        first, last = _row(
            cursor, "SELECT min(received_at), max(received_at) FROM tracking_message"
        )
        ids = _one(cursor, "SELECT last_value FROM tracking_fact_id") + 1
        stride = _one(cursor, "SELECT max(id) FROM tracking_address")
        copies = max(count // base - 1, 0)
        _make_days(cursor, last - timedelta(days=DAYS + 2), last)
        length = last - first
        for k in range(1, copies + 1):
            # The oldest first; each a moment earlier, so that no two mails have one time.
            shift = -(timedelta(days=DAYS) - length) * (copies - k + 1) / copies
            _copy(cursor, (first, last), {"k": k, "shift": shift, "ids": ids * k, "stride": stride})
        cursor.execute("SELECT setval('tracking_fact_id', %s)", [ids * (copies + 1)])
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('tracking_address', 'id'), max(id)) "
            "FROM tracking_address"
        )
        cursor.execute("VACUUM ANALYZE")
        return {
            "messages": _one(cursor, "SELECT count(*) FROM tracking_message"),
            "deliveries": _one(cursor, "SELECT count(*) FROM tracking_delivery WHERE is_final"),
            "addresses": _one(cursor, "SELECT count(*) FROM tracking_address"),
            "days": DAYS,
        }


def _copy(cursor: Any, base: tuple[datetime, datetime], values: dict[str, Any]) -> None:
    with transaction.atomic():
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_ADDRESSES, values)
        for table, changed in ROWS.items():
            names = _columns(cursor, table)
            parts = [changed.get(name, name) for name in names]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608 (our own names)
                f"SELECT {', '.join(parts)} FROM {table} WHERE "
                "received_at BETWEEN %(first)s AND %(last)s AND id < %(top)s "
                "ORDER BY received_at, id",
                {**values, "first": base[0], "last": base[1], "top": values["ids"] // values["k"]},
            )


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 (our own names)
    return [column.name for column in cursor.description]


def _make_days(cursor: Any, since: datetime, until: datetime) -> None:
    days = range((until - since).days + 2)
    moments = [since + timedelta(days=day) for day in days]
    ensure_partitions(cursor, [(at - _EPOCH) // timedelta(microseconds=1) for at in moments])


def _row(cursor: Any, query: str) -> tuple[Any, ...]:
    cursor.execute(query)
    return tuple(cursor.fetchone())


def _one(cursor: Any, query: str) -> int:
    return int(_row(cursor, query)[0])


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(fill(int(sys.argv[1])))}\n")
