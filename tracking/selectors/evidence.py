"""The raw log lines behind a Hop or a Rejection, out of the stored segments; always bounded."""

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
    ClientConnected,
    ClientDisconnected,
    ClientTls,
    DeliveryAttempt,
    FilterBlocked,
    InvalidHeader,
    MailRefused,
    ProxyDecision,
    QueueOpened,
    Record,
    RepeatedLine,
    ServerTls,
    SizeExceeded,
    SmtpDecision,
)
from tracking.intake import raw_lines
from tracking.models import LogSegment
from tracking.selectors.rejections import FoundRejection
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


_SEGMENT = "SELECT segment_id FROM tracking_rejection WHERE received_at = %s AND id = %s"
_REFUSALS = (SmtpDecision, ProxyDecision, MailRefused, SizeExceeded, RepeatedLine, FilterBlocked)


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


def rejection_evidence(rejection: FoundRejection) -> Evidence:
    """The lines of the session in which we refused, as far as its segment has them."""
    evidence = Evidence()
    segment = _segment_of(rejection)
    if segment is None:
        evidence.missing = 1
        return evidence
    reader, content = _reader(segment), raw_lines(segment)
    # The lines of a few kinds do not name the client.
    for name in filter(None, (rejection.client_ip, rejection.host)):
        named = (_read(*line, reader) for line in _matching_lines(content, _tokens([name])))
        told = next((line for line in named if _tells_of(line, rejection)), None)
        if told is not None:
            _keep(evidence, segment, _session_of(told, content, reader, rejection.client_ip))
            break
    return evidence


def _segment_of(rejection: FoundRejection) -> LogSegment | None:
    with connection.cursor() as cursor:
        cursor.execute(_SEGMENT, [rejection.time, rejection.id])
        row = cursor.fetchone()
    segments = LogSegment.objects.select_related("source")
    return segments.filter(pk=row[0]).first() if row else None


def _tells_of(line: Read, rejection: FoundRejection) -> bool:
    record = line[2]
    return (
        isinstance(record, _REFUSALS)
        and record.host == rejection.host
        and _moment(record) == rejection.time
        and (rejection.recipient or "") in line[1]
    )


def _session_of(told: Read, content: bytes, reader: LineParser, client: str | None) -> list[Read]:
    """From the connection to its end; of a process with many clients, the lines of this one."""
    process = _process(told[2])
    if not process[3]:
        return [told]
    pattern = re.compile(rb"\[" + re.escape(process[3].encode()) + rb"\]: ")
    lines = (_read(*line, reader) for line in _matching_lines(content, pattern))
    own = [line for line in lines if _process(line[2]) == process]
    if process[2] == "postscreen" and client:
        own = [line for line in own if f"[{client}]" in line[1]]
    kinds = [type(record) for _, _, record in own]
    place = next(number for number, line in enumerate(own) if line[0] == told[0])
    begins = [n for n in range(place) if kinds[n] is ClientConnected]
    ends = [n for n in range(place, len(own)) if kinds[n] is ClientDisconnected]
    return own[begins[-1] if begins else 0 : ends[0] + 1 if ends else len(own)]


def _process(record: Record) -> tuple[str, str, str, str]:
    """Host, service, program and pid; nothing of a line without a header."""
    if isinstance(record, InvalidHeader):
        return ("", "", "", "")
    return (record.host, record.service, record.program, record.pid)


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
    reader = _reader(segment)
    content = raw_lines(segment)
    lines = (_read(*line, reader) for line in _matching_lines(content, pattern))
    found = list(islice((line for line in lines if _belongs(line, hop)), MAX_LINES + 1))
    return _keep(evidence, segment, [*found, *_handshakes(content, reader, found)])


def _reader(segment: LogSegment) -> LineParser:
    source = segment.source
    reference = segment.reference_at.timestamp()
    return LineParser(ZoneInfo(source.time_zone), reference, year=source.year)


def _keep(evidence: Evidence, segment: LogSegment, lines: Sequence[Read]) -> bool:
    """False when the bounds are reached."""
    for offset, text, record in sorted(lines, key=itemgetter(0)):
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
