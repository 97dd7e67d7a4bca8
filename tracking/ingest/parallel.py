"""Several sources at once: a process for each, on as many cores as there are.

Order within a source is kept by its lock, links between sources by the store lock (pipeline), so
how the work is shared out changes no result.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from typing import Protocol

from django.db import connection, connections

from mailgw.embedded.process import die_with_parent
from tracking.ingest.pipeline import Counts, run_source

Progress = Callable[[Counts], None]
_POLL_SECONDS = 0.2
_FORK = multiprocessing.get_context("fork")
_lines_done = _FORK.Value("q", 0)


class Runner(Protocol):
    """Takes sources whose lines are stored; ``finish`` returns what was done."""

    def start(self, source_id: int) -> None:
        """Process the waiting segments of a source, now or soon."""

    def finish(self) -> Counts:
        """Wait for all sources; raises what processing one of them raised."""

    def stop(self) -> None:
        """Give up what has not begun."""


def make_runner(source_count: int, progress: Progress) -> Runner:
    """In this process where more would not help, or where only this one sees the lines.

    Nor are workers forked from a process with threads: they would copy locks that nobody frees.
    """
    size = min(source_count, len(os.sched_getaffinity(0)))
    if size < 2 or connection.in_atomic_block or threading.active_count() > 1:
        return SerialRunner(progress)
    return ParallelRunner(size, progress)


class SerialRunner:
    """One source after the other, in this process."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.total = Counts()

    def start(self, source_id: int) -> None:
        self.total.add(run_source(source_id, self.progress))

    def finish(self) -> Counts:
        return self.total

    def stop(self) -> None:
        """Nothing is ever left to begin."""


class ParallelRunner:
    """``size`` sources at once; this process only stores lines and watches."""

    def __init__(self, size: int, progress: Progress) -> None:
        self.progress = progress
        self.futures: list[Future[Counts]] = []
        end_with_this_one = die_with_parent(signal.SIGTERM)
        self.pool = ProcessPoolExecutor(size, _FORK, _prepare_worker, (end_with_this_one,))
        self.seen = _lines_done.value

    def start(self, source_id: int) -> None:
        if not self.futures:
            # The workers begin here; a connection can't be shared with them.
            connections.close_all()
        self.futures.append(self.pool.submit(_run, source_id))

    def finish(self) -> Counts:
        pending = set(self.futures)
        while pending:
            _, pending = wait(pending, _POLL_SECONDS)
            lines = _lines_done.value
            self.progress(Counts(lines=lines - self.seen))
            self.seen = lines
        total = Counts()
        for future in self.futures:
            total.add(future.result())
        self.pool.shutdown()
        return total

    def stop(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


def _prepare_worker(end_with_parent: Callable[[], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent()


def _run(source_id: int) -> Counts:
    return run_source(source_id, _count_lines)


def _count_lines(done: Counts) -> None:
    with _lines_done.get_lock():
        _lines_done.value += done.lines
