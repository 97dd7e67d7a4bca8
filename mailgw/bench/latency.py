"""``latency``: from a line's arrival in a followed log until its mail is found.

A follower and a worker run as in production, in a database that has mail already. Each mail's
lines are written at once; then the database is asked for its queue id until it is there.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from psycopg2.extensions import connection as Connection

from mailgw.bench.console import Console, throw_away_console
from mailgw.bench.result import BenchError, Peer, Result, percentile
from mailgw.launcher import children
from mailgw.launcher.terminal import tell

MAILS = 50
TARGET_SECONDS = 2.0
_POLL_SECONDS = 0.005
_PATIENCE_SECONDS = 60.0
_PAUSES = (0.1, 0.8)
_FOUND = "SELECT 1 FROM tracking_hop WHERE queue_id = %s AND ended_at IS NOT NULL LIMIT 1"
_MAIL = (
    "smtpd[7]: {id}: client=mail.example.net[192.0.2.1]",
    "cleanup[8]: {id}: message-id=<{id}@example.net>",
    "qmgr[9]: {id}: from=<a@example.net>, size=1000, nrcpt=1 (queue active)",
    "smtp[10]: {id}: to=<b@example.org>, relay=mx.example.org[198.51.100.1]:25, delay=0.2,"
    " delays=0/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
    "qmgr[9]: {id}: removed",
)


def run(sizes: Sequence[int], mails: int = MAILS) -> Iterator[Result]:
    for messages in sizes:
        with throw_away_console() as console:
            logs, _ = console.simulate(messages)
            console.manage("ingest_logs", *map(str, logs))
            followed = console.directory / "followed.log"
            followed.touch()
            with _following(console, followed):
                seconds = _measure(console, followed, mails)
        for percent in (50, 95):
            peer = Peer("target", TARGET_SECONDS) if percent == 95 else None
            yield Result(f"latency p{percent}", round(percentile(seconds, percent), 3), "s", peer)


@contextmanager
def _following(console: Console, log: Path) -> Iterator[None]:
    """A worker and a follower, until the block ends."""
    follow = children.Program("follower", children.manage("follow_logs", str(log)))
    running: list[subprocess.Popen[bytes]] = []
    with (console.directory / "processes.log").open("ab") as output:
        try:
            for program in (children.worker(), follow):
                running.append(children.spawn(program, console.environment, output))
            yield
        finally:
            children.end_all(running)


def _measure(console: Console, log: Path, mails: int) -> list[float]:
    """Seconds of each mail; the first one waits for the processes to start and does not count."""
    tell(f"Writing {mails} mails to a followed log …")
    chance = random.Random(1)  # noqa: S311 (pauses, not secrets)
    seconds = []
    with console.connect() as connection, log.open("a") as lines:
        for number in range(mails + 1):
            seconds.append(_write_and_find(connection, lines, f"{0xA00000 + number:X}"))
            # Not in step with the follower.
            time.sleep(chance.uniform(*_PAUSES))
    return seconds[1:]


def _write_and_find(connection: Connection, lines: TextIO, queue_id: str) -> float:
    stamp = datetime.now(UTC).isoformat(timespec="microseconds")
    text = "".join(f"{stamp} mx9 postfix/{line.format(id=queue_id)}\n" for line in _MAIL)
    begun = time.monotonic()
    lines.write(text)
    lines.flush()
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_FOUND, [queue_id])
            waited = time.monotonic() - begun
            if cursor.fetchone():
                return waited
            if waited > _PATIENCE_SECONDS:
                message = f"mail {queue_id} was not found after {_PATIENCE_SECONDS:.0f} seconds"
                raise BenchError(message)
            time.sleep(_POLL_SECONDS)
