"""Which Hop handed a mail to which: by queue ids in replies, proved by Message-ID or sender.

A destination's own ``queued as ID`` can look like one of ours, so an id alone proves nothing:
the time must fit, the Message-ID (or, where there is none, the sender) must be the same, and the
mail must not come from the network of another customer: all the rest a destination can copy.
Links are looked for from both sides, so the order in which hosts are read does not matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mailgw.lib.addresses import is_site_local
from tracking.ingest.correlator import DeliveryState, HopState
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.store.copying import DAY, instant, micros
from tracking.ingest.store.lookup import Lookup
from tracking.ingest.store.rows import client_of
from tracking.ingest.store.sessions import name_next, name_next_stored, stored_by_session

# The next host takes the mail before our "sent" line; it may be that much earlier (a slow end
# of data), or later by the difference of two clocks.
_EARLIEST = 3_600_000_000
_LATEST = 120_000_000
# A mail may wait in a queue for days before it is handed over (open_hops.PATIENCE).
_LONGEST = 8 * DAY
_QUARANTINE_COPY = re.compile(r"<pmg-aquar-[0-9]{1,10}-")


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


class Side(NamedTuple):
    """What a Hop says of its mail. ``customer`` 0: the client is nobody's, as a relay is."""

    host: str
    message_id: str | None
    sender: str | None
    customer: int
    client_ip: str
    client_hostname: str


_SIDE = (
    "r.name, m.message_id, a.address, coalesce(m.customer_id, 0), coalesce(host(m.client_ip), ''), "
    "coalesce(n.name, '')"
)
_SIDE_JOINS = (
    "LEFT JOIN tracking_address a ON a.id = m.sender_id "
    "LEFT JOIN tracking_name n ON n.id = m.client_name_id"
)


def side_of(hop: HopState, lookup: Lookup) -> Side:
    """The Side of a Hop that is at hand."""
    name, client_ip = client_of(hop)
    owner = lookup.networks.owner(client_ip)
    return Side(hop.host, hop.message_id, hop.sender, owner.customer_id, client_ip, name)


def is_same_mail(parent: Side, child: Side) -> bool:
    """Whether what two Hops say of a mail allows it to be one mail."""
    if not _may_come_from(parent, child):
        return False
    if parent.message_id and child.message_id:
        return parent.message_id == child.message_id or _is_without_attachments(
            parent.message_id, child.message_id
        )
    if parent.sender is None and not parent.message_id:
        return _comes_from(parent, child)
    return parent.sender is not None and parent.sender == child.sender


def _comes_from(parent: Side, child: Side) -> bool:
    """Whether the child names the parent's host: all there is when the log began in mid-mail."""
    name = parent.host.partition(".")[0]
    return child.host == parent.host or child.client_hostname.partition(".")[0] == name


def _may_come_from(parent: Side, child: Side) -> bool:
    """Whether the child's client can be the parent's host, or its client named by XFORWARD."""
    return (
        child.customer in {0, parent.customer}
        or child.client_ip == parent.client_ip
        or child.client_hostname.partition(".")[0] == parent.host.partition(".")[0]
    )


def _is_without_attachments(parent_id: str, child_id: str) -> bool:
    """PMG's attachment quarantine delivers a copy as <pmg-aquar-PID-OLD>."""
    prefix = _QUARANTINE_COPY.match(child_id)
    return prefix is not None and child_id[prefix.end() :] == parent_id.removeprefix("<")


def find_links(cursor: Any, space: Workspace, states: list[HopState], lookup: Lookup) -> Links:
    """Link the touched Hops with each other and with stored ones."""
    links = Links()
    known = {hop.id: hop for hop in space.hops.values() if hop.id}
    known.update((hop.id, hop) for hop in states)
    sides = Sides(known, lookup)
    seekers = [hop for hop in states if not hop.parent_id]
    handed = _handed_over(states)
    named: dict[str, list[HopState]] = defaultdict(list)
    if any(hop.orig_queue_id for hop in seekers):
        for hop in known.values():
            named[hop.queue_id].append(hop)
    for hop in seekers:
        parent = _parent_here(space, handed, hop, sides) or _origin_here(named, hop, sides)
        if parent is not None:
            links.parents[hop.id] = parent
    left = [hop for hop in seekers if hop.id not in links.parents and hop.client_ip]
    _find_stored_parents(cursor, links, left, known, sides, DAY)
    waited = [hop for hop in left if not _has_parent(links, hop) and _is_from_relay(hop, lookup)]
    _find_stored_parents(cursor, links, waited, known, sides, _LONGEST)
    _find_origins(cursor, links, [h for h in left if h.orig_queue_id], known, sides)
    _find_stored_children(cursor, links, handed, states, sides)
    return links


