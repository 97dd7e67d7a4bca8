"""Makes the rollups from the facts, an hour at a time, in SQL.

Ingest marks the hours that it changed (tracking_dirtyhour). An hour is made anew as a whole: done
twice it is the same, and a mail that ends late, or turns out to be another's, is counted right
the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from stats.days import HOUR
from tracking.choices import Direction, MessageKind

_LOCK = 0x726F6C6C  # advisory lock: one run at a time

# A row for each recipient of an hour. The hour is told of both tables: bounds aren't inherited
# through the join, and prune partitions.
_MAIL = """
WITH mail AS (
    SELECT m.id, m.relay_id, m.direction, m.kind, coalesce(c.service_class, '') AS service_class,
           m.network_id, m.size_bytes, d.disposition, d.quarantine_kind,
           row_number() OVER (PARTITION BY m.id ORDER BY d.id) = 1 AS is_first
    FROM tracking_message m
    JOIN tracking_delivery d ON d.message_id = m.id AND d.received_at = m.received_at
    LEFT JOIN tracking_customer c ON c.id = m.customer_id
    WHERE m.received_at >= %(hour)s AND m.received_at < %(end)s
      AND d.received_at >= %(hour)s AND d.received_at < %(end)s
      AND d.is_final AND m.kind <> %(probe)s
)
"""
_FIGURES = """
count(*) FILTER (WHERE is_first)::integer, count(*)::integer,
coalesce(sum(size_bytes) FILTER (WHERE is_first), 0)::bigint
"""
_TRAFFIC = f"""{_MAIL}
SELECT %(hour)s::timestamptz, relay_id::bigint, network_id::bigint, direction, kind, service_class,
       disposition, quarantine_kind, {_FIGURES}
FROM mail
GROUP BY relay_id, network_id, direction, kind, service_class, disposition, quarantine_kind
"""
_PASSED = f"""{_MAIL}
SELECT %(hour)s::timestamptz, h.relay_id::bigint, direction, kind, service_class, disposition,
       quarantine_kind, {_FIGURES}
FROM (
    SELECT DISTINCT message_id, relay_id FROM tracking_hop
    WHERE received_at >= %(hour)s AND received_at < %(end)s
    UNION ALL
    SELECT DISTINCT id, NULL::integer FROM mail
) h
JOIN mail ON mail.id = h.message_id
GROUP BY h.relay_id, direction, kind, service_class, disposition, quarantine_kind
"""
_REJECTED = """
SELECT %(hour)s::timestamptz, relay_id::bigint, kind, stage, network_id::bigint, count(*)::integer
FROM tracking_rejection WHERE received_at >= %(hour)s AND received_at < %(end)s
GROUP BY relay_id, kind, stage, network_id
"""
_SITE = f"""{_MAIL}, counted AS (
    SELECT direction, count(*) AS mails, 0 AS refused FROM mail
    WHERE is_first AND kind = %(mail)s GROUP BY direction
    UNION ALL
    SELECT NULL, 0, count(*) FROM tracking_rejection
    WHERE received_at >= %(hour)s AND received_at < %(end)s
)
SELECT %(hour)s::timestamptz, {{directions}}, coalesce(sum(refused), 0)::integer
FROM counted HAVING sum(mails) + sum(refused) > 0
"""
_MAIL_KEY = ("direction", "kind", "service_class", "disposition", "quarantine_kind")
_MAIL_VALUES = ("messages", "recipients", "bytes")
_DIRECTIONS = {item.name.lower(): item.value for item in Direction}
_CHANGED_CLASSES = """
INSERT INTO stats_countedclass (customer_id, service_class)
SELECT c.id, c.service_class FROM tracking_customer c
LEFT JOIN stats_countedclass k ON k.customer_id = c.id
WHERE k.service_class IS DISTINCT FROM c.service_class
ON CONFLICT (customer_id) DO UPDATE SET service_class = excluded.service_class
RETURNING customer_id
"""
_GONE_CUSTOMERS = """
DELETE FROM stats_countedclass k
WHERE NOT EXISTS (SELECT 1 FROM tracking_customer c WHERE c.id = k.customer_id)
RETURNING customer_id
"""
_MARK_CUSTOMERS = """
INSERT INTO tracking_dirtyhour (hour)
SELECT DISTINCT date_trunc('hour', received_at, 'UTC') FROM tracking_message
WHERE customer_id = ANY(%s) ORDER BY 1
ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()
"""


def _site_facts() -> str:
    sums = (
        f"coalesce(sum(mails) FILTER (WHERE direction = {value}), 0)::integer"
        for value in _DIRECTIONS.values()
    )
    return _SITE.format(directions=", ".join(sums))


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table and the query that makes the rows of an hour."""

    table: str
    columns: tuple[str, ...]
    facts: str

    @property
    def column_list(self) -> str:
        return ", ".join(self.columns)


