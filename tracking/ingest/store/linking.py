"""Which Hop handed a mail to which: by queue ids in replies, proved by Message-ID or sender.

A destination's own ``queued as ID`` can look like one of ours, so an id alone proves nothing:
the time must fit and the Message-ID (or, where there is none, the sender) must be the same.
Links are looked for from both sides, so the order in which hosts are read does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracking.ingest.correlator import DeliveryState, HopState
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.store.copying import DAY, instant, micros

# The next host takes the mail before our "sent" line; it may be that much earlier (a slow end
# of data), or later by the difference of two clocks.
_EARLIEST = 3_600_000_000
_LATEST = 120_000_000


@dataclass(slots=True)
class Links:
    """What was found: parents of this batch's Hops, and stored Messages that join another."""

    parents: dict[int, HopState] = field(default_factory=dict)
    stored_parents: dict[int, StoredHop] = field(default_factory=dict)
    children: list[tuple[HopState, StoredHop]] = field(default_factory=list)


@dataclass(slots=True)
class StoredHop:
    """A Hop that is only in the database."""

    id: int
    message: int
    received_at: int


def is_same_mail(
    parent_id: str | None, parent_sender: str | None, child_id: str | None, child_sender: str | None
) -> bool:
    """Whether what two Hops say of a mail allows it to be one mail."""
    if parent_id and child_id:
        # PMG's attachment quarantine delivers a copy as <pmg-aquar-PID-OLD>.
        return parent_id == child_id or child_id.endswith(parent_id.lstrip("<"))
    return parent_sender is not None and parent_sender == child_sender


def find_links(cursor: Any, space: Workspace, states: list[HopState]) -> Links:
    """Link the touched Hops with each other and with stored ones."""
    links = Links()
    known = {hop.id: hop for hop in space.hops.values() if hop.id}
    known.update((hop.id, hop) for hop in states)
    seekers = [hop for hop in states if not hop.parent_id]
    handed = _handed_over(states)
    named: dict[str, list[HopState]] = defaultdict(list)
    if any(hop.orig_queue_id for hop in seekers):
        for hop in known.values():
            named[hop.queue_id].append(hop)
    for hop in seekers:
        parent = _parent_here(space, handed, hop) or _origin_here(named, hop)
        if parent is not None:
            links.parents[hop.id] = parent
    left = [hop for hop in seekers if hop.id not in links.parents and hop.client_ip]
    _find_stored_parents(cursor, links, left, known)
    _find_origins(cursor, links, [h for h in left if h.orig_queue_id], known)
    _find_stored_children(cursor, links, handed, known)
    return links


Handed = dict[str, list[tuple[HopState, DeliveryState]]]


def _handed_over(states: Iterable[HopState]) -> Handed:
    handed: Handed = defaultdict(list)
    for hop in states:
        for delivery in hop.deliveries.values():
            if delivery.next_queue_id:
                handed[delivery.next_queue_id].append((hop, delivery))
    return handed


def _parent_here(space: Workspace, handed: Handed, hop: HopState) -> HopState | None:
    if hop.parent is not None:
        found = space.life(hop.parent)
        if (
            found is not None
            and found.id
            and found is not hop
            and found.opened_at <= hop.opened_at + _LATEST
        ):
            return found
    if not hop.client_ip:
        return None
    for parent, delivery in handed.get(hop.queue_id, ()):
        if (
            parent is not hop
            and _fits(hop.opened_at, delivery.last_at)
            and is_same_mail(parent.message_id, parent.sender, hop.message_id, hop.sender)
        ):
            return parent
    return None


def _origin_here(named: dict[str, list[HopState]], hop: HopState) -> HopState | None:
    """``orig_queue_id=`` of a filter on another host, as ``_find_origins`` finds it stored."""
    for other in named.get(hop.orig_queue_id, ()):
        if (
            other is not hop
            and other.opened_at <= hop.opened_at + _LATEST
            and is_same_mail(other.message_id, other.sender, hop.message_id, hop.sender)
        ):
            return other
    return None


def _fits(opened_at: int, handed_at: int) -> bool:
    return handed_at - _EARLIEST <= opened_at <= handed_at + _LATEST


def _take(links: Links, hop: HopState, stored: StoredHop, known: dict[int, HopState]) -> None:
    """A parent found in the database may be one that is at hand, too."""
    here = known.get(stored.id)
    if here is hop or stored.id == hop.id:
        return
    if here is not None:
        links.parents[hop.id] = here
    else:
        links.stored_parents[hop.id] = stored


