"""The raw log lines behind a Hop or a Rejection, out of the stored segments; always bounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import itemgetter

from django.db import connection

from tracking.ingest.parser import LineParser
from tracking.ingest.records import (
    ClientConnected,
    ClientDisconnected,
    DeliveryAttempt,
    FilterBlocked,
    InvalidHeader,
    MailRefused,
    ProxyDecision,
    Record,
    RepeatedLine,
    SizeExceeded,
    SmtpDecision,
)
from tracking.intake import raw_lines
from tracking.models import LogSegment
from tracking.selectors.handshakes import earlier_handshakes, handshakes_in
from tracking.selectors.raw_log import Read, lines_with, moment_of, reader_of
from tracking.selectors.rejections import FoundRejection
from tracking.selectors.story import Story, StoryHop, filter_ids_of

MAX_LINES = 500
MAX_BYTES = 256 * 1024
MAX_SEGMENTS = 60
# A filter's and a session's lines come a little before the queue id and after its end.
_BEFORE = timedelta(hours=1)
_AFTER = timedelta(minutes=10)

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
    wanted = segment_ids[:MAX_SEGMENTS]
    evidence = Evidence(is_cut=len(segment_ids) > MAX_SEGMENTS, missing=len(wanted))
    pattern = _tokens([hop.queue_id, *filter_ids_of(hop)])
    segments = LogSegment.objects.filter(pk__in=wanted).select_related("source")
    ordered = segments.order_by("source_id", "number").iterator(chunk_size=4)
    for seen, segment in enumerate(ordered, 1):
        if not _add(evidence, hop, segment, pattern):
            break
        evidence.missing = len(wanted) - seen
    evidence.lines = _in_order(evidence.lines)
    return evidence


def _in_order(lines: Sequence[EvidenceLine]) -> list[EvidenceLine]:
    """Each once: the handshake of a connection may be found for two segments after it."""
    places = {(line.source, line.segment, line.offset): line for line in lines}
    return [places[place] for place in sorted(places)]


def rejection_evidence(rejection: FoundRejection) -> Evidence:
    """The lines of the session in which we refused, as far as its segment has them."""
    evidence = Evidence()
    segment = _segment_of(rejection)
    if segment is None:
        evidence.missing = 1
        return evidence
    reader, content = reader_of(segment), raw_lines(segment)
    # The lines of a few kinds do not name the client.
    for name in filter(None, (rejection.client_ip, rejection.host)):
        named = lines_with(content, _tokens([name]), reader)
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
        and moment_of(record) == rejection.time
        and (rejection.recipient or "") in line[1]
    )


def _session_of(told: Read, content: bytes, reader: LineParser, client: str | None) -> list[Read]:
    """From the connection to its end; of a process with many clients, the lines of this one."""
    process = _process(told[2])
    if not process[3]:
        return [told]
    pattern = re.compile(rb"\[" + re.escape(process[3].encode()) + rb"\]: ")
    lines = lines_with(content, pattern, reader)
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
    reader = reader_of(segment)
    content = raw_lines(segment)
    lines = lines_with(content, pattern, reader)
    found = list(islice((line for line in lines if _belongs(line, hop)), MAX_LINES + 1))
    told, without = handshakes_in(content, reader, found)
    missing = {peer: line for peer, line in without.items() if _is_encrypted(line[2], hop)}
    for earlier, line in earlier_handshakes(segment, missing):
        _keep(evidence, earlier, [line])
    return _keep(evidence, segment, [*found, *told])


def _is_encrypted(record: Record, hop: StoryHop) -> bool:
    """Whether a handshake is known to have come before this line."""
    if isinstance(record, DeliveryAttempt):
        return any(item.is_tls for item in hop.deliveries)
    return bool(hop.is_tls)


def _keep(evidence: Evidence, segment: LogSegment, lines: Sequence[Read]) -> bool:
    """False when the bounds are reached."""
    for offset, text, record in sorted(lines, key=itemgetter(0)):
        if len(evidence.lines) >= MAX_LINES or evidence.size_bytes >= MAX_BYTES:
            evidence.is_cut = True
            return False
        evidence.size_bytes += len(text)
        place = (segment.source.name, segment.number, segment.start_offset + offset)
        evidence.lines.append(EvidenceLine(text, record, moment_of(record), *place))
    return True


def _belongs(line: Read, hop: StoryHop) -> bool:
    """Whether a line with such a name is of this Hop's host and time."""
    record = line[2]
    if isinstance(record, InvalidHeader) or record.host != hop.host:
        return False
    latest = hop.ended_at + _AFTER if hop.ended_at else datetime.max.replace(tzinfo=UTC)
    return hop.opened_at - _BEFORE <= moment_of(record) <= latest