ROLLUPS = (
    Rollup(
        "stats_traffichour", ("hour", "relay_id", "network_id", *_MAIL_KEY, *_MAIL_VALUES), _TRAFFIC
    ),
    Rollup("stats_relayhour", ("hour", "relay_id", *_MAIL_KEY, *_MAIL_VALUES), _PASSED),
    Rollup(
        "stats_rejectionhour",
        ("hour", "relay_id", "kind", "stage", "network_id", "rejections"),
        _REJECTED,
    ),
    Rollup("stats_sitehour", ("hour", *_DIRECTIONS, "rejected"), _site_facts()),
)


def parameters(hour: datetime) -> dict[str, Any]:
    """Of the queries of facts."""
    kinds = {"mail": MessageKind.MAIL.value, "probe": MessageKind.PROBE.value}
    return {"hour": hour, "end": hour + HOUR, **kinds}


def select(sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def recompute(hour: datetime) -> None:
    """Make the rows of one hour anew, in one transaction.

    Its mark goes unless ingest renewed it meanwhile: then facts may have come that this
    transaction did not see, and the hour stays to be done again.
    """
    values = parameters(hour)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT marked_at FROM tracking_dirtyhour WHERE hour = %(hour)s", values)
        mark = cursor.fetchone()
        for rollup in ROLLUPS:
            cursor.execute(f"DELETE FROM {rollup.table} WHERE hour = %(hour)s", values)
            insert = f"INSERT INTO {rollup.table} ({rollup.column_list})"
            cursor.execute(f"{insert} {rollup.facts}", values)
        if mark is not None:
            cursor.execute(
                "DELETE FROM tracking_dirtyhour WHERE hour = %s AND marked_at = %s", [hour, mark[0]]
            )


def roll_up(
    *,
    limit: int | None = None,
    is_patient: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int | None:
    """Recompute the hours that are marked now, the newest first; returns how many.

    None when another run has the lock; a patient one waits for it.
    """
    with _lock(is_patient=is_patient) as is_held:
        if not is_held:
            return None
        mark_changed_classes()
        hours = marked_hours(limit)
        for number, hour in enumerate(hours, 1):
            recompute(hour)
            if progress is not None:
                progress(number, len(hours))
        return len(hours)


def marked_hours(limit: int | None = None) -> list[datetime]:
    """Hours to be made anew, newest first."""
    sql = "SELECT hour FROM tracking_dirtyhour ORDER BY hour DESC LIMIT %s"
    return [row[0] for row in select(sql, [limit])]


def mark_changed_classes() -> None:
    """Mark the hours of customers whose class is another than their mail was counted by."""
    with transaction.atomic(), connection.cursor() as cursor:
        changed = [row[0] for row in select(_CHANGED_CLASSES) + select(_GONE_CUSTOMERS)]
        if changed:
            cursor.execute(_MARK_CUSTOMERS, [changed])


@contextmanager
def _lock(*, is_patient: bool) -> Iterator[bool]:
    """The right to roll up; False when another run has it and it is not waited for."""
    call = "pg_advisory_lock" if is_patient else "pg_try_advisory_lock"
    is_held = select(f"SELECT {call}(%s, 0)", [_LOCK])[0][0] is not False
    try:
        yield is_held
    finally:
        if is_held and connection.connection is not None and not connection.connection.closed:
            select("SELECT pg_advisory_unlock(%s, 0)", [_LOCK])
