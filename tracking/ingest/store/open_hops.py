"""The correlator's Hops between two segments: rows of their own, fetched by key."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from struct import Struct
from typing import Any

from tracking.ingest.correlator import HopState
from tracking.ingest.correlator.state import Key
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.store.copying import (
    big_reference,
    copy_rows,
    instant,
    json_text,
    moment,
    scratch_table,
    text,
)
from tracking.ingest.store.rows import delivery_word, mark_of

# After its end a Hop is kept this long (log time) for lines of slower processes.
GRACE = 30_000_000
# A delivery agent goes on with a mail that an administrator takes from it, and then tells.
_LONG_GRACE = 3_600_000_000
# A Hop without a line for this long is lost: Postfix gives up after 5 days
# (maximal_queue_lifetime), and a last attempt may be half a day late.
PATIENCE = 7 * 86_400_000_000
# A notification that was begun comes into the queue at once, or never.
_VOID_PATIENCE = 900_000_000


def load_open_hops(cursor: Any, keys: Iterable[Key]) -> dict[Key, HopState]:
    """The kept states of these (host, queue id) pairs."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for host, queue_id in keys:
        wanted[host].append(queue_id)
    found = {}
    for host, queue_ids in wanted.items():
        cursor.execute(
            """
            SELECT r.name, o.queue_id, o.state, o.message_ref, o.received_us, o.parent_ref
            FROM tracking_relay r JOIN tracking_openhop o ON o.relay_id = r.id
            WHERE r.name = %s AND o.queue_id = ANY(string_to_array(%s, chr(10)))
            """,
            # One text is sent faster than a list; no text of a log holds a line end.
            [host, "\n".join(queue_ids)],
        )
        found.update({(row[0], row[1]): _state(row) for row in cursor.fetchall()})
    return found


def refresh_open_hops(cursor: Any, space: Workspace, relays: dict[str, tuple[int, str]]) -> None:
    """Take over the links that other sources have given to kept states since they were loaded."""
    stored = {
        (relays[hop.host][0], hop.queue_id): hop
        for lives in space.lives.values()
        for hop in lives
        if hop.id
    }
    if not stored:
        return
    cursor.execute(
        """
        SELECT o.relay_id, o.queue_id, o.message_ref, o.received_us, o.parent_ref
        FROM unnest(%s::int[], %s::text[]) AS k (relay, queue_id)
        JOIN tracking_openhop o ON o.relay_id = k.relay AND o.queue_id = k.queue_id
        """,
        [[relay for relay, _ in stored], [queue_id for _, queue_id in stored]],
    )
    for relay, queue_id, message, received_at, parent in cursor.fetchall():
        hop = stored[relay, queue_id]
        hop.message, hop.received_at, hop.parent_id = message, received_at, parent or 0


def take_forgotten(cursor: Any, hosts: Iterable[str], newest: int) -> list[HopState]:
    """Remove the states that nothing will come for; those still open are given back."""
    if not newest:
        return []  # not one line with a time
    cursor.execute(
        """
        DELETE FROM tracking_openhop o USING tracking_relay r
        WHERE r.id = o.relay_id AND r.name = ANY(%s) AND o.forget_at < %s
        RETURNING r.name, o.queue_id, CASE WHEN o.is_ended THEN NULL ELSE o.state END,
                  o.message_ref, o.received_us, o.parent_ref
        """,
        [list(hosts), instant(newest)],
    )
    return [_state(row) for row in cursor.fetchall() if row[2] is not None]


def _state(row: tuple[Any, ...]) -> HopState:
    data = row[2] if isinstance(row[2], dict) else json.loads(row[2])
    hop = HopState.load(data)
    hop.message, hop.received_at, hop.parent_id = row[3], row[4], row[5] or 0
    return hop


_COLUMNS = (
    "relay_id", "is_ended", "forget_at", "message_ref", "received_us", "queue_id", "state",
    "parent_ref",
)  # fmt: skip
_KEY = ("relay_id", "queue_id")
_head = Struct("!h ii i? iq iq iq").pack


def save_open_hops(
    cursor: Any, spaces: list[Workspace], relays: dict[str, tuple[int, str]]
) -> None:
    """Keep the touched states that may go on; drop the kept ones that no longer can."""
    keep: list[bytes] = []
    drop: list[Key] = []
    for space in spaces:
        for key, hop in _latest_lives(space).items():
            grace = _LONG_GRACE if hop.end in {"requeued", "deleted"} else GRACE
            if not hop.ended_at or hop.ended_at + grace >= space.newest:
                forget_at = hop.ended_at + grace if hop.ended_at else _patience_ends(hop)
                keep.append(_row(hop, relays[hop.host][0], forget_at))
            elif key in space.loaded:
                drop.append(key)
    if drop:
        cursor.execute(
            "DELETE FROM tracking_openhop o USING unnest(%s::int[], %s::text[]) k (relay, id) "
            "WHERE o.relay_id = k.relay AND o.queue_id = k.id",
            [[relays[host][0] for host, _ in drop], [queue_id for _, queue_id in drop]],
        )
    if keep:
        _upsert(cursor, keep)


def _patience_ends(hop: HopState) -> int:
    return hop.last_at + (_VOID_PATIENCE if hop.is_void else PATIENCE)


def _latest_lives(space: Workspace) -> dict[Key, HopState]:
    """The touched states; of two lives of one queue id only the later one can go on."""
    latest: dict[Key, HopState] = {}
    for hop in (*space.touched.values(), *space.told_before):
        other = latest.get((hop.host, hop.queue_id))
        if other is None or other.opened_at <= hop.opened_at:
            latest[hop.host, hop.queue_id] = hop
    return latest


def _row(hop: HopState, relay_id: int, forget_at: int) -> bytes:
    for item in hop.deliveries.values():
        item.mark = mark_of(item, delivery_word(hop, item)) if item.id else ""
    return b"".join(
        (
            _head(
                len(_COLUMNS), 4, relay_id, 1, hop.ended_at > 0, 8, moment(forget_at),
                8, hop.message, 8, hop.received_at,
            ),
            text(hop.queue_id), json_text(json.dumps(hop.dump())), big_reference(hop.parent_id),
        )
    )  # fmt: skip


def _upsert(cursor: Any, lines: list[bytes]) -> None:
    scratch_table(
        cursor,
        "kept",
        "relay_id int, queue_id text, state jsonb, is_ended boolean, forget_at timestamptz, "
        "message_ref bigint, received_us bigint, parent_ref bigint",
    )
    copy_rows(cursor, "kept", _COLUMNS, lines)
    names = ", ".join(_COLUMNS)
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS if name not in _KEY)
    cursor.execute(
        f"INSERT INTO tracking_openhop ({names}) SELECT {names} FROM kept "
        f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {changes}"
    )
