"""Log files: lines are given in any order and written in order of time, an hour at most in memory.

A line may be given for any moment from now on (a retry in four hours); what lies before the
simulation's now is complete and goes to the file. Lines after the end are dropped: the log stops.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from typing import Literal

from tracking.simulator.clock import MINUTE, SECOND, site_time

LogFormat = Literal["rfc3339", "rfc3164"]
BUCKET = 5 * MINUTE

_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
)  # fmt: skip


class HostLog:
    """The ``mail.log`` of one host."""

    def __init__(self, path: Path, host: str, log_format: LogFormat, end: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._host = host
        self._format = log_format
        self._end = end
        self._buckets: dict[int, list[tuple[int, str]]] = {}
        self.count = 0

    def add(self, at: int, body: str) -> None:
        """Take one line, ``tag[pid]: text``, for a moment not yet written."""
        if at > self._end:
            return
        bucket = self._buckets.get(at // BUCKET)
        if bucket is None:
            bucket = self._buckets[at // BUCKET] = []
        bucket.append((at, body))

    def flush(self, now: int) -> None:
        """Write every bucket that ends before now."""
        for number in sorted(self._buckets):
            if (number + 1) * BUCKET > now:
                return
            self._write(self._buckets.pop(number))

    def close(self) -> None:
        """Write the rest."""
        self.flush(self._end + 2 * BUCKET)
        self._file.close()

    def _write(self, bucket: list[tuple[int, str]]) -> None:
        bucket.sort(key=itemgetter(0))
        self.count += len(bucket)
        lines = self._rfc3164(bucket) if self._format == "rfc3164" else self._rfc3339(bucket)
        self._file.write("".join(lines))

    def _rfc3339(self, bucket: list[tuple[int, str]]) -> Iterable[str]:
        """``2026-11-24T11:15:56.281476+07:00 mx postfix/smtpd[580]: connect from ...``"""
        second, stamp = -1, ""
        for at, body in bucket:
            if at // SECOND != second:
                second = at // SECOND
                stamp = site_time(at).strftime("%Y-%m-%dT%H:%M:%S")
            yield f"{stamp}.{at % SECOND:06d}+07:00 {self._host} {body}\n"

    def _rfc3164(self, bucket: list[tuple[int, str]]) -> Iterable[str]:
        """``Nov  4 11:15:56 mx postfix/smtpd[580]: connect from ...``"""
        second, stamp = -1, ""
        for at, body in bucket:
            if at // SECOND != second:
                second = at // SECOND
                local = site_time(at)
                stamp = f"{_MONTHS[local.month - 1]} {local.day:2d} {local:%H:%M:%S}"
            yield f"{stamp} {self._host} {body}\n"
