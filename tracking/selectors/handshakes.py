"""The lines that tell of TLS in the connections of other lines.

They name no queue id: they are the last of the same process and address before those lines, in
their segment or, of a log that is followed, in one of the segments just before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from tracking.ingest.parser import LineParser
from tracking.ingest.records import (
    ClientTls,
    DeliveryAttempt,
    QueueOpened,
    Record,
    ServerTls,
)
from tracking.intake import raw_lines
from tracking.models import LogSegment
from tracking.selectors.raw_log import Read, lines_with, moment_of, reader_of

# A client may keep its connection for many mails, and so does smtp(8).
_KEPT = timedelta(minutes=10)
_MAX_EARLIER = 300  # segments: a followed log has one every two seconds
_MAX_EARLIER_BYTES = 16 * 1024 * 1024

Peer = tuple[str, str, str, str]


def handshakes_in(
    content: bytes, reader: LineParser, found: Sequence[Read]
) -> tuple[list[Read], dict[Peer, Read]]:
    """Of the connections of ``found`` those that this content has, and the lines without one."""
    wanted = [(line, peer) for line in found if (peer := peer_of(line[2]))]
    told = _told(content, reader, {peer for _, peer in wanted})
    chosen: dict[int, Read] = {}
    missing: dict[Peer, Read] = {}
    for line, peer in wanted:
        before = [item for item in told if item[0] < line[0] and peer_of(item[2]) == peer]
        if before:
            chosen[before[-1][0]] = before[-1]
        else:
            missing.setdefault(peer, line)
    return list(chosen.values()), missing


def earlier_handshakes(
    segment: LogSegment, missing: dict[Peer, Read]
) -> Iterator[tuple[LogSegment, Read]]:
    """Those that the segments just before this one have, for lines that have none in their own."""
    if not missing:
        return
    missing = dict(missing)
    oldest = min(moment_of(line[2]) for line in missing.values()) - _KEPT
    size = 0
    for earlier in _before(segment):
        size += earlier.raw_size
        too_old = earlier.last_line_at is not None and earlier.last_line_at < oldest
        if not missing or too_old or size > _MAX_EARLIER_BYTES:
            return
        told = _told(raw_lines(earlier), reader_of(earlier), set(missing))
        for peer in list(missing):
            own = [line for line in told if peer_of(line[2]) == peer]
            if own and moment_of(own[-1][2]) >= moment_of(missing[peer][2]) - _KEPT:
                del missing[peer]
                yield earlier, own[-1]


def _before(segment: LogSegment) -> Iterator[LogSegment]:
    segments = LogSegment.objects.filter(
        source_id=segment.source_id,
        number__lt=segment.number,
        number__gte=segment.number - _MAX_EARLIER,
    )
    return segments.select_related("source").order_by("-number").iterator(chunk_size=4)


def _told(content: bytes, reader: LineParser, peers: set[Peer]) -> list[Read]:
    if not peers:
        return []
    pids = b"|".join(sorted({re.escape(peer[2].encode()) for peer in peers}))
    pattern = re.compile(rb"\[(?:" + pids + rb")\]: [A-Z][a-z]+ TLS connection established ")
    return list(lines_with(content, pattern, reader))


def peer_of(record: Record) -> Peer | None:
    """The process and the address of its connection, of lines that have one."""
    match record:
        case DeliveryAttempt() | ServerTls():
            ip = record.relay_ip
        case QueueOpened() | ClientTls():
            ip = record.client_ip
        case _:
            return None
    return (record.host, record.program, record.pid, ip) if record.pid and ip else None
