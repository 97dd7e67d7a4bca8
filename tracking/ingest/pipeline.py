"""The way of a segment: raw lines → records → correlator → rows, in one transaction.

``run_source`` processes the waiting segments of a source in order. While one segment is written
(PostgreSQL's work), the next is parsed in a thread. Rows, the correlator's carry and "this
segment is processed" commit together, so a process that is killed anywhere leaves nothing half
done and nothing to do twice.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from tracking.ingest.correlator import Carry, Correlator, HopState, join_texts, keys_of
from tracking.ingest.header import decode_lines
from tracking.ingest.parser import LineParser
from tracking.ingest.records import InvalidHeader, UnsupportedLine
from tracking.ingest.store import load_open_hops, save_open_hops, store_workspace, take_forgotten
from tracking.ingest.store.copying import DAY, instant, micros
from tracking.ingest.store.duplicates import drop_stored_hops, drop_told_rejections
from tracking.ingest.store.lookup import current_lookup, reset_caches
from tracking.ingest.unsupported import count_shapes
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource

log = logging.getLogger(__name__)

# Advisory locks (two-key form): one ingest at a time for each source, one writer at a time.
_SOURCE_LOCK = 0x6D61696C
_STORE_LOCK = 0x73746F72


@dataclass(slots=True)
class Counts:
    """What a run did; all but ``bytes`` are numbers of things."""

    segments: int = 0
    lines: int = 0
    bytes: int = 0
    unsupported: int = 0
    invalid: int = 0
    hops: int = 0
    deliveries: int = 0
    rejections: int = 0

    def add(self, other: Counts) -> None:
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))


@dataclass(slots=True)
class ParsedSegment:
    """A segment's records, without the lines that say nothing."""

    segment: LogSegment
    items: list[Any] = field(default_factory=list)
    unsupported: list[UnsupportedLine] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    first_at: int = 0
    last_at: int = 0


def run_source(source_id: int, progress: Callable[[Counts], None] | None = None) -> Counts:
    """Process every waiting segment of a source; returns what was done.

    Another process that works on the same source is waited for.
    """
    total = Counts()
    with _source_lock(source_id), _no_cycle_search():
        for parsed in _parse_ahead(source_id):
            done = process_segment(parsed)
            total.add(done)
            if progress is not None:
                progress(done)
    return total


