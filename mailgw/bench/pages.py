"""``pages``: every page of stats over a year of figures, and making figures of a busy hour.

A simulated log is read, its rows are copied to the size that is asked for over thirty days
(mailgw.bench.filling), rolled up, and those figures are copied over a year. Pages are asked for
as a browser does, without the network: middleware, view, template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailgw.bench.console import throw_away_console
from mailgw.bench.result import Peer, Result, percentile, size_name
from mailgw.bench.search import fill
from mailgw.launcher.terminal import tell

LOOKS = 20
TARGET_MILLISECONDS = 100.0
TARGET_SECONDS = 1.0
# Of a million mails, an hour of fifty thousand.
BUSY_SHARE = 20


def run(sizes: Sequence[int], looks: int = LOOKS) -> Iterator[Result]:
    """p95 of each page beside the target, then the seconds of recomputing one busy hour."""
    for messages in sizes:
        with throw_away_console() as console:
            console.manage("collectstatic", "--noinput", "--verbosity", "0")
            fill(console, messages)
            busy = max(messages // BUSY_SHARE, 1)
            tell("Rolling up, and asking for pages …")
            found = console.module("paging", str(looks), str(busy))
            for name, seconds in found["pages"].items():
                milliseconds = round(percentile(seconds, 95) * 1000, 1)
                target = Peer("target", TARGET_MILLISECONDS)
                yield Result(f"page {size_name(messages)} {name} p95", milliseconds, "ms", target)
            for name, seconds in found["busy hour"].items():
                value = round(percentile(seconds, 50), 3)
                name = f"{name} an hour of {size_name(busy)} mails"
                yield Result(name, value, "s", Peer("target", TARGET_SECONDS))
