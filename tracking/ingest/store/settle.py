"""Which Delivery speaks for a recipient when a Message went over several Hops. Pure.

A Delivery that handed its mail to a known next Hop is not the last word: the next Hop's
Delivery for the same recipient is. Until the next Hop has one, the recipient is where that Hop
is (queued, held, lost ...).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

QUEUED, DELIVERED = 0, 1  # tracking.choices.Disposition
_ENDED = {3, 4, 7, 8}  # bounced, expired, blocked, quarantined: no next Hop changes that


@dataclass(slots=True)
class Leg:
    """A Hop of the Message; ``parent_id`` 0 for the first."""

    id: int
    parent_id: int
    queue_id: str
    is_ended: bool


@dataclass(slots=True)
class Row:
    """A Delivery of the Message; ``recipient_id`` 0 when the log never named the recipient."""

    id: int
    hop_id: int
    recipient_id: int
    original_id: int
    next_queue_id: str
    disposition: int
    quarantine_kind: int
    is_final: bool = True


def settle(legs: list[Leg], rows: list[Row]) -> set[int]:
    """Correct ``is_final``, ``disposition`` and ``quarantine_kind`` in place.

    Returns the ids of the rows that changed. The result does not depend on the order of the
    legs or rows, nor on what they were before.
    """
    before = {row.id: (row.is_final, row.disposition, row.quarantine_kind) for row in rows}
    settle_new(legs, rows)
    return {
        row.id
        for row in rows
        if before[row.id] != (row.is_final, row.disposition, row.quarantine_kind)
    }


def settle_new(legs: list[Leg], rows: list[Row]) -> None:
    """As ``settle``, for rows of which nobody needs to know whether they changed."""
    by_hop: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_hop[row.hop_id].append(row)
        row.is_final = True
    onward = [leg for leg in legs if leg.parent_id in by_hop]
    several = len(onward) > 1
    astray = _went_elsewhere(onward, by_hop) if several else {}
    besides = _went_besides(onward, by_hop) if several else {}
    for leg in sorted(onward, key=attrgetter("id")):
        children = [*by_hop.get(leg.id, ()), *besides.get(leg.id, ())]
        _settle_leg(leg, by_hop[leg.parent_id], children, astray)


def _went_besides(legs: list[Leg], by_hop: dict[int, list[Row]]) -> dict[int, list[Row]]:
    """Named rows of Hops that go on from a Hop though none of its replies says so, by that Hop.

    A before-queue filter that makes two mails of one hangs the second below the first: whoever
    handed over the one mail did so for the recipients of both.
    """
    found: dict[int, list[Row]] = defaultdict(list)
    for leg in legs:
        if all(row.next_queue_id != leg.queue_id for row in by_hop[leg.parent_id]):
            found[leg.parent_id] += [row for row in by_hop.get(leg.id, ()) if row.recipient_id]
    return found


def _went_elsewhere(legs: list[Leg], by_hop: dict[int, list[Row]]) -> dict[int, str]:
    """Rows by id whose reply names a Hop that does not know the recipient, though another does.

    A filter that passes each recipient on by itself answers for all with the last queue id. Gives
    the queue id of that other Hop.
    """
    found: dict[int, str] = {}
    for parent_id in {leg.parent_id for leg in legs}:
        own = [leg for leg in legs if leg.parent_id == parent_id]
        if len(own) < 2:
            continue
        names = {leg.queue_id: _names(by_hop.get(leg.id, [])) for leg in own}
        for row in by_hop[parent_id]:
            told = {row.recipient_id, row.original_id} - {0}
            if not names.get(row.next_queue_id) or told & names[row.next_queue_id]:
                continue
            others = [queue_id for queue_id, known in names.items() if told & known]
            if len(others) == 1:
                found[row.id] = others[0]
    return found


def _names(rows: list[Row]) -> set[int]:
    return {name for row in rows for name in (row.recipient_id, row.original_id)} - {0}


def _settle_leg(leg: Leg, parents: list[Row], children: list[Row], astray: dict[int, str]) -> None:
    handed = [row for row in parents if astray.get(row.id, row.next_queue_id) == leg.queue_id]
    # A mail may go on under a new id (requeued, or by way of a filter) though no reply says so:
    # what waits surely does, what is delivered only if the next Hop names the recipient.
    goes_on = [r for r in parents if not r.next_queue_id and r.disposition not in _ENDED]
    waiting = handed or [row for row in goes_on if row.disposition != DELIVERED]
    named = [row for row in children if row.recipient_id]
    unnamed = [row for row in children if not row.recipient_id]
    open_rows = _cover(handed or goes_on, waiting, named)
    for row in unnamed:
        row.is_final = not waiting
    if not handed and not unnamed:
        return
    word = unnamed[0].disposition if unnamed else DELIVERED if leg.is_ended else QUEUED
    for row in open_rows:
        row.disposition = word


def _cover(parents: list[Row], waiting: list[Row], children: list[Row]) -> list[Row]:
    """Match recipients; returns the waiting parents that no child speaks for."""
    matched: set[int] = set()
    spoken: set[int] = set()
    for parent in parents:
        names = {parent.recipient_id, parent.original_id} - {0}
        own = [row for row in children if row.recipient_id in names or row.original_id in names]
        if own:
            matched.update(row.id for row in own)
            spoken.add(parent.id)
            _speak(parent, own)
    left = [row for row in waiting if row.id not in spoken]
    rest = [row for row in children if row.id not in matched]
    if len(left) == 1 and rest:
        # An alias that the next Hop expanded without saying so: by elimination.
        _speak(left[0], rest)
        left = []
    return left


def _speak(parent: Row, children: list[Row]) -> None:
    parent.is_final = False
    if parent.next_queue_id:
        parent.disposition = DELIVERED
    for row in children:
        row.quarantine_kind = row.quarantine_kind or parent.quarantine_kind