@contextmanager
def _source_lock(source_id: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_SOURCE_LOCK, source_id])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SOURCE_LOCK, source_id])


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """Records and states hold no reference cycles; looking for them costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _parse_ahead(source_id: int) -> Iterator[ParsedSegment]:
    """Parsed segments in order; the next one is parsed while the caller works on this one."""
    source = LogSource.objects.get(pk=source_id)
    number = source.next_to_process
    previous = _last_line_before(source_id, number)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="parse") as pool:
        pending = None
        while True:
            if pending is None:
                segment = _segment(source_id, number)
                if segment is None:
                    return
                pending = pool.submit(parse_segment, source, segment, previous)
            parsed = pending.result()
            previous = parsed.last_at or previous
            number += 1
            following = _segment(source_id, number)
            pending = pool.submit(parse_segment, source, following, previous) if following else None
            yield parsed


def _last_line_before(source_id: int, number: int) -> int | None:
    last = (
        LogSegment.objects.filter(source_id=source_id, number__lt=number)
        .exclude(last_line_at=None)
        .order_by("-number")
        .values_list("last_line_at", flat=True)
        .first()
    )
    return micros(last) if last is not None else None


def _segment(source_id: int, number: int) -> LogSegment | None:
    return LogSegment.objects.filter(
        source_id=source_id, number=number, processed_at__isnull=True
    ).first()


def parse_segment(
    source: LogSource, segment: LogSegment, previous: int | None = None
) -> ParsedSegment:
    """Read every line; pure but for its arguments, so it can run in a thread.

    ``previous``: the time of the source's last line before, for stamps without a year or zone.
    """
    parser = LineParser(
        ZoneInfo(source.time_zone),
        segment.reference_at.timestamp(),
        year=source.year,
        previous=previous,
    )
    parsed = ParsedSegment(segment)
    keep = parsed.items.append
    for line in decode_lines(raw_lines(segment)):
        record = parser.parse(line)
        if isinstance(record, InvalidHeader):
            parsed.invalid.append(line)
            continue
        if isinstance(record, UnsupportedLine):
            parsed.unsupported.append(record)
        else:
            keep(record)
        at = record.at
        if at > parsed.last_at:
            parsed.last_at = at
        if not parsed.first_at or at < parsed.first_at:
            parsed.first_at = at
    return parsed


def process_segment(parsed: ParsedSegment) -> Counts:
    """Correlate and store one segment; all or nothing."""
    segment = parsed.segment
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return _process(cursor, parsed)
    except Exception:
        # What was learned of ids in the failed transaction is not in the database.
        reset_caches()
        log.exception("segment %s of source %s failed", segment.number, segment.source_id)
        raise


def _process(cursor: Any, parsed: ParsedSegment) -> Counts:
    segment = parsed.segment
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_STORE_LOCK])
    source = LogSource.objects.select_for_update().get(pk=segment.source_id)
    if source.next_to_process != segment.number:
        return Counts()
    lookup = current_lookup(cursor)
    carry = Carry.load(source.carry)
    items = join_texts(carry, parsed.items)
    hosts = {record.host for record in items}
    lookup.add_relays(cursor, hosts)
    hops = load_open_hops(cursor, keys_of(items, carry))
    correlator = Correlator(hops, carry, segment.id, latest=_latest(segment))
    correlator.feed(items)
    space = correlator.finish()
    for hop in take_forgotten(cursor, hosts, space.newest):
        if (hop.host, hop.queue_id) not in hops:
            space.give_up(hop)
    again: list[HopState] = []
    if _has_company(source, hosts):
        again = drop_stored_hops(cursor, space, lookup)
        space.rejections = drop_told_rejections(cursor, source.pk, space.rejections, lookup)
    states = store_workspace(cursor, space, lookup)
    save_open_hops(cursor, states + again, lookup.relays, space.newest)
    source.hosts = sorted(hosts | set(source.hosts))
    _close(source, parsed, carry)
    count_shapes(source, parsed.unsupported)
    return Counts(
        segments=1,
        lines=segment.line_count,
        bytes=segment.raw_size,
        unsupported=len(parsed.unsupported),
        invalid=len(parsed.invalid),
        hops=space.new_hops,
        deliveries=space.new_deliveries,
        rejections=len(space.rejections),
    )


def _latest(segment: LogSegment) -> int:
    """The newest time to believe: a stamp from the future must not make us forget open mail."""
    return micros(segment.received_at) + DAY


def _has_company(source: LogSource, hosts: set[str]) -> bool:
    """Whether another source has lines of these hosts, so that lines may come twice."""
    others = LogSource.objects.exclude(pk=source.pk)
    return bool(hosts) and others.filter(hosts__overlap=sorted(hosts)).exists()


def _close(source: LogSource, parsed: ParsedSegment, carry: Carry) -> None:
    """The segment is processed: counters, position and carry."""
    now = timezone.now()
    last = instant(parsed.last_at) if parsed.last_at else None
    LogSegment.objects.filter(pk=parsed.segment.pk).update(
        processed_at=now,
        invalid_count=len(parsed.invalid),
        unsupported_count=len(parsed.unsupported),
        first_line_at=instant(parsed.first_at) if parsed.first_at else None,
        last_line_at=last,
    )
    source.carry = carry.dump()
    source.next_to_process += 1
    source.line_count += parsed.segment.line_count
    source.invalid_count += len(parsed.invalid)
    source.unsupported_count += len(parsed.unsupported)
    if last is not None and (source.last_line_at is None or last > source.last_line_at):
        source.last_line_at = last
    source.save(
        update_fields=[
            "carry",
            "hosts",
            "next_to_process",
            "line_count",
            "invalid_count",
            "unsupported_count",
            "last_line_at",
        ]
    )


def waiting_sources() -> list[int]:
    """The ids of sources that have segments to process."""
    found: Counter[int] = Counter(
        LogSegment.objects.filter(processed_at__isnull=True).values_list("source_id", flat=True)
    )
    return sorted(found)
