"""``quarantine``: the pages of a quarantine that holds half a million mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailgw.bench.console import throw_away_console
from mailgw.bench.result import Peer, Result, percentile, size_name
from mailgw.launcher.terminal import tell

LOOKS = 20
TARGET_MILLISECONDS = 100.0


def run(sizes: Sequence[int], looks: int = LOOKS) -> Iterator[Result]:
    """p95 of each list beside the target; the database's part and ours, without the network."""
    for mails in sizes:
        with throw_away_console() as console:
            tell(f"Filling a quarantine with {mails:,} mails …")
            for name, seconds in console.module("holding", str(mails), str(looks)).items():
                milliseconds = round(percentile(seconds, 95) * 1000, 1)
                target = Peer("target", TARGET_MILLISECONDS)
                yield Result(f"quarantine {size_name(mails)} {name}", milliseconds, "ms", target)
