"""One segment's result into the database: ids, links, rows, and which Delivery is final.

Called inside the segment's transaction, under the store lock (pipeline): two segments are never
written at once, so a link between two hosts is seen by whichever comes second.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from tracking.ingest.correlator import DeliveryState, HopState, RejectionState
from tracking.ingest.correlator.state import VerdictState
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.store import rows
from tracking.ingest.store.copying import (
    copy_rows,
    ensure_partitions,
    instant,
    mark_hours,
    take_ids,
)
from tracking.ingest.store.deletions import note_deletions
from tracking.ingest.store.linking import Links, find_links
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.merging import Merge, apply_merges, settle_stored, update_rows
from tracking.ingest.store.settle import Leg, Row, settle_new

HOUR = 3_600_000_000


@dataclass(slots=True)
class Batch:
    """What is written for one segment; ids from ``first_id`` on are new."""

    states: list[HopState]
    new_hops: list[HopState] = field(default_factory=list)
    old_hops: list[HopState] = field(default_factory=list)
    words: dict[int, tuple[int, int]] = field(default_factory=dict)
    first_id: int = sys.maxsize
    merges: list[Merge] = field(default_factory=list)
    linked: set[tuple[int, int]] = field(default_factory=set)
    settled: dict[int, Row] = field(default_factory=dict)

    def word(self, hop: HopState, item: DeliveryState) -> tuple[int, int]:
        """The Delivery's word at its Hop, found once."""
        word = self.words.get(item.id)
        if word is None:
            word = self.words[item.id] = rows.delivery_word(hop, item)
        return word


def prepare_states(
    cursor: Any, lookup: Lookup, states: list[HopState], rejections: list[RejectionState]
) -> None:
    """Complete these states and give their texts ids; every state to store needs it once."""
    for hop in states:
        if not hop.deliveries:
            hop.deliveries["", ""] = DeliveryState("")
        _add_release(hop)
    rows.prepare(cursor, lookup, states, rejections)


def store_workspace(cursor: Any, space: Workspace, lookup: Lookup) -> list[HopState]:
    """Write what the correlator touched (and is prepared); returns the states, with their ids."""
    # In the order of time: so ids and times grow together, and indexes fill whole pages.
    batch = Batch(sorted(space.touched.values(), key=attrgetter("opened_at")))
    next_id = _give_ids(cursor, batch, space)
    links = find_links(cursor, space, batch.states, lookup)
    _give_messages(batch, links, space)
    ensure_partitions(
        cursor,
        [hop.received_at for hop in batch.states]
        + [item.at for item in space.rejections]
        + [merge.received_at for merge in batch.merges],
    )
    _settle_here(batch)
    apply_merges(cursor, batch.merges)
    _write(cursor, batch, lookup)
    copy_rows(
        cursor,
        "tracking_rejection",
        rows.REJECTION,
        (
            rows.rejection_row(row_id, r, lookup)
            for row_id, r in enumerate(space.rejections, next_id)
        ),
    )
    settle_stored(cursor, batch.linked)
    note_deletions(cursor, space.deletions)
    _mark_hours(cursor, batch, space)
    return batch.states


def _add_release(hop: HopState) -> None:
    """A release is a verdict too: it names the quarantined file that this mail was."""
    if hop.released and not any(v.action == "release" for v in hop.verdicts):
        hop.verdicts.append(VerdictState("", hop.opened_at, "release", quarantine_id=hop.released))


def _give_ids(cursor: Any, batch: Batch, space: Workspace) -> int:
    """Number the new Hops, Deliveries and verdicts; returns the first id of the rejections."""
    fresh: list[HopState | DeliveryState | VerdictState] = []
    for hop in batch.states:
        if hop.id:
            batch.old_hops.append(hop)
        else:
            batch.new_hops.append(hop)
            fresh.append(hop)
        new = [item for item in hop.deliveries.values() if not item.id]
        space.new_deliveries += len(new)
        fresh.extend(new)
        fresh.extend(item for item in hop.verdicts if not item.id)
    space.new_hops = len(batch.new_hops)
    count = len(fresh) + len(space.rejections)
    if not count:
        return 0
    batch.first_id = take_ids(cursor, count)
    for number, item in enumerate(fresh, batch.first_id):
        item.id = number
    return batch.first_id + len(fresh)


def _give_messages(batch: Batch, links: Links, space: Workspace) -> None:
    """Every Hop its Message: its parent's, the one it has, or a new one."""
    was = {hop.id: (hop.message, hop.received_at) for hop in batch.states}
    for hop in batch.states:
        parent = links.parents.get(hop.id)
        stored = links.stored_parents.get(hop.id)
        if parent is not None and not _is_below(parent, hop, links):
            hop.parent_id = parent.id
        elif parent is not None:
            del links.parents[hop.id]
        elif stored is not None:
            hop.parent_id = stored.id
    for hop in batch.states:
        hop.message, hop.received_at = _message_of(hop, links, 0)
    _collect_merges(batch, links, was)
    for hop in batch.states:
        # Last, because the mail that it is about may have joined another just now.
        about = space.life(hop.related) if hop.related is not None else None
        if about is not None and about.message:
            hop.related_id = about.message


def _is_below(parent: HopState, hop: HopState, links: Links) -> bool:
    """Whether taking this parent would close a ring."""
    seen = 0
    current: HopState | None = parent
    while current is not None and seen < 50:
        if current is hop:
            return True
        current = links.parents.get(current.id)
        seen += 1
    return seen >= 50


