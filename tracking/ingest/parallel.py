"""Batches of segments on as many cores as there are: one is parsed while another is stored.

Batches take turns: each is parsed after the one before it (years and repeated hours go on from
line to line), and stored after the one before it (so does mail). How the work is shared out
changes no result.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Protocol

from django.db import connection, connections

from mailgw.embedded.process import die_with_parent
from tracking.ingest.bulk import Batch
from tracking.ingest.pipeline import (
    Counts,
    is_waiting,
    no_cycle_search,
    noted_failure,
    prepare_addresses,
    process_batch,
    run_source,
    source_locks,
)
from tracking.ingest.segments import (
    ParsedSegment,
    find_segment,
    last_line_before,
    parse_segment,
)
from tracking.models import LogSource

Progress = Callable[[Counts], None]
_POLL_SECONDS = 0.2
_FORK = multiprocessing.get_context("fork")


class Runner(Protocol):
    """Takes batches whose lines are stored; ``finish`` returns what was done."""

    def take(self, batch: Batch) -> None:
        """Process these segments, now or soon."""

    def finish(self) -> Counts:
        """Wait for all of it, and process what is left over; raises the first failure."""

    def stop(self) -> None:
        """Give up what has not begun."""


def make_runner(source_ids: Sequence[int], progress: Progress) -> Runner:
    """In this process where more would not help, or where only this one sees the lines.

    Nor are workers forked from a process with threads: they would copy locks that nobody frees.
    """
    size = len(os.sched_getaffinity(0))
    if size < 2 or connection.in_atomic_block or threading.active_count() > 1:
        return SerialRunner(source_ids, progress)
    return ParallelRunner(source_ids, progress, size)


class SerialRunner:
    """One batch after the other, in this process."""

    def __init__(self, source_ids: Sequence[int], progress: Progress) -> None:
        self.source_ids = source_ids
        self.progress = progress
        self.last_lines = LastLines(source_ids)
        self.total = Counts()

    def take(self, batch: Batch) -> None:
        with no_cycle_search():
            done = _process(_parse(batch, self.last_lines))
        self.total.add(done)
        self.progress(done)

    def finish(self) -> Counts:
        self.total.add(_process_left_over(self.source_ids, self.progress))
        return self.total

    def stop(self) -> None:
        """Nothing is ever left to begin."""


class ParallelRunner:
    """A batch for each of ``size`` processes; this one only stores lines and watches."""

    def __init__(self, source_ids: Sequence[int], progress: Progress, size: int) -> None:
        self.source_ids = source_ids
        self.progress = progress
        self.futures: list[Future[Counts]] = []
        self.desk = _Desk(source_ids)
        end_with_this_one = die_with_parent(signal.SIGTERM)
        self.pool = ProcessPoolExecutor(
            size, _FORK, _prepare_worker, (self.desk, end_with_this_one)
        )
        # The workers begin here, before there are lines in memory that they would copy; nor can
        # a connection be shared with them.
        connections.close_all()
        self.pool.submit(int)

    def take(self, batch: Batch) -> None:
        self.futures.append(self.pool.submit(_work, len(self.futures), batch))

    def finish(self) -> Counts:
        pending = set(self.futures)
        seen = 0
        while pending:
            _, pending = wait(pending, _POLL_SECONDS)
            lines = self.desk.lines.value
            self.progress(Counts(lines=lines - seen))
            seen = lines
        total = Counts()
        for future in self.futures:
            total.add(future.result())
        self.pool.shutdown()
        total.add(_process_left_over(self.source_ids, self.progress))
        return total

    def stop(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


class LastLines:
    """When the last line of each source was; in memory that processes forked later share."""

    def __init__(self, source_ids: Sequence[int]) -> None:
        self._places = {source_id: place for place, source_id in enumerate(source_ids)}
        self._times = _FORK.Array("q", len(source_ids), lock=False)

    def before(self, source_id: int, number: int) -> int | None:
        """The time before a segment, which is the next one that is parsed."""
        place = self._places.get(source_id)
        known = self._times[place] if place is not None else 0
        return known or last_line_before(source_id, number)

    def note(self, source_id: int, at: int) -> None:
        """The time of a line that was parsed just now; 0 for none."""
        place = self._places.get(source_id)
        if place is not None and at:
            self._times[place] = at


class _Desk:
    """What the processes of one run share."""

    def __init__(self, source_ids: Sequence[int]) -> None:
        self.last_lines = LastLines(source_ids)
        self.parsing, self.storing = _Turns(), _Turns()
        self.lines = _FORK.Value("q", 0)


class _Turns:
    """Lets processes in by number: 0, 1, 2 …"""

    def __init__(self) -> None:
        self._next = _FORK.Value("q", 0, lock=False)
        self._changed = _FORK.Condition()

    @contextmanager
    def take(self, number: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._next.value == number)
        try:
            yield
        finally:
            with self._changed:
                self._next.value = number + 1
                self._changed.notify_all()


# How a worker of a pool keeps what it was given.
_desks: list[_Desk] = []


def _prepare_worker(desk: _Desk, end_with_parent: Callable[[], None]) -> None:
    _desks.append(desk)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()


def _work(number: int, batch: Batch) -> Counts:
    desk = _desks[-1]
    with no_cycle_search():
        with desk.parsing.take(number):
            parsed = _parse(batch, desk.last_lines)
        with suppress(Exception):  # what it does is done again for what is missing
            prepare_addresses(parsed)
        with desk.storing.take(number):
            done = _process(parsed)
    _clear_open_hops()
    with desk.lines.get_lock():
        desk.lines.value += done.lines
    return done


def _clear_open_hops() -> None:
    """Make room where the batch's open Hops were, or the table grows with every batch.

    It is small, and the database's own vacuum looks once a minute.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM tracking_openhop")


def _parse(batch: Batch, last_lines: LastLines) -> list[ParsedSegment]:
    """The segments that still wait; one that fails is left over, with its source."""
    parsed = []
    sources = LogSource.objects.in_bulk([source_id for source_id, _ in batch])
    for source_id, number in batch:
        with suppress(Exception), noted_failure(source_id):
            segment = find_segment(source_id, number)
            if segment is not None:
                previous = last_lines.before(source_id, number)
                parsed.append(parse_segment(sources[source_id], segment, previous))
                last_lines.note(source_id, parsed[-1].last_at)
    return parsed


def _process(batch: list[ParsedSegment]) -> Counts:
    """All at once or, if that fails, one by one, so that only the source that fails stands still.

    What fails is logged, and left over.
    """
    with source_locks([item.segment.source_id for item in batch]):
        with suppress(Exception):
            return process_batch(batch)
        total = Counts()
        for item in batch:
            with suppress(Exception), noted_failure(item.segment.source_id):
                total.add(process_batch([item]))
    return total


def _process_left_over(source_ids: Sequence[int], progress: Progress) -> Counts:
    """What failed, and what another process has stored meanwhile; raises the first failure."""
    total = Counts()
    failures: list[Exception] = []
    for source_id in source_ids:
        try:
            if is_waiting(source_id):
                total.add(run_source(source_id, progress))
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return total
