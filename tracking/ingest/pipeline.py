"""The way of a segment: raw lines → records → correlator → rows, in one transaction.

``run_source`` processes the waiting segments of a source in order. Parsing and correlating hold
only the source's lock, so that several sources can do it at once; links between hosts are found
and rows written under the store lock, by one at a time. Rows, the correlator's carry and "this
segment is processed" commit together, so a process that is killed anywhere leaves nothing half
done and nothing to do twice.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tracking.ingest.correlator import (
    RELEVANT,
    Carry,
    Correlator,
    HopState,
    join_texts,
    keys_of,
)
from tracking.ingest.correlator.state import Key
from tracking.ingest.correlator.workspace import Workspace
from tracking.ingest.header import decode_lines
from tracking.ingest.hosts import admit_hosts
from tracking.ingest.parser import LineParser
from tracking.ingest.records import InvalidHeader, UnsupportedLine
from tracking.ingest.store import (
    load_open_hops,
    prepare_states,
    refresh_open_hops,
    save_open_hops,
    store_workspace,
    take_forgotten,
)
from tracking.ingest.store.copying import DAY, instant, micros
from tracking.ingest.store.duplicates import drop_stored_hops, drop_told_rejections
from tracking.ingest.store.lookup import Lookup, current_lookup, reset_caches
from tracking.ingest.unsupported import count_shapes
from tracking.intake import raw_lines
from tracking.models import LogSegment, LogSource

log = logging.getLogger(__name__)

# Advisory locks (two-key form): one ingest at a time for each source, one writer at a time.
_SOURCE_LOCK = 0x6D61696C
_STORE_LOCK = 0x73746F72
_MAX_AHEAD = 31 * DAY


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
    """A segment's records, without the lines that say nothing of mail."""

    segment: LogSegment
    items: list[Any]
    unsupported: list[UnsupportedLine]
    invalid_count: int
    first_at: int
    last_at: int


@dataclass(slots=True)
class Correlated:
    """What the records of a segment say of the mail that was open before it."""

    carry: Carry
    hops: dict[Key, HopState]
    space: Workspace
    lookup: Lookup
    hosts: set[str]


def run_source(
    source_id: int, progress: Callable[[Counts], None] | None = None, *, is_patient: bool = True
) -> Counts:
    """Process every waiting segment of a source; returns what was done.

    Another process that works on the same source is waited for; if not ``is_patient``, the work
    is left to it: whoever lets go of a source looks once more for what came meanwhile.
    """
    total = Counts()
    while True:
        with (
            _source_lock(source_id, is_patient=is_patient) as is_held,
            _noted_failure(source_id),
            _no_cycle_search(),
        ):
            for parsed in _parsed_segments(source_id) if is_held else ():
                done = process_segment(parsed)
                total.add(done)
                if progress is not None:
                    progress(done)
        if not is_held or not _is_waiting(source_id):
            return total


@contextmanager
def _noted_failure(source_id: int) -> Iterator[None]:
    """Let people see that a source stands still: its next segment is tried again and again."""
    try:
        yield
    except Exception as error:
        with suppress(DatabaseError):
            LogSource.objects.filter(pk=source_id).update(failure=type(error).__name__)
        raise


@contextmanager
def _source_lock(source_id: int, *, is_patient: bool) -> Iterator[bool]:
    """The right to process a source; False when another has it and it is not waited for."""
    call = "pg_advisory_lock" if is_patient else "pg_try_advisory_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}(%s, %s)", [_SOURCE_LOCK, source_id])
        is_held = cursor.fetchone()[0] is not False
    try:
        yield is_held
    finally:
        if is_held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SOURCE_LOCK, source_id])


def _is_waiting(source_id: int) -> bool:
    """Whether the source's next segment is there."""
    number = LogSource.objects.filter(pk=source_id).values_list("next_to_process", flat=True)
    return LogSegment.objects.filter(
        source_id=source_id, number__in=number, processed_at__isnull=True
    ).exists()


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


def _parsed_segments(source_id: int) -> Iterator[ParsedSegment]:
    """The waiting segments in order, parsed."""
    source = LogSource.objects.get(pk=source_id)
    number = source.next_to_process
    previous = _last_line_before(source_id, number)
    while (segment := _segment(source_id, number)) is not None:
        parsed = parse_segment(source, segment, previous)
        previous = parsed.last_at or previous
        number += 1
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
    """Read every line; pure but for its arguments.

    ``previous``: the time of the source's last line before, for stamps without a year or zone.
    """
    parser = LineParser(
        ZoneInfo(source.time_zone),
        segment.reference_at.timestamp(),
        year=source.year,
        previous=previous,
    )
    records = list(map(parser.parse, decode_lines(raw_lines(segment))))
    good = [record for record in records if type(record) is not InvalidHeader]
    times = list(map(itemgetter(0), good))
    if max(times, default=0) > _believed(segment):
        limit = _believed(segment)
        good = [record for record, at in zip(good, times, strict=True) if at <= limit]
        times = list(map(itemgetter(0), good))
    good = admit_hosts(source, good)
    return ParsedSegment(
        segment,
        [record for record in good if type(record) in RELEVANT],
        [record for record in good if isinstance(record, UnsupportedLine)],
        len(records) - len(good),
        min(times, default=0),
        max(times, default=0),
    )