def _message_of(hop: HopState, links: Links, depth: int) -> tuple[int, int]:
    parent = links.parents.get(hop.id)
    if parent is not None and depth < 50:
        return _message_of(parent, links, depth + 1)
    stored = links.stored_parents.get(hop.id)
    if stored is not None:
        return stored.message, stored.received_at
    if hop.message:
        return hop.message, hop.received_at
    return hop.id, hop.opened_at


def _collect_merges(batch: Batch, links: Links, was: dict[int, tuple[int, int]]) -> None:
    moved: dict[int, tuple[int, int]] = {}

    def join(old: int, old_at: int, message: int, received_at: int) -> None:
        while message in moved:
            message, received_at = moved[message]
        if old and old != message:
            moved[old] = (message, received_at)
            batch.merges.append(Merge(old, old_at, message, received_at))

    for hop in batch.states:
        old, old_at = was[hop.id]
        if old != hop.message:
            join(old, old_at, hop.message, hop.received_at)
        if hop.parent_id or (old and any(d.next_queue_id for d in hop.deliveries.values())):
            batch.linked.add((hop.message, hop.received_at))
    for hop, child in links.children:
        join(child.message, child.received_at, hop.message, hop.received_at)
        batch.linked.add((hop.message, hop.received_at))
        batch.merges.append(Merge(0, 0, hop.message, hop.received_at, child.id, hop.id))
    for hop in batch.states:
        while hop.message in moved:
            hop.message, hop.received_at = moved[hop.message]
    batch.linked = {moved.get(message, (message, at)) for message, at in batch.linked}


def _settle_here(batch: Batch) -> None:
    """Settle the Messages that are wholly in this batch before they are written."""
    groups: dict[int, list[HopState]] = defaultdict(list)
    handed_on = {hop.message for hop in batch.states if hop.parent_id}
    new = {hop.id for hop in batch.new_hops}
    merged = {merge.message for merge in batch.merges}
    foreign = set()
    for hop in batch.states:
        if hop.message not in handed_on:
            continue
        groups[hop.message].append(hop)
        if hop.id not in new or (hop.parent_id and hop.parent_id not in new):
            foreign.add(hop.message)
    for message, hops in groups.items():
        if len(hops) < 2 or message in foreign or message in merged:
            continue
        legs = [Leg(h.id, h.parent_id, h.queue_id, bool(h.ended_at)) for h in hops]
        table = [_row(batch, hop, item) for hop in hops for item in hop.deliveries.values()]
        settle_new(legs, table)
        batch.settled.update((row.id, row) for row in table)
        batch.linked.discard((message, hops[0].received_at))


def _row(batch: Batch, hop: HopState, item: DeliveryState) -> Row:
    word, kind = batch.word(hop, item)
    recipient = hash(item.recipient) if item.recipient else 0
    original = hash(item.original_recipient) if item.original_recipient else 0
    return Row(item.id, hop.id, recipient, original, item.next_queue_id, word, kind)


def _write(cursor: Any, batch: Batch, lookup: Lookup) -> None:
    """Rows in the order of their Messages: most indexes are, and so get pages that are full."""
    batch.states.sort(key=attrgetter("message"))
    batch.new_hops.sort(key=attrgetter("message"))
    copy_rows(
        cursor,
        "tracking_message",
        rows.MESSAGE,
        (rows.message_row(hop, lookup) for hop in batch.new_hops if hop.message == hop.id),
    )
    copy_rows(
        cursor, "tracking_hop", rows.HOP, (rows.hop_row(hop, lookup) for hop in batch.new_hops)
    )
    copy_rows(
        cursor,
        "tracking_delivery",
        rows.DELIVERY,
        (
            _delivery_row(batch, hop, item, lookup)
            for hop in batch.states
            for item in hop.deliveries.values()
            if item.id >= batch.first_id
        ),
    )
    copy_rows(cursor, "tracking_filterverdict", rows.VERDICT, _verdict_rows(batch, lookup))
    update_rows(cursor, _changes(batch, lookup))


def _delivery_row(batch: Batch, hop: HopState, item: DeliveryState, lookup: Lookup) -> bytes:
    row = batch.settled.get(item.id)
    if row is None:
        return rows.delivery_row(hop, item, lookup, batch.word(hop, item), is_final=True)
    word = (row.disposition, row.quarantine_kind)
    return rows.delivery_row(hop, item, lookup, word, is_final=row.is_final)


def _verdict_rows(batch: Batch, lookup: Lookup) -> Iterator[bytes]:
    """A verdict that several Hops have is stored with the first."""
    for hop in batch.states:
        for verdict in hop.verdicts:
            if not verdict.is_stored:
                verdict.is_stored = True
                yield rows.verdict_row(hop, verdict, lookup)


def _changes(batch: Batch, lookup: Lookup) -> dict[str, list[bytes]]:
    """Rows of Hops that are stored; Deliveries whose word or attempt is not that of last time."""
    old = batch.old_hops
    return {
        "tracking_hop": [rows.hop_row(hop, lookup) for hop in old],
        "tracking_message": [rows.message_row(hop, lookup) for hop in old if hop.message == hop.id],
        "tracking_delivery": [
            _delivery_row(batch, hop, item, lookup)
            for hop in old
            for item in hop.deliveries.values()
            if item.id < batch.first_id and item.mark != rows.mark_of(item, batch.word(hop, item))
        ],
    }


def _mark_hours(cursor: Any, batch: Batch, space: Workspace) -> None:
    """Note the hours whose figures this segment changed."""
    hours = {hop.received_at // HOUR for hop in batch.states}
    hours.update(item.at // HOUR for item in space.rejections)
    hours.update(m.old_received_at // HOUR for m in batch.merges if m.old)
    mark_hours(cursor, (instant(hour * HOUR) for hour in hours))
