"""Changes to stored rows: Messages that turn out to be one, newer words, and the final ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from tracking.choices import MessageKind
from tracking.ingest.store import rows
from tracking.ingest.store.copying import copy_rows, instant, moment, scratch_table
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


_moved = Struct("!h iq iq iq iq iq").pack
_settled = Struct("!h iq iq iq ih ih i?").pack
_MOVED_TABLES = ("tracking_hop", "tracking_delivery", "tracking_filterverdict")


def apply_merges(cursor: Any, merges: list[Merge]) -> None:
    """Move the rows of merged Messages; one statement for each table.

    Of a chain (A joins B, B joins C) every member goes straight to the last.
    """
    if not merges:
        return
    joined = {merge.old: merge for merge in merges if merge.old}
    for merge in merges:
        while merge.message in joined and joined[merge.message] is not merge:
            further = joined[merge.message]
            merge.message, merge.received_at = further.message, further.received_at
    if joined:
        _move(cursor, list(joined.values()))
    links = [merge for merge in merges if merge.child]
    if links:
        _link(cursor, links)


def _move(cursor: Any, merges: list[Merge]) -> None:
    scratch_table(
        cursor,
        "moved",
        "old bigint, old_at timestamptz, new bigint, new_at timestamptz, new_us bigint",
    )
    copy_rows(
        cursor,
        "moved",
        ("old", "old_at", "new", "new_at", "new_us"),
        (
            _moved(
                5, 8, m.old, 8, moment(m.old_received_at), 8, m.message,
                8, moment(m.received_at), 8, m.received_at,
            )
            for m in merges
        ),
    )  # fmt: skip
    cursor.execute("ANALYZE moved")
    for table in _MOVED_TABLES:
        cursor.execute(
            f"UPDATE {table} t SET message_id = m.new, received_at = m.new_at FROM moved m "
            "WHERE t.message_id = m.old AND t.received_at = m.old_at"
        )
    cursor.execute(
        "DELETE FROM tracking_message t USING moved m "
        "WHERE t.id = m.old AND t.received_at = m.old_at"
    )
    cursor.execute(
        "UPDATE tracking_message t SET related_id = m.new FROM moved m WHERE t.related_id = m.old"
    )
    cursor.execute(
        "UPDATE tracking_openhop o SET message_ref = m.new, received_us = m.new_us "
        "FROM moved m WHERE o.message_ref = m.old"
    )


def _link(cursor: Any, links: list[Merge]) -> None:
    keys = [
        [merge.parent for merge in links],
        [merge.child for merge in links],
        [merge.message for merge in links],
        [instant(merge.received_at) for merge in links],
    ]
    values = "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])"
    cursor.execute(
        f"UPDATE tracking_hop h SET parent_id = k.parent "
        f"FROM {values} AS k (parent, child, message, at) "
        "WHERE h.id = k.child AND h.message_id = k.message AND h.received_at = k.at",
        keys,
    )
    cursor.execute(
        f"UPDATE tracking_openhop o SET parent_ref = k.parent "
        f"FROM {values} AS k (parent, child, message, at) "
        "WHERE o.message_ref = k.message AND (o.state->>'id')::bigint = k.child",
        keys,
    )


_COLUMNS = {
    "tracking_message": rows.MESSAGE,
    "tracking_hop": rows.HOP,
    "tracking_delivery": rows.DELIVERY,
}
_RELEASE = MessageKind.RELEASE.value
_FIXED = {"id", "received_at", "message_id", "hop_id", "is_final"}


def update_rows(cursor: Any, changed: dict[str, list[bytes]]) -> None:
    """Write rows that exist: by way of a temporary table, one UPDATE for each table."""
    for table, lines in changed.items():
        if not lines:
            continue
        columns = _COLUMNS[table]
        scratch = table.replace("tracking_", "changed_")
        scratch_table(cursor, scratch, f"LIKE {table}")
        copy_rows(cursor, scratch, columns, lines)
        fixed = _FIXED - ({"message_id"} if table == "tracking_message" else set())
        sets = ", ".join(_set(name) for name in columns if name not in fixed)
        where = "t.id = c.id AND t.received_at = c.received_at"
        if table != "tracking_message":
            where = "t.message_id = c.message_id AND " + where
        cursor.execute(f"UPDATE {table} t SET {sets} FROM {scratch} c WHERE {where}")


def _set(column: str) -> str:
    """A new value; what a mail is about stays, because merging keeps it up to date.

    So does that it is a release: the log alone may not tell (relating.py).
    """
    if column == "related_id":
        return "related_id = coalesce(t.related_id, c.related_id)"
    if column == "kind":
        return f"kind = CASE t.kind WHEN {_RELEASE} THEN {_RELEASE} ELSE c.kind END"
    return f"{column} = c.{column}"


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
            _settled(
                6, 8, row.id, 8, message, 8, moment(received_at), 2, row.disposition,
                2, row.quarantine_kind, 1, row.is_final,
            )
            for row in rows_of
            if row.id in changed
        ]  # fmt: skip
    if not lines:
        return
    columns = ("id", "message_id", "received_at", "disposition", "quarantine_kind", "is_final")
    scratch_table(
        cursor,
        "settled",
        "id bigint, message_id bigint, received_at timestamptz, disposition smallint, "
        "quarantine_kind smallint, is_final boolean",
    )
    copy_rows(cursor, "settled", columns, lines)
    cursor.execute(
        "UPDATE tracking_delivery d SET disposition = s.disposition, "
        "quarantine_kind = s.quarantine_kind, is_final = s.is_final FROM settled s "
        "WHERE d.message_id = s.message_id AND d.received_at = s.received_at AND d.id = s.id"
    )
