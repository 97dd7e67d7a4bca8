"""When a subject's alert is raised and cleared: hysteresis and patience. Pure, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple


class Stage(Enum):
    QUIET = "quiet"
    PENDING = "pending"
    OPEN = "open"


class Standing(NamedTuple):
    """How far a subject is; ``since`` it has been over the threshold, None when quiet."""

    stage: Stage
    since: datetime | None = None


QUIET = Standing(Stage.QUIET)


@dataclass(frozen=True, slots=True)
class Limits:
    """Raise from ``raise_at`` on, for ``hold`` at least; clear below ``clear_at``.

    A value of which less than ``minimum`` is behind is none. After it cleared, a subject rests for
    ``cooldown``.
    """

    raise_at: float
    clear_at: float
    minimum: int = 0
    hold: timedelta = timedelta()
    cooldown: timedelta = timedelta()

    def is_over(self, value: float, count: int) -> bool:
        return count >= self.minimum and value >= self.raise_at

    def is_clear(self, value: float, count: int) -> bool:
        return count < self.minimum or value < self.clear_at


def advance(
    standing: Standing,
    limits: Limits,
    at: datetime,
    *,
    is_over: bool,
    is_clear: bool,
    is_resting: bool = False,
) -> Standing:
    """The standing after a look at time ``at``; a second look at the same time changes nothing."""
    if standing.stage is Stage.OPEN:
        return QUIET if is_clear else standing
    if not is_over or (is_resting and standing.stage is Stage.QUIET):
        return QUIET
    since = standing.since or at
    is_long_enough = at - since >= limits.hold
    return Standing(Stage.OPEN if is_long_enough else Stage.PENDING, since)