def _has_parent(links: Links, hop: HopState) -> bool:
    return hop.id in links.parents or hop.id in links.stored_parents


def _is_from_relay(hop: HopState, lookup: Lookup) -> bool:
    """Whether the client seems to be a relay of ours: few of its mails have no parent yet."""
    name = hop.client_hostname.partition(".")[0].lower()
    if name in lookup.short_names:
        return True
    return is_site_local(hop.client_ip) and not hop.client_ip.startswith(("127.", "::1"))


Handed = dict[str, list[tuple[HopState, DeliveryState]]]


class Sides(dict[int, Side]):
    """The Sides of the Hops at hand by their ids, made when they are asked for."""

    def __init__(self, known: dict[int, HopState], lookup: Lookup) -> None:
        super().__init__()
        self.known = known
        self.lookup = lookup

    def __missing__(self, hop_id: int) -> Side:
        side = self[hop_id] = side_of(self.known[hop_id], self.lookup)
        return side


def _handed_over(states: Iterable[HopState]) -> Handed:
    handed: Handed = defaultdict(list)
    for hop in states:
        for delivery in hop.deliveries.values():
            if delivery.next_queue_id:
                handed[delivery.next_queue_id].append((hop, delivery))
    return handed


def _parent_here(space: Workspace, handed: Handed, hop: HopState, sides: Sides) -> HopState | None:
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
    for name in _names(hop):
        for parent, delivery in handed.get(name, ()):
            if (
                parent is not hop
                and _fits(hop.opened_at, delivery.last_at)
                and is_same_mail(sides[parent.id], sides[hop.id])
            ):
                name_next(parent, name, hop.queue_id)
                return parent
    return None


def _names(hop: HopState) -> tuple[str, ...]:
    """What the host before may have been told: the queue id, or a filter's session."""
    return (hop.queue_id, hop.answered_as) if hop.answered_as else (hop.queue_id,)


def _origin_here(named: dict[str, list[HopState]], hop: HopState, sides: Sides) -> HopState | None:
    """``orig_queue_id=`` of a filter on another host, as ``_find_origins`` finds it stored."""
    for other in named.get(hop.orig_queue_id, ()):
        if (
            other is not hop
            and other.opened_at <= hop.opened_at + _LATEST
            and is_same_mail(sides[other.id], sides[hop.id])
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
    cursor: Any,
    links: Links,
    seekers: list[HopState],
    known: dict[int, HopState],
    sides: Sides,
    age: int,
) -> None:
    """Deliveries in the database that handed a mail to one of these queue ids.

    ``age``: how long before, in microseconds, the mail may have come to the first relay.
    """
    if not seekers:
        return
    low = min(hop.opened_at for hop in seekers) - age
    high = max(hop.opened_at for hop in seekers) + _EARLIEST
    cursor.execute(
        f"""
        SELECT d.next_queue_id, d.hop_id, d.message_id, d.received_at, d.last_attempt_at, {_SIDE}
        FROM tracking_delivery d
        JOIN tracking_message m ON m.id = d.message_id AND m.received_at = d.received_at
        JOIN tracking_hop h ON h.id = d.hop_id AND h.message_id = d.message_id
         AND h.received_at = d.received_at
        JOIN tracking_relay r ON r.id = h.relay_id {_SIDE_JOINS}
        WHERE d.next_queue_id = ANY(%s) AND d.next_queue_id <> ''
          AND d.received_at BETWEEN %s AND %s
        """,
        [list({name for hop in seekers for name in _names(hop)}), instant(low), instant(high)],
    )
    found = defaultdict(list)
    for row in cursor.fetchall():
        found[row[0]].append(row)
    renamed = []
    for hop in seekers:
        rows = [row for name in _names(hop) for row in found[name]]
        for name, hop_id, message, received_at, handed_at, *side in rows:
            if _fits(hop.opened_at, micros(handed_at)) and is_same_mail(Side(*side), sides[hop.id]):
                _take(links, hop, StoredHop(hop_id, message, micros(received_at)), known)
                if name != hop.queue_id:
                    renamed.append((hop_id, message, received_at, name, hop.queue_id))
                break
    name_next_stored(cursor, renamed)


