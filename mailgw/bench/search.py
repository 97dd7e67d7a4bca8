"""``search``: the search by each kind of key, beside grep over the same log.

A full scan is how pmg-log-tracker and a person with a shell look for a mail.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mailgw.bench.console import throw_away_console
from mailgw.bench.result import Peer, Result, percentile, size_name
from mailgw.launcher.terminal import tell

MAILS = 50
_SCANS = 3


def run(sizes: Sequence[int], mails: int = MAILS) -> Iterator[Result]:
    """For each kind p50 beside grep, and p95; at a second size p95 beside that of the first."""
    first: dict[str, float] = {}
    for messages in sizes:
        with throw_away_console() as console:
            logs, _ = console.simulate(messages)
            tell("Reading the logs into the database …")
            console.manage("ingest_logs", *map(str, logs))
            with console.connect() as connection, connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            tell("Searching …")
            for kind, times in console.module("searching", str(mails)).items():
                seconds = [second for _, second in times]
                values = [value for value, _ in times[:_SCANS]]
                name = f"search {size_name(messages)} {kind}"
                scan = Peer("grep", _milliseconds(statistics.median(_scans(values, logs))))
                yield Result(f"{name} p50", _milliseconds(percentile(seconds, 50)), "ms", scan)
                p95 = _milliseconds(percentile(seconds, 95))
                smaller = first.get(kind)
                peer = Peer(f"at {size_name(sizes[0])}", smaller) if smaller else None
                first.setdefault(kind, p95)
                yield Result(f"{name} p95", p95, "ms", peer)


def _scans(values: Sequence[str], logs: Sequence[Path]) -> Iterator[float]:
    for value in values:
        begun = time.monotonic()
        subprocess.run(
            ["grep", "-F", "-c", "-e", value.strip("*"), "--", *map(str, logs)],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        yield time.monotonic() - begun


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
