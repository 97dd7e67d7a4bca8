"""The way of a segment: raw lines → records → correlator → rows, in one transaction.

``run_source`` processes the waiting segments of a source in order; ``process_batch`` takes
segments of several sources at once, because most mail that goes from host to host is then linked
before it is written. Parsing needs no lock. Correlating holds only the locks of its sources;
links between hosts are found and rows written under the store lock, by one process at a time.
Rows, the correlator's carry and "this segment is processed" commit together, so a process that
is killed anywhere leaves nothing half done and nothing to do twice.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tracking.ingest.correlator import Carry, Correlator, addresses_of, kept_keys
from tracking.ingest.correlator.workspace import Workspace, join_spaces
from tracking.ingest.hosts import admit_hosts
from tracking.ingest.segments import (
    ParsedSegment,
    find_segment,
    last_line_before,
    parse_segment,
)
from tracking.ingest.store import (
    load_open_hops,
    prepare_states,
    refresh_open_hops,
    save_open_hops,
    store_workspace,
    take_forgotten,
)
from tracking.ingest.store.copying import DAY, instant, micros
from tracking.ingest.store.dictionaries import clean_address
from tracking.ingest.store.duplicates import drop_stored_hops, drop_told_rejections
from tracking.ingest.store.kept import bring_verdicts
from tracking.ingest.store.lookup import Lookup, current_lookup, reset_caches
from tracking.ingest.unsupported import count_shapes
from tracking.models import LogSegment, LogSource

log = logging.getLogger(__name__)

# Advisory locks (two-key form): one ingest at a time for each source, one writer at a time.
_SOURCE_LOCK = 0x6D61696C
STORE_LOCK = 0x73746F72


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
class Correlated:
    """What the records of a segment say of the mail that was open before it."""

    source: LogSource
    parsed: ParsedSegment
    carry: Carry
    space: Workspace


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
            source_locks([source_id], is_patient=is_patient) as is_held,
            noted_failure(source_id),
            no_cycle_search(),
        ):
            for parsed in _parsed_segments(source_id) if is_held else ():
                done = process_batch([parsed])
                total.add(done)
                if progress is not None:
                    progress(done)
        if not is_held or not is_waiting(source_id):
            return total


@contextmanager
def noted_failure(source_id: int) -> Iterator[None]:
    """Let people see that a source stands still: its next segment is tried again and again."""
    try:
        yield
    except Exception as error:
        with suppress(DatabaseError):
            LogSource.objects.filter(pk=source_id).update(failure=type(error).__name__)
        raise


@contextmanager
def source_locks(source_ids: Iterable[int], *, is_patient: bool = True) -> Iterator[bool]:
    """The right to process these sources; False when another has one and it is not waited for."""
    call = "pg_advisory_lock" if is_patient else "pg_try_advisory_lock"
    wanted = sorted(source_ids)  # in one order, or two processes could wait for each other
    held: list[int] = []
    try:
        with connection.cursor() as cursor:
            for source_id in wanted:
                cursor.execute(f"SELECT {call}(%s, %s)", [_SOURCE_LOCK, source_id])
                if cursor.fetchone()[0] is False:
                    break
                held.append(source_id)
        yield len(held) == len(wanted)
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                for source_id in held:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SOURCE_LOCK, source_id])


def is_waiting(source_id: int) -> bool:
    """Whether the source's next segment is there."""
    number = LogSource.objects.filter(pk=source_id).values_list("next_to_process", flat=True)
    return LogSegment.objects.filter(
        source_id=source_id, number__in=number, processed_at__isnull=True
    ).exists()


@contextmanager
def no_cycle_search() -> Iterator[None]:
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
    previous = last_line_before(source_id, number)
    while (segment := find_segment(source_id, number)) is not None:
        parsed = parse_segment(source, segment, previous)
        previous = parsed.last_at or previous
        number += 1
        yield parsed


def prepare_addresses(batch: list[ParsedSegment]) -> None:
    """Give new addresses of these segments their ids, while others store: they cost most.

    Only if the hosts are the source's own (``admit_hosts`` decides on new ones). The rest of the
    texts is found when the records are correlated.
    """
    sources = LogSource.objects.in_bulk([item.segment.source_id for item in batch])
    wanted = {
        address
        for item in batch
        if item.hosts.issubset(sources[item.segment.source_id].hosts)
        for address in addresses_of(item.items)
    }
    try:
        with connection.cursor() as cursor, transaction.atomic():
            _commit_without_flush(cursor)
            current_lookup(cursor).addresses.ids(cursor, set(map(clean_address, wanted)))
    except Exception:
        reset_caches()
        log.exception("addresses were not prepared")
        raise


def process_batch(batch: list[ParsedSegment]) -> Counts:
    """Correlate and store segments of different sources, whose locks are held; all or nothing.

    A segment that is not the next one of its source is left out.
    """
    try:
        with connection.cursor() as cursor:
            lookup = current_lookup(cursor)
            sources = LogSource.objects.in_bulk([item.segment.source_id for item in batch])
            for item in batch:
                if item.segment.source_id in sources:
                    admit_hosts(sources[item.segment.source_id], item)
            works = _correlate(cursor, _without_company(batch, sources), lookup)
            with transaction.atomic():
                return _store(cursor, batch, works, lookup)
    except Exception:
        # What was learned of ids in the failed transaction is not in the database.
        reset_caches()
        log.exception("segments failed: %s", ", ".join(str(item.segment) for item in batch))
        raise


