"""What every journey needs: the hosts, the people, the clock, the books."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tracking.simulator.clock import between
from tracking.simulator.engine import Journey, Scheduler
from tracking.simulator.hosts import Host
from tracking.simulator.population import Population
from tracking.simulator.spool import Spool, sampling
from tracking.simulator.truth import TruthBook
from tracking.simulator.writer import HostLog, LogFormat

if TYPE_CHECKING:
    from tracking.simulator.journeys.session import Hop

RELAYS = (
    ("smtp-ext", "ext", "203.0.113.10"),
    ("smtp-pre", "pre", "203.0.113.12"),
    ("smtp-tr", "tr", "203.0.113.13"),
    ("mx", "mx", "203.0.113.20"),
)


class World:
    """The simulated site from a start to an end (microseconds).

    ``onward`` says what a relay of a role does with mail that it has accepted.
    """

    def __init__(
        self,
        directory: Path,
        seed: int,
        span: tuple[int, int],
        log_format: LogFormat,
        messages: int,
    ) -> None:
        self.rng = random.Random(seed)  # noqa: S311 (a simulation wants repeatable numbers)
        self.span = self.start, self.end = span
        self.people = Population(self.rng, *span)
        self.logs = {
            name: HostLog(directory / name / "mail.log", name, log_format, self.end)
            for name, _, _ in RELAYS
        }
        self.hosts = {
            role: Host(name, role, address, self.logs[name], self.rng)
            for name, role, address in RELAYS
        }
        self.screen_pid = self.hosts["mx"].new_pid()
        self.book = TruthBook(directory, self.end)
        self.spool = Spool(directory / "quarantine" / "spool", self.end, sampling(messages))
        self.scheduler = Scheduler()
        self.onward: dict[str, Callable[[World, Hop], Journey]] = {}

    def between(self, low: float, high: float) -> int:
        """Some microseconds between two numbers of seconds."""
        return between(self.rng, low, high)

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.rng.random() < probability

    def flush(self, now: int) -> None:
        """Write the lines before now."""
        for log in self.logs.values():
            log.flush(now)

    def close(self) -> None:
        """Write everything that is left."""
        for log in self.logs.values():
            log.close()
        self.book.close()
