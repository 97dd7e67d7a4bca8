"""The raw log lines behind a Hop, out of the stored segments; always bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db import connection

from tracking.ingest.parser import LineParser
from tracking.ingest.records import (
    ClientTls,
    DeliveryAttempt,
    InvalidHeader,
    QueueOpened,
    Record,
    ServerTls,
)
from tracking.intake import raw_lines
from tracking.models import LogSegment
from tracking.selectors.story import Story, StoryHop, filter_ids_of

MAX_LINES = 500
MAX_BYTES = 256 * 1024
MAX_LINE_BYTES = 8 * 1024
MAX_SEGMENTS = 60
# A filter's and a session's lines come a little before the queue id and after its end.
_BEFORE = timedelta(hours=1)
_AFTER = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Read = tuple[int, str, Record]  # where a line begins, its text and what it says

_SEGMENTS = (
    "SELECT segment_id || coalesce(more_segments, '{}') FROM tracking_hop "
    "WHERE message_id = %s AND id = %s AND segment_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A line as it was stored, and read; ``offset`` is where it begins in its source's file."""

    text: str
    record: Record
    at: datetime
    source: str
    segment: int
    offset: int


@dataclass(slots=True)
class Evidence:
    """Lines in the order of the log; ``is_cut``: there are more, ``missing`` segments are gone."""

    lines: list[EvidenceLine] = field(default_factory=list)
    size_bytes: int = 0
    is_cut: bool = False
    missing: int = 0


def hop_evidence(story: Story, hop: StoryHop) -> Evidence:
    """Lines of the Hop's host that name its queue id, or the filter's names of its mail."""
    segment_ids = _segment_ids(story.message.id, hop.id)
    evidence = Evidence(is_cut=len(segment_ids) > MAX_SEGMENTS)
    wanted = segment_ids[:MAX_SEGMENTS]
    pattern = _tokens([hop.queue_id, *filter_ids_of(hop)])
    seen = 0
    segments = LogSegment.objects.filter(pk__in=wanted).select_related("source")
    for segment in segments.order_by("source_id", "number").iterator(chunk_size=4):
        seen += 1
        if not _add(evidence, hop, segment, pattern):
            return evidence
    evidence.missing = len(wanted) - seen
    return evidence


def _segment_ids(message: int, hop: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SEGMENTS, [message, hop])
        row = cursor.fetchone()
    return list(row[0]) if row else []


def _tokens(names: Sequence[str]) -> re.Pattern[bytes]:
    """Finds one of the names where it stands alone, not as a part of a longer word."""
    words = b"|".join(re.escape(name.encode()) for name in names)
    return re.compile(rb"(?<![0-9A-Za-z])(?:" + words + rb")(?![0-9A-Za-z])")


def _add(
    evidence: Evidence, hop: StoryHop, segment: LogSegment, pattern: re.Pattern[bytes]
) -> bool:
    """False when the bounds are reached."""
    reader = LineParser(
        ZoneInfo(segment.source.time_zone),
        segment.reference_at.timestamp(),
        year=segment.source.year,
    )
    content = raw_lines(segment)
    lines = (_read(*line, reader) for line in _matching_lines(content, pattern))
    found = list(islice((line for line in lines if _belongs(line, hop)), MAX_LINES + 1))
    for line in sorted([*found, *_handshakes(content, reader, found)], key=itemgetter(0)):
        offset, text, record = line
        if len(evidence.lines) >= MAX_LINES or evidence.size_bytes >= MAX_BYTES:
            evidence.is_cut = True
            return False
        evidence.size_bytes += len(text)
        evidence.lines.append(
            EvidenceLine(
                text,
                record,
                _moment(record),
                segment.source.name,
                segment.number,
                segment.start_offset + offset,
            )
        )
    return True


def _read(offset: int, raw: bytes, reader: LineParser) -> Read:
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return offset, text, reader.parse(text)


def _belongs(line: Read, hop: StoryHop) -> bool:
    """Whether a line with such a name is of this Hop's host and time."""
    record = line[2]
    if isinstance(record, InvalidHeader) or record.host != hop.host:
        return False
    latest = hop.ended_at + _AFTER if hop.ended_at else datetime.max.replace(tzinfo=UTC)
    return hop.opened_at - _BEFORE <= _moment(record) <= latest


def _moment(record: Record) -> datetime:
    at: int = 0 if isinstance(record, InvalidHeader) else record.at
    return _EPOCH + timedelta(microseconds=at)


def _handshakes(content: bytes, reader: LineParser, found: Sequence[Read]) -> list[Read]:
    """The lines that tell of TLS in the connections of these lines.

    They name no queue id: they are the last of the same process and address before these.
    """
    wanted = [(offset, peer) for offset, _, record in found if (peer := _peer(record))]
    if not wanted:
        return []
    pids = b"|".join(sorted({re.escape(peer[2].encode()) for _, peer in wanted}))
    pattern = re.compile(rb"\[(?:" + pids + rb")\]: [A-Z][a-z]+ TLS connection established ")
    told = [_read(*line, reader) for line in _matching_lines(content, pattern)]
    chosen: dict[int, Read] = {}
    for offset, peer in wanted:
        before = [line for line in told if line[0] < offset and _peer(line[2]) == peer]
        chosen |= {line[0]: line for line in before[-1:]}
    return list(chosen.values())


def _peer(record: Record) -> tuple[str, str, str, str] | None:
    """The process and the address of its connection, of lines that have one."""
    match record:
        case DeliveryAttempt() | ServerTls():
            ip = record.relay_ip
        case QueueOpened() | ClientTls():
            ip = record.client_ip
        case _:
            return None
    return (record.host, record.program, record.pid, ip) if record.pid and ip else None


def _matching_lines(content: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """(offset, line) of each line that matches; a line of a megabyte is cut."""
    position = 0
    while match := pattern.search(content, position):
        begin = content.rfind(b"\n", 0, match.start()) + 1
        end = content.find(b"\n", match.end())
        end = len(content) if end < 0 else end
        yield begin, content[begin : min(end, begin + MAX_LINE_BYTES)].removesuffix(b"\r")
        position = end + 1
