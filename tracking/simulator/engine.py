"""The clock that drives everything: journeys sleep until a moment and are woken in order of time.

A journey is a generator that yields the moment of its next step. Because steps run in order,
processes and queue ids are given out as a real host gives them; memory holds only what sleeps.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator

Journey = Iterator[int]


class Scheduler:
    """The journeys that sleep, soonest first."""

    def __init__(self) -> None:
        self._sleeping: list[tuple[int, int, Journey]] = []
        self._number = itertools.count()

    def spawn(self, at: int, journey: Journey) -> None:
        """Start a journey at a moment."""
        heapq.heappush(self._sleeping, (at, next(self._number), journey))

    def run_until(self, now: int) -> None:
        """Run every step that is due."""
        while self._sleeping and self._sleeping[0][0] <= now:
            _, _, journey = heapq.heappop(self._sleeping)
            at = next(journey, None)
            if at is not None:
                self.spawn(at, journey)
