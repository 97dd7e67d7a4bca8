"""The way of a mail over its Hops. Pure: the caller has read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

_LONGEST = 50


class Step(NamedTuple):
    """A Hop; ``ended_at`` None while it is open."""

    parent: int | None
    host: str
    queue_id: str
    opened_at: datetime
    ended_at: datetime | None


def steps_to(hop_id: int, hops: Mapping[int, Step]) -> list[Step]:
    """From the first acceptance to this Hop; nothing when it is not among them."""
    steps: list[Step] = []
    current: int | None = hop_id
    while current is not None and current in hops and len(steps) < _LONGEST:
        steps.append(hops[current])
        current = steps[-1].parent
    return steps[::-1]


def first_seen(received_at: datetime, steps: list[Step]) -> datetime:
    """A Hop may have begun before ``received_at``: its first line can be read late."""
    return min([received_at, *(step.opened_at for step in steps)])


def last_event(step: Step) -> datetime:
    return step.ended_at or step.opened_at