def process_segment(parsed: ParsedSegment) -> Counts:
    """Correlate and store one segment; all or nothing."""
    segment = parsed.segment
    try:
        with connection.cursor() as cursor:
            work = None
            source = LogSource.objects.get(pk=segment.source_id)
            if not _has_company(source, _hosts(parsed)):
                work = _correlate(cursor, source, parsed)
            with transaction.atomic():
                return _store(cursor, parsed, work)
    except Exception:
        # What was learned of ids in the failed transaction is not in the database.
        reset_caches()
        log.exception("segment %s of source %s failed", segment.number, segment.source_id)
        raise


def _hosts(parsed: ParsedSegment) -> set[str]:
    return {record.host for record in parsed.items}


def _correlate(cursor: Any, source: LogSource, parsed: ParsedSegment) -> Correlated:
    """Under the source's lock the open Hops of its hosts are its own: nobody else changes them.

    Ids of texts are given here too, in a transaction of their own: no other process has to wait
    for them until this segment is stored.
    """
    segment = parsed.segment
    lookup = current_lookup(cursor)
    carry = Carry.load(source.carry)
    items = join_texts(carry, parsed.items)
    hosts = {record.host for record in items}
    hops = load_open_hops(cursor, keys_of(items, carry))
    correlator = Correlator(hops, carry, segment.id, latest=_latest(segment))
    correlator.feed(items)
    space = correlator.finish()
    with transaction.atomic():
        _commit_without_flush(cursor)
        lookup.add_relays(cursor, hosts)
        prepare_states(cursor, lookup, list(space.touched.values()), space.rejections)
    return Correlated(carry, hops, space, lookup, hosts)


def _store(cursor: Any, parsed: ParsedSegment, work: Correlated | None) -> Counts:
    """Write what was correlated, in the segment's transaction and under the store lock.

    With another source that has lines of the same hosts, correlating must come after the lock.
    """
    segment = parsed.segment
    _commit_without_flush(cursor)
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_STORE_LOCK])
    source = LogSource.objects.select_for_update().get(pk=segment.source_id)
    if source.next_to_process != segment.number:
        return Counts()
    is_shared = _has_company(source, _hosts(parsed))
    if work is None or is_shared:
        work = _correlate(cursor, source, parsed)
    else:
        refresh_open_hops(cursor, work.space, work.lookup.relays)
    space, lookup = work.space, work.lookup
    forgotten = take_forgotten(cursor, work.hosts, space.newest)
    forgotten = [hop for hop in forgotten if (hop.host, hop.queue_id) not in work.hops]
    prepare_states(cursor, lookup, forgotten, [])
    for hop in forgotten:
        space.give_up(hop)
    again: list[HopState] = []
    if is_shared:
        again = drop_stored_hops(cursor, space, lookup)
        space.rejections = drop_told_rejections(cursor, source.pk, space.rejections, lookup)
    states = store_workspace(cursor, space, lookup)
    save_open_hops(cursor, states + again, lookup.relays, space.newest)
    source.hosts = sorted(work.hosts | set(source.hosts))
    _close(source, parsed, work.carry)
    count_shapes(source, parsed.unsupported)
    return Counts(
        segments=1,
        lines=segment.line_count,
        bytes=segment.raw_size,
        unsupported=len(parsed.unsupported),
        invalid=parsed.invalid_count,
        hops=space.new_hops,
        deliveries=space.new_deliveries,
        rejections=len(space.rejections),
    )


def _commit_without_flush(cursor: Any) -> None:
    """A crash of the server may undo the newest segments' rows, whole transactions and in order;
    the raw lines are flushed, and the segments are simply processed again.
    """
    cursor.execute("SET LOCAL synchronous_commit = off")


def _latest(segment: LogSegment) -> int:
    """The newest time to believe: a stamp from the future must not make us forget open mail."""
    return micros(segment.received_at) + DAY


def _believed(segment: LogSegment) -> int:
    """A relay's clock may be days ahead; a stamp of a later time is none."""
    return micros(segment.received_at) + _MAX_AHEAD


def _has_company(source: LogSource, hosts: set[str]) -> bool:
    """Whether another source has lines of these hosts, so that lines may come twice."""
    others = LogSource.objects.exclude(pk=source.pk)
    return bool(hosts) and others.filter(hosts__overlap=sorted(hosts)).exists()


def _close(source: LogSource, parsed: ParsedSegment, carry: Carry) -> None:
    """The segment is processed: counters, position and carry."""
    now = timezone.now()
    # A line is at most as new as its arrival, or a source whose clock is ahead is never late.
    last = min(instant(parsed.last_at), parsed.segment.received_at) if parsed.last_at else None
    LogSegment.objects.filter(pk=parsed.segment.pk).update(
        processed_at=now,
        invalid_count=parsed.invalid_count,
        unsupported_count=len(parsed.unsupported),
        first_line_at=instant(parsed.first_at) if parsed.first_at else None,
        last_line_at=last,
    )
    source.failure = ""
    source.carry = carry.dump()
    source.next_to_process += 1
    source.line_count += parsed.segment.line_count
    source.invalid_count += parsed.invalid_count
    source.unsupported_count += len(parsed.unsupported)
    if last is not None and (source.last_line_at is None or last > source.last_line_at):
        source.last_line_at = last
    source.save(
        update_fields=[
            "carry",
            "failure",
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
