"""Waiting segments as records: what is read before anything is locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from tracking.ingest.correlator import RELEVANT, Carry, join_texts, named_keys
from tracking.ingest.correlator.state import Key
from tracking.ingest.header import decode_lines
from tracking.ingest.parser import LineParser, left_out
from tracking.ingest.records import AmavisText, InvalidHeader, Record, RepeatedLine, UnsupportedLine
from tracking.ingest.store.copying import DAY, micros
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource

_MAX_AHEAD = 31 * DAY


@dataclass(slots=True)
class ParsedSegment:
    """A segment's records, without the lines that say nothing of mail; ``hosts`` wrote them.

    ``named`` are the Hops that they name; ``has_pieces``: some are pieces of split lines.
    """

    segment: LogSegment
    items: list[Any]
    named: set[Key]
    has_pieces: bool
    hosts: set[str]
    unsupported: list[UnsupportedLine]
    invalid_count: int
    first_at: int
    last_at: int

    def whole(self, carry: Carry) -> tuple[list[Any], set[Key]]:
        """The records with split lines put together, and the Hops that those name."""
        if not self.has_pieces:
            return self.items, self.named
        items = join_texts(carry, self.items)
        return items, named_keys(items)


def find_segment(source_id: int, number: int) -> LogSegment | None:
    """A segment that waits to be processed; None when it is not there (yet, or any more)."""
    return LogSegment.objects.filter(
        source_id=source_id, number=number, processed_at__isnull=True
    ).first()


def last_line_before(source_id: int, number: int) -> int | None:
    """The time of the source's last line before a segment; None when it is the first."""
    last = (
        LogSegment.objects.filter(source_id=source_id, number__lt=number)
        .exclude(last_line_at=None)
        .order_by("-number")
        .values_list("last_line_at", flat=True)
        .first()
    )
    return micros(last) if last is not None else None


def parse_segment(
    source: LogSource, segment: LogSegment, previous: int | None = None
) -> ParsedSegment:
    """Read every line; pure but for its arguments.

    ``previous``: the time of the source's last line before, for stamps without a year or zone.
    """
    parser = LineParser(
        ZoneInfo(source.time_zone),
        segment.reference_at.timestamp(),
        year=source.year,
        previous=previous,
    )
    records = parser.parse_all(decode_lines(raw_lines(segment)))
    kinds = set(map(type, records))
    good = records
    if InvalidHeader in kinds:
        good = [record for record in records if type(record) is not InvalidHeader]
    times = list(map(itemgetter(0), good))
    # A relay's clock may be days ahead; a stamp of a later time is none.
    limit = micros(segment.received_at) + _MAX_AHEAD
    if max(times, default=0) > limit:
        good = [record for record, at in zip(good, times, strict=True) if at <= limit]
        times = [at for at in times if at <= limit]
    told = list(_with_left_out(good)) if RepeatedLine in kinds else good
    items = [record for record in told if type(record) in RELEVANT]
    return ParsedSegment(
        segment,
        items,
        named_keys(items),
        AmavisText in kinds,
        set(map(itemgetter(1), items)),
        [record for record in good if type(record) is UnsupportedLine]
        if UnsupportedLine in kinds
        else [],
        len(records) - len(good),
        min(times, default=0),
        max(times, default=0),
    )


def _with_left_out(told: Iterable[Record]) -> Iterator[Record]:
    """With what the syslog daemon left out, where it says so."""
    for record in told:
        yield record
        if isinstance(record, RepeatedLine):
            yield from left_out(record)
