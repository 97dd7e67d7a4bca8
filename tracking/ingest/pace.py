"""How far batches have come in the time of the logs: where to cut the lines of each source.

Only a guess: lines that are out of order, or whose stamps cannot be read, are in one batch or the
next, and the answers do not depend on which.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from tracking.ingest.files import Cut
from tracking.ingest.header import HeaderReader
from tracking.models import LogSource

ReadTime = Callable[[bytes], int | None]

_TRIES = 20
_MAX_HEADER = 1024


class Pace:
    """The first source that is asked in a batch takes its share, and that sets the time."""

    def __init__(self) -> None:
        self.until: int | None = None
        self._before: int | None = None

    def begin(self) -> None:
        """A new batch."""
        self._before = self.until or self._before
        self.until = None

    def cut_for(self, source: LogSource, share: int, reference: float | None = None) -> Cut:
        """For a source's lines that are at most as new as ``reference`` (seconds since 1970)."""
        zone = ZoneInfo(source.time_zone)
        latest = time.time() if reference is None else reference

        def read_time(line: bytes) -> int | None:
            text = line[:_MAX_HEADER].decode("utf-8", "replace")
            found = HeaderReader(zone, latest, source.year, self._before).read(text)
            return found[0][0] if found is not None else None

        def cut(raw: bytes) -> int:
            if self.until is not None:
                return bytes_until(raw, self.until, read_time)
            end = raw.find(b"\n", share) + 1 or len(raw)
            self.until = last_time(raw[:end], read_time)
            return end

        return cut


def last_time(raw: bytes, read_time: ReadTime) -> int | None:
    """The time of the last line that has one."""
    end = len(raw)
    for _ in range(_TRIES):
        begin = raw.rfind(b"\n", 0, max(end - 1, 0)) + 1
        at = read_time(raw[begin:end])
        if at is not None or not begin:
            return at
        end = begin
    return None


def bytes_until(raw: bytes, until: int, read_time: ReadTime) -> int:
    """How many bytes of whole lines come before the first later one, by halves."""
    low, high = 0, len(raw)
    while low < high:
        begin = max(raw.rfind(b"\n", 0, (low + high) // 2) + 1, low)
        end = raw.find(b"\n", begin, high) + 1 or high
        at = read_time(raw[begin:end])
        if at is not None and at > until:
            high = begin
        else:
            low = end
    return low