def _find_stored_parents(
    cursor: Any, links: Links, seekers: list[HopState], known: dict[int, HopState]
) -> None:
    """Deliveries in the database that handed a mail to one of these queue ids."""
    if not seekers:
        return
    low = min(hop.opened_at for hop in seekers) - DAY
    high = max(hop.opened_at for hop in seekers) + _EARLIEST
    cursor.execute(
        """
        SELECT d.next_queue_id, d.hop_id, d.message_id, d.received_at, d.last_attempt_at,
               m.message_id, a.address
        FROM tracking_delivery d
        JOIN tracking_message m ON m.id = d.message_id AND m.received_at = d.received_at
        LEFT JOIN tracking_address a ON a.id = m.sender_id
        WHERE d.next_queue_id = ANY(%s) AND d.next_queue_id <> ''
          AND d.received_at BETWEEN %s AND %s
        """,
        [list({hop.queue_id for hop in seekers}), instant(low), instant(high)],
    )
    found = defaultdict(list)
    for row in cursor.fetchall():
        found[row[0]].append(row)
    for hop in seekers:
        for _, hop_id, message, received_at, handed_at, message_id, sender in found[hop.queue_id]:
            if _fits(hop.opened_at, micros(handed_at)) and is_same_mail(
                message_id, sender, hop.message_id, hop.sender
            ):
                _take(links, hop, StoredHop(hop_id, message, micros(received_at)), known)
                break


def _find_origins(
    cursor: Any, links: Links, seekers: list[HopState], known: dict[int, HopState]
) -> None:
    """``orig_queue_id=`` (XFORWARD IDENT): the queue id that a filter on another host was given."""
    seekers = [h for h in seekers if h.id not in links.parents and h.id not in links.stored_parents]
    if not seekers:
        return
    low = min(hop.opened_at for hop in seekers) - DAY
    high = max(hop.opened_at for hop in seekers) + _LATEST
    cursor.execute(
        """
        SELECT h.queue_id, h.id, h.message_id, h.received_at, h.opened_at, m.message_id, a.address
        FROM tracking_hop h
        JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
        LEFT JOIN tracking_address a ON a.id = m.sender_id
        WHERE h.queue_id = ANY(%s) AND h.received_at BETWEEN %s AND %s
        """,
        [[hop.orig_queue_id for hop in seekers], instant(low), instant(high)],
    )
    rows = cursor.fetchall()
    for hop in seekers:
        for queue_id, hop_id, message, received_at, opened_at, message_id, sender in rows:
            if (
                queue_id == hop.orig_queue_id
                and micros(opened_at) <= hop.opened_at + _LATEST
                and is_same_mail(message_id, sender, hop.message_id, hop.sender)
            ):
                _take(links, hop, StoredHop(hop_id, message, micros(received_at)), known)
                break


def _find_stored_children(
    cursor: Any, links: Links, handed: Handed, known: dict[int, HopState]
) -> None:
    """Hops in the database that these deliveries handed a mail to, and that know no parent."""
    taken = {h.queue_id for h in known.values() if h.id in links.parents or h.parent_id}
    wanted = [queue_id for queue_id in handed if queue_id not in taken]
    if not wanted:
        return
    times = [d.last_at for queue_id in wanted for _, d in handed[queue_id]]
    cursor.execute(
        """
        SELECT h.queue_id, h.id, h.message_id, h.received_at, h.opened_at, m.message_id, a.address
        FROM tracking_hop h
        JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
        LEFT JOIN tracking_address a ON a.id = m.sender_id
        WHERE h.queue_id = ANY(%s) AND h.received_at BETWEEN %s AND %s
          AND h.parent_id IS NULL AND m.client_ip IS NOT NULL
        """,
        [wanted, instant(min(times) - _EARLIEST), instant(max(times) + _LATEST)],
    )
    for queue_id, hop_id, message, received_at, opened_at, message_id, sender in cursor.fetchall():
        stored = StoredHop(hop_id, message, micros(received_at))
        for parent, delivery in handed[queue_id]:
            if (
                parent.id != hop_id
                and _fits(micros(opened_at), delivery.last_at)
                and is_same_mail(parent.message_id, parent.sender, message_id, sender)
            ):
                here = known.get(hop_id)
                if here is not None:
                    links.parents[hop_id] = parent
                else:
                    links.children.append((parent, stored))
                break
