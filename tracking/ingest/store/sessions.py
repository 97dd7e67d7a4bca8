"""A before-queue filter of Proxmox answers the host before it with its session, not a queue id.

``250 2.5.0 OK (FID)``: the mail goes on under the queue ids that the filter's own lines name, and
the first of them is the Hop. So the Delivery that was answered so is told that queue id instead.
"""

from __future__ import annotations

from typing import Any

from tracking.ingest.correlator import HopState
from tracking.ingest.store.copying import instant


def name_next(parent: HopState, name: str, queue_id: str) -> None:
    """A reply that named the session of a filter meant this queue id."""
    if name != queue_id:
        for delivery in parent.deliveries.values():
            if delivery.next_queue_id == name:
                delivery.next_queue_id = queue_id


def name_next_stored(cursor: Any, renamed: list[tuple[Any, ...]]) -> None:
    """The same for stored rows: (Hop, Message, received at, session, queue id)."""
    if not renamed:
        return
    cursor.execute(
        """
        UPDATE tracking_delivery d SET next_queue_id = k.queue_id
        FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
          AS k (hop, message, at, session, queue_id)
        WHERE d.message_id = k.message AND d.received_at = k.at AND d.hop_id = k.hop
          AND d.next_queue_id = k.session
        """,
        [list(column) for column in zip(*renamed, strict=True)],
    )


def stored_by_session(
    cursor: Any, sessions: list[str], parents: list[int], low: int, high: int, *sql: str
) -> list[tuple[Any, ...]]:
    """(session, parent, queue id, Hop, Message, received at, opened at, then the Side).

    Of Hops of these filter sessions that came from a client, and know no parent or one of these.
    ``sql``: the columns of the Side and their joins.
    """
    if not sessions:
        return []
    side, joins = sql
    cursor.execute(
        f"""
        SELECT DISTINCT f.filter_id, h.parent_id, h.queue_id, h.id, h.message_id, h.received_at,
          h.opened_at, {side}
        FROM tracking_filterverdict f
        JOIN tracking_hop h ON h.id = f.hop_id AND h.message_id = f.message_id
         AND h.received_at = f.received_at AND h.queue_id <> f.filter_id
        JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
        JOIN tracking_relay r ON r.id = h.relay_id {joins}
        WHERE f.filter_id = ANY(%s) AND f.filter_id <> '' AND f.received_at BETWEEN %s AND %s
          AND (h.parent_id IS NULL OR h.parent_id = ANY(%s)) AND m.client_ip IS NOT NULL
        """,
        [sessions, instant(low), instant(high), parents],
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
