"""Changes to stored rows: Messages that turn out to be one, newer words, and the final ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracking.ingest.store import rows
from tracking.ingest.store.copying import copy_rows, instant, stamp
from tracking.ingest.store.settle import Leg, Row, settle


@dataclass(slots=True)
class Merge:
    """Message ``old`` is a part of ``message``; ``child``, ``parent``: a stored Hop's link.

    ``old`` 0 only sets the link.
    """

    old: int
    old_received_at: int
    message: int
    received_at: int
    child: int = 0
    parent: int = 0


def apply_merges(cursor: Any, merges: list[Merge]) -> None:
    """Move the rows of merged Messages, in the order found; few, so one at a time."""
    for merge in merges:
        target = [merge.message, instant(merge.received_at)]
        if merge.old:
            source = [merge.old, instant(merge.old_received_at)]
            for table in ("tracking_hop", "tracking_delivery", "tracking_filterverdict"):
                cursor.execute(
                    f"UPDATE {table} SET message_id = %s, received_at = %s "
                    "WHERE message_id = %s AND received_at = %s",
                    target + source,
                )
            cursor.execute(
                "DELETE FROM tracking_message WHERE id = %s AND received_at = %s", source
            )
            cursor.execute(
                "UPDATE tracking_message SET related_id = %s WHERE related_id = %s",
                [merge.message, merge.old],
            )
            cursor.execute(
                "UPDATE tracking_openhop SET message_ref = %s, received_us = %s "
                "WHERE message_ref = %s",
                [merge.message, merge.received_at, merge.old],
            )
        if merge.child:
            cursor.execute(
                "UPDATE tracking_hop SET parent_id = %s "
                "WHERE id = %s AND message_id = %s AND received_at = %s",
                [merge.parent, merge.child, *target],
            )
            cursor.execute(
                "UPDATE tracking_openhop SET parent_ref = %s "
                "WHERE message_ref = %s AND (state->>'id')::bigint = %s",
                [merge.parent, merge.message, merge.child],
            )


_COLUMNS = {
    "tracking_message": rows.MESSAGE,
    "tracking_hop": rows.HOP,
    "tracking_delivery": rows.DELIVERY,
}
_FIXED = {"id", "received_at", "message_id", "hop_id", "is_final"}


def update_rows(cursor: Any, changed: dict[str, list[str]]) -> None:
    """Write rows that exist: by way of a temporary table, one UPDATE for each table."""
    for table, lines in changed.items():
        if not lines:
            continue
        columns = _COLUMNS[table]
        cursor.execute(f"CREATE TEMP TABLE changed (LIKE {table}) ON COMMIT DROP")
        copy_rows(cursor, "changed", columns, lines)
        fixed = _FIXED - ({"message_id"} if table == "tracking_message" else set())
        sets = ", ".join(f"{name} = c.{name}" for name in columns if name not in fixed)
        where = "t.id = c.id AND t.received_at = c.received_at"
        if table != "tracking_message":
            where = "t.message_id = c.message_id AND " + where
        cursor.execute(f"UPDATE {table} t SET {sets} FROM changed c WHERE {where}")
        cursor.execute("DROP TABLE changed")


def settle_stored(cursor: Any, linked: Iterable[tuple[int, int]]) -> None:
    """Find the final Deliveries of these (message, received_at) pairs from what is stored."""
    pairs = sorted(linked)
    if not pairs:
        return
    keys = [[message for message, _ in pairs], [instant(at) for _, at in pairs]]
    cursor.execute(
        "SELECT h.message_id, h.id, coalesce(h.parent_id, 0), h.queue_id, h.ended_at IS NOT NULL "
        "FROM unnest(%s::bigint[], %s::timestamptz[]) k (message, at) JOIN tracking_hop h "
        "ON h.message_id = k.message AND h.received_at = k.at",
        keys,
    )
    legs: dict[int, list[Leg]] = defaultdict(list)
    for message, *leg in cursor.fetchall():
        legs[message].append(Leg(*leg))
    cursor.execute(
        "SELECT d.message_id, d.received_at, d.id, d.hop_id, coalesce(d.recipient_id, 0), "
        "coalesce(d.original_recipient_id, 0), d.next_queue_id, d.disposition, "
        "d.quarantine_kind, d.is_final "
        "FROM unnest(%s::bigint[], %s::timestamptz[]) k (message, at) JOIN tracking_delivery d "
        "ON d.message_id = k.message AND d.received_at = k.at",
        keys,
    )
    table: dict[int, list[Row]] = defaultdict(list)
    for message, _received_at, *row in cursor.fetchall():
        table[message].append(Row(*row))
    _write_settled(cursor, pairs, legs, table)


def _write_settled(
    cursor: Any,
    pairs: list[tuple[int, int]],
    legs: dict[int, list[Leg]],
    table: dict[int, list[Row]],
) -> None:
    lines = []
    for message, received_at in pairs:
        rows_of = table[message]
        changed = settle(legs[message], rows_of)
        lines += [
            f"{row.id}\t{message}\t{stamp(received_at)}\t{row.disposition}\t"
            f"{row.quarantine_kind}\t{'t' if row.is_final else 'f'}"
            for row in rows_of
            if row.id in changed
        ]
    if not lines:
        return
    columns = ("id", "message_id", "received_at", "disposition", "quarantine_kind", "is_final")
    cursor.execute(
        "CREATE TEMP TABLE settled (id bigint, message_id bigint, received_at timestamptz, "
        "disposition smallint, quarantine_kind smallint, is_final boolean) ON COMMIT DROP"
    )
    copy_rows(cursor, "settled", columns, lines)
    cursor.execute(
        "UPDATE tracking_delivery d SET disposition = s.disposition, "
        "quarantine_kind = s.quarantine_kind, is_final = s.is_final FROM settled s "
        "WHERE d.message_id = s.message_id AND d.received_at = s.received_at AND d.id = s.id"
    )
    cursor.execute("DROP TABLE settled")
