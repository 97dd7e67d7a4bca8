"""``ingest``: log lines to committed, searchable rows with all indexes, beside pflogsumm.

pflogsumm reads the same lines, in one file, and makes its report of them: before and after our
run, and its better time counts. Ours is the time that ``ingest_logs`` reports: from the first
byte read to the last commit, the raw lines stored as evidence included.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mailgw.bench.console import Console, throw_away_console
from mailgw.bench.result import BenchError, Peer, Result, size_name
from mailgw.launcher import children
from mailgw.launcher.terminal import tell

# Database bytes for each byte of log, the compressed log included.
DATABASE_TARGET = 0.8
_MEBIBYTE = 1024 * 1024
_SIZE = r"""
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind = 'r' AND relname LIKE 'tracking\_%'
"""


def run(sizes: Sequence[int]) -> Iterator[Result]:
    """The sizes' figures; the memory of the later ones is measured by the first one's."""
    first: Peer | None = None
    for messages in sizes:
        with throw_away_console() as console:
            logs, summary = console.simulate(messages)
            size = size_name(summary["lines"])
            speed, memory = _ingest(console, logs)
            yield Result(f"ingest {size}", *speed)
            yield Result(f"ingest {size} memory", memory, "MiB", first)
            first = first or Peer(f"at {size}", memory)
            yield _database(console, f"ingest {size} database", logs)


def _ingest(console: Console, logs: list[Path]) -> tuple[tuple[float, str, Peer], float]:
    """Lines a second beside pflogsumm's, and MiB of peak memory."""
    together = console.directory / "together.log"
    with together.open("wb") as output:
        for log in logs:
            with log.open("rb") as lines:
                shutil.copyfileobj(lines, output)
    seconds = [_pflogsumm(together)]
    tell("Reading the logs into the database …")
    done, memory = console.run(children.manage("ingest_logs", *map(str, logs)))
    seconds.append(_pflogsumm(together))
    together.unlink()
    peer = Peer("pflogsumm", round(done["lines"] / min(seconds)))
    value = round(done["lines"] / done["seconds"])
    return (value, "lines/s", peer), round(memory / _MEBIBYTE, 1)


def _pflogsumm(log: Path) -> float:
    """Seconds of a report over this log."""
    tell("Running pflogsumm …")
    program = shutil.which("pflogsumm")
    if program is None:
        message = "pflogsumm is missing. On Debian: sudo apt-get install pflogsumm"
        raise BenchError(message)
    begun = time.monotonic()
    subprocess.run([program, str(log)], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begun


def _database(console: Console, name: str, logs: list[Path]) -> Result:
    """Bytes of all tables of tracking and their indexes, after VACUUM, for each byte of log."""
    with console.connect() as connection, connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute(_SIZE)
        size = int(cursor.fetchone()[0])  # type: ignore[index]
    raw = sum(log.stat().st_size for log in logs)
    return Result(name, round(size / raw, 3), "byte/byte", Peer("target", DATABASE_TARGET))