def _find_origins(
    cursor: Any, links: Links, seekers: list[HopState], known: dict[int, HopState], sides: Sides
) -> None:
    """``orig_queue_id=`` (XFORWARD IDENT): the queue id that a filter on another host was given."""
    seekers = [hop for hop in seekers if not _has_parent(links, hop)]
    if not seekers:
        return
    low = min(hop.opened_at for hop in seekers) - DAY
    high = max(hop.opened_at for hop in seekers) + _LATEST
    rows = _stored_hops(cursor, [hop.orig_queue_id for hop in seekers], low, high)
    for hop in seekers:
        for queue_id, hop_id, message, received_at, opened_at, *side in rows:
            if (
                queue_id == hop.orig_queue_id
                and micros(opened_at) <= hop.opened_at + _LATEST
                and is_same_mail(Side(*side), sides[hop.id])
            ):
                _take(links, hop, StoredHop(hop_id, message, micros(received_at)), known)
                break


def _find_stored_children(
    cursor: Any, links: Links, handed: Handed, states: list[HopState], sides: Sides
) -> None:
    """Hops in the database that these deliveries handed a mail to, and that know no parent."""
    written = {hop.id: hop for hop in states}
    linked = {(parent.id, written[child].queue_id) for child, parent in links.parents.items()}
    linked.update((hop.parent_id, hop.queue_id) for hop in states if hop.parent_id)
    wanted = [
        queue_id
        for queue_id, pairs in handed.items()
        if any((parent.id, queue_id) not in linked for parent, _ in pairs)
    ]
    if not wanted:
        return
    times = [d.last_at for queue_id in wanted for _, d in handed[queue_id]]
    low, high = min(times) - _EARLIEST, max(times) + _LATEST
    rows = _stored_hops(cursor, wanted, low, high, are_children=True)
    rows += _children_of_sessions(cursor, {name: handed[name] for name in wanted}, low, high, sides)
    for queue_id, hop_id, message, received_at, opened_at, *side in rows:
        here = written.get(hop_id)
        if here is not None and (here.parent_id or hop_id in links.parents):
            continue
        for parent, delivery in handed[queue_id]:
            if (
                parent.id != hop_id
                and _fits(micros(opened_at), delivery.last_at)
                and is_same_mail(sides[parent.id], Side(*side))
            ):
                if here is not None:
                    links.parents[hop_id] = parent
                else:
                    links.children.append((parent, StoredHop(hop_id, message, micros(received_at))))
                break


def _children_of_sessions(
    cursor: Any, handed: Handed, low: int, high: int, sides: Sides
) -> list[tuple[Any, ...]]:
    """As ``_stored_hops``, by the filter sessions of replies, which then name the queue id."""
    sessions = [
        name
        for name, pairs in handed.items()
        if any(delivery.smtp_reply.endswith(f"({name})") for _, delivery in pairs)
    ]
    parents = [parent.id for name in sessions for parent, _ in handed[name]]
    found = []
    for row in stored_by_session(cursor, sessions, parents, low, high, _SIDE, _SIDE_JOINS):
        session, parent_id, queue_id, *rest = row
        _, _, _, opened_at, *side = rest
        for parent, delivery in handed[session]:
            if _fits(micros(opened_at), delivery.last_at) and is_same_mail(
                sides[parent.id], Side(*side)
            ):
                name_next(parent, session, queue_id)
                if not parent_id:
                    found.append((session, *rest))
    return found


def _stored_hops(
    cursor: Any, queue_ids: list[str], low: int, high: int, *, are_children: bool = False
) -> list[tuple[Any, ...]]:
    """(queue id, id, Message, received at, opened at, then the Side) of Hops of a time.

    Of children only those that came from a client and know no parent.
    """
    only = "AND h.parent_id IS NULL AND m.client_ip IS NOT NULL" if are_children else ""
    cursor.execute(
        f"""
        SELECT h.queue_id, h.id, h.message_id, h.received_at, h.opened_at, {_SIDE}
        FROM tracking_hop h
        JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
        JOIN tracking_relay r ON r.id = h.relay_id {_SIDE_JOINS}
        WHERE h.queue_id = ANY(%s) AND h.received_at BETWEEN %s AND %s {only}
        """,
        [queue_ids, instant(low), instant(high)],
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