def _without_company(
    batch: list[ParsedSegment], sources: dict[int, LogSource]
) -> list[tuple[LogSource, ParsedSegment]]:
    """Those whose open Hops nobody else changes, as long as their source is locked."""
    sharing = Counter(host for item in batch for host in item.hosts)
    return [
        (source, item)
        for item in batch
        if (source := sources.get(item.segment.source_id)) is not None
        and source.next_to_process == item.segment.number
        and all(sharing[host] == 1 for host in item.hosts)
        and not _has_company(source, item.hosts)
    ]


def _correlate(
    cursor: Any, parts: list[tuple[LogSource, ParsedSegment]], lookup: Lookup
) -> dict[int, Correlated]:
    """By source.

    Ids of texts are given here too, in a transaction of their own: no other process has to wait
    for them until these segments are stored.
    """
    works = {}
    for source, parsed in parts:
        carry = Carry.load(source.carry)
        items, named = parsed.whole(carry)
        hops = load_open_hops(cursor, named | kept_keys(items, carry))
        segment = parsed.segment
        correlator = Correlator(hops, carry, segment.id, latest=_latest(segment))
        correlator.feed(items)
        works[source.pk] = Correlated(source, parsed, carry, correlator.finish())
    with transaction.atomic():
        _commit_without_flush(cursor)
        lookup.add_relays(cursor, {host for _, parsed in parts for host in parsed.hosts})
        spaces = [work.space for work in works.values()]
        states = [hop for space in spaces for hop in space.touched.values()]
        prepare_states(cursor, lookup, states, [r for space in spaces for r in space.rejections])
    return works


def _store(
    cursor: Any, batch: list[ParsedSegment], works: dict[int, Correlated], lookup: Lookup
) -> Counts:
    """Write what was correlated, in the segments' transaction and under the store lock.

    With another source that has lines of the same hosts, correlating must come after the lock,
    and one after the other.
    """
    _commit_without_flush(cursor)
    cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [STORE_LOCK])
    # Their rows stay free for intake, which changes other columns, until the end.
    sources = LogSource.objects.in_bulk([item.segment.source_id for item in batch])
    together = []
    apart = []
    for parsed in batch:
        source = sources.get(parsed.segment.source_id)
        if source is None or source.next_to_process != parsed.segment.number:
            continue
        work = works.get(source.pk)
        if work is None or _has_company(source, parsed.hosts):
            apart.append((source, parsed))
        else:
            work.source = source
            together.append(work)
    total = Counts()
    if together:
        for work in together:
            refresh_open_hops(cursor, work.space, lookup.relays)
            _give_up_forgotten(cursor, work, lookup)
        total.add(_write(cursor, together, lookup))
    for source, parsed in apart:
        work = _correlate(cursor, [(source, parsed)], lookup)[source.pk]
        _give_up_forgotten(cursor, work, lookup)
        if _has_company(source, parsed.hosts):
            drop_stored_hops(cursor, work.space, lookup)
            drop_told_rejections(cursor, source.pk, work.space, lookup)
        total.add(_write(cursor, [work], lookup))
    return total


def _write(cursor: Any, works: list[Correlated], lookup: Lookup) -> Counts:
    whole = join_spaces([work.space for work in works])
    store_workspace(cursor, whole, lookup)
    carries = [(work.carry, work.parsed.first_at) for work in works]
    bring_verdicts(cursor, carries, whole, lookup)
    save_open_hops(cursor, [work.space for work in works], lookup.relays)
    for work in works:
        _close(work)
    return Counts(
        segments=len(works),
        lines=sum(work.parsed.segment.line_count for work in works),
        bytes=sum(work.parsed.segment.raw_size for work in works),
        unsupported=sum(len(work.parsed.unsupported) for work in works),
        invalid=sum(work.parsed.invalid_count for work in works),
        hops=whole.new_hops,
        deliveries=whole.new_deliveries,
        rejections=len(whole.rejections),
    )


def _give_up_forgotten(cursor: Any, work: Correlated, lookup: Lookup) -> None:
    """Hops that nothing was heard of for longer than mail is kept."""
    space = work.space
    forgotten = [
        hop
        for hop in take_forgotten(cursor, work.parsed.hosts, space.newest)
        if (hop.host, hop.queue_id) not in space.hops
    ]
    if forgotten:
        prepare_states(cursor, lookup, forgotten, [])
    for hop in forgotten:
        space.give_up(hop)


def _commit_without_flush(cursor: Any) -> None:
    """A crash of the server may undo the newest segments' rows, whole transactions and in order;
    the raw lines are flushed, and the segments are simply processed again.
    """
    cursor.execute("SET LOCAL synchronous_commit = off")


def _latest(segment: LogSegment) -> int:
    """The newest time to believe: a stamp from the future must not make us forget open mail."""
    return micros(segment.received_at) + DAY


def _has_company(source: LogSource, hosts: set[str]) -> bool:
    """Whether another source has lines of these hosts, so that lines may come twice."""
    others = LogSource.objects.exclude(pk=source.pk)
    return bool(hosts) and others.filter(hosts__overlap=sorted(hosts)).exists()


def _close(work: Correlated) -> None:
    """The segment is processed: counters, position and carry."""
    source, parsed = work.source, work.parsed
    source.hosts = sorted(parsed.hosts | set(source.hosts))
    count_shapes(source, parsed.unsupported)
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
    source.carry = work.carry.dump()
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
