"""The same lines by two ways (a relay's own log and a central one) make one mail, not two.

Lines that come again while their Hop is open or lately ended change nothing, because the
correlator knows their exact times. What comes later is recognised here: a Hop with the host,
queue id and first time of a stored one, or that begins in mid-mail during a stored one's life,
and a Rejection that another source has told. One of the two ways may have stamps of whole
seconds: those are equal to all of their second.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.stamps import SECOND, is_same_time
from tracking.ingest.store.copying import instant, micros
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.ownership import clean_ip


def drop_stored_hops(cursor: Any, space: Workspace, lookup: Lookup) -> None:
    """Take the Hops that are stored already out of the touched ones."""
    new = [hop for hop in space.touched.values() if not hop.id]
    if not new:
        return
    times = [hop.opened_at for hop in new]
    cursor.execute(
        """
        SELECT k.relay, k.queue_id, k.at
        FROM unnest(%s::int[], %s::text[], %s::timestamptz[], %s::boolean[])
          AS k (relay, queue_id, at, is_opened)
        JOIN tracking_hop h ON h.queue_id = k.queue_id AND h.relay_id = k.relay
          AND (h.opened_at = k.at OR (
            date_trunc('second', h.opened_at) = date_trunc('second', k.at)
            AND (date_trunc('second', k.at) IN (k.at, h.opened_at))
          ) OR (
            NOT k.is_opened AND h.opened_at < k.at + interval '1 second'
            AND h.ended_at >= k.at - interval '30 seconds'
          ))
        WHERE h.received_at BETWEEN %s::timestamptz - interval '7 days'
          AND %s::timestamptz + interval '1 second'
        """,
        [
            [lookup.relays[hop.host][0] for hop in new],
            [hop.queue_id for hop in new],
            [instant(at) for at in times],
            [hop.is_opened for hop in new],
            instant(min(times)),
            instant(max(times)),
        ],
    )
    stored = {(relay, queue_id, micros(at)) for relay, queue_id, at in cursor.fetchall()}
    space.told_before = [
        hop for hop in new if (lookup.relays[hop.host][0], hop.queue_id, hop.opened_at) in stored
    ]
    for hop in space.told_before:
        del space.touched[id(hop)]


def drop_told_rejections(cursor: Any, source_id: int, space: Workspace, lookup: Lookup) -> None:
    """Take out the Rejections that another source has told before."""
    if not space.rejections:
        return
    cursor.execute(
        """
        SELECT r.relay_id, host(r.client_ip), a.address, r.code, r.received_at
        FROM unnest(%s::timestamptz[]) AS s (at)
        JOIN tracking_rejection r ON r.received_at >= s.at
          AND r.received_at < s.at + interval '1 second'
        JOIN tracking_logsegment g ON g.id = r.segment_id AND g.source_id <> %s
        LEFT JOIN tracking_address a ON a.id = r.recipient_id
        """,
        [
            [instant(second * SECOND) for second in {r.at // SECOND for r in space.rejections}],
            source_id,
        ],
    )
    told: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for *key, at in cursor.fetchall():
        told[tuple(key)].append(micros(at))
    space.rejections = [
        item
        for item in space.rejections
        if not any(
            is_same_time(at, item.at)
            for at in told.get(
                (
                    lookup.relays[item.host][0],
                    clean_ip(item.client_ip) or None,
                    item.recipient,
                    item.code,
                ),
                (),
            )
        )
    ]
