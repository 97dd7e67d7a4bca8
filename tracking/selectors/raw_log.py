"""Lines of a stored segment: found by their bytes, then read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tracking.ingest.parser import LineParser
from tracking.ingest.records import InvalidHeader, Record
from tracking.models import LogSegment

MAX_LINE_BYTES = 8 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Read = tuple[int, str, Record]
"""Where a line begins in its segment, its text and what it says."""


def reader_of(segment: LogSegment) -> LineParser:
    source = segment.source
    reference = segment.reference_at.timestamp()
    return LineParser(ZoneInfo(source.time_zone), reference, year=source.year)


def lines_with(content: bytes, pattern: re.Pattern[bytes], reader: LineParser) -> Iterator[Read]:
    """The lines that match."""
    for offset, raw in _matching_lines(content, pattern):
        text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
        yield offset, text, reader.parse(text)


def moment_of(record: Record) -> datetime:
    at: int = 0 if isinstance(record, InvalidHeader) else record.at
    return _EPOCH + timedelta(microseconds=at)


def _matching_lines(content: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """(offset, line) of each line that matches; a line of a megabyte is cut."""
    position = 0
    while match := pattern.search(content, position):
        begin = content.rfind(b"\n", 0, match.start()) + 1
        end = content.find(b"\n", match.end())
        end = len(content) if end < 0 else end
        yield begin, content[begin : min(end, begin + MAX_LINE_BYTES)].removesuffix(b"\r")
        position = end + 1
