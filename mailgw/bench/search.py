"""``search``: each kind of search over thirty days, beside grep over the same log.

A simulated log of BASE mails is read, and its rows are copied by SQL to the size that is asked
for (mailgw.bench.filling). A full scan is how pmg-log-tracker and a person with a shell look for
a mail: grep reads the log of the base as many times over as its rows were copied.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mailgw.bench.console import Console, throw_away_console
from mailgw.bench.result import Peer, Result, percentile, size_name
from mailgw.launcher.terminal import tell

BASE = 12_000
MAILS = 20
TARGET_P95 = 50.0  # milliseconds
TARGET_GROWTH = 1.5  # times the p95 of the first size


def run(sizes: Sequence[int], mails: int = MAILS) -> Iterator[Result]:
    """For each kind p50 beside grep, and p95; at a second size how much it grew from the first."""
    first: dict[str, float] = {}
    for messages in sizes:
        with throw_away_console() as console:
            logs = fill(console, messages)
            tell("Searching …")
            for kind, times in console.module("searching", str(mails)).items():
                seconds = [second for _, second in times]
                name = f"search {size_name(messages)} {kind}"
                scan = Peer("grep", _milliseconds(_scan(times[0][0], logs)))
                yield Result(f"{name} p50", _milliseconds(percentile(seconds, 50)), "ms", scan)
                p95 = _milliseconds(percentile(seconds, 95))
                smaller = first.get(kind)
                yield Result(f"{name} p95", p95, "ms", Peer("target", TARGET_P95))
                if smaller:
                    growth = f"search {size_name(messages)}/{size_name(sizes[0])} {kind} p95"
                    flatness = round(p95 / smaller, 2)
                    yield Result(growth, flatness, "times", Peer("target", TARGET_GROWTH))
                first.setdefault(kind, p95)


def fill(console: Console, messages: int) -> list[Path]:
    """The logs of the base, as often as its rows are in the database."""
    logs, _ = console.simulate(min(messages, BASE))
    registry = logs[0].parent.parent / "registry.json"
    console.manage("load_registry", str(registry))
    tell("Reading the logs into the database …")
    console.manage("ingest_logs", *map(str, logs))
    tell(f"Copying the rows to {messages:,} messages …")
    console.module("filling", str(messages))
    return logs * max(messages // BASE, 1)


def _scan(text: str, logs: Sequence[Path]) -> float:
    """Seconds of a whole scan; grep into /dev/null would stop at its first match."""
    begun = time.monotonic()
    subprocess.run(
        ["grep", "-F", "-c", "-e", text.strip("*"), "--", *map(str, logs)],
        stdout=subprocess.PIPE,
        check=False,
    )
    return time.monotonic() - begun


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
