"""Logs that grow: open files read on, whatever logrotate or an administrator does to them.

A file is known by its descriptor while it is open. When another file takes its place, the old one
is read until it stays quiet; files that were rotated while nobody looked are read first. All
positions are in the database, moved in the transaction that stores the lines.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.db import IntegrityError, InterfaceError, OperationalError, connection

from tracking.ingest.files import base_name, find_logs, rotation_order
from tracking.ingest.sources import TAIL, digest, identify, modified_at, read_file
from tracking.intake import MAX_SEGMENT_BYTES, FilePosition, PositionTaken, add_segment
from tracking.models import LogFile, LogSegment, LogSource

log = logging.getLogger(__name__)

# A writer may hold on to a renamed file until it is told to open the new one.
_QUIET_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 5.0
Stored = Callable[[LogSegment], None]


class Truncated(Exception):
    """The file no longer holds what was read from it."""


class Tail:
    """An open log file and how far it is stored."""

    def __init__(self, source: LogSource, path: Path) -> None:
        self.source = source
        self.path = path
        self.stream = path.open("rb", buffering=0)
        self.status = os.fstat(self.stream.fileno())
        self.file: LogFile | None = None
        self.tail = b""
        self.known_size = -1
        self.read_at = time.monotonic()

    @property
    def is_quiet(self) -> bool:
        return time.monotonic() - self.read_at > _QUIET_SECONDS

    def is_at(self, status: os.stat_result) -> bool:
        return (self.status.st_dev, self.status.st_ino) == (status.st_dev, status.st_ino)

    def close(self) -> None:
        self.stream.close()

    def forget(self) -> None:
        """Ask the database again how far the file is stored."""
        self.file = None

    def store(self, stored: Stored, *, is_last: bool = False) -> bool:
        """Store one run of new whole lines; returns whether there may be more.

        ``is_last`` takes a last line without its end, too. Raises Truncated.
        """
        self.status = os.fstat(self.stream.fileno())
        if self.file is None and not self._identify(is_last=is_last):
            return False
        raw = self._new_lines(is_last=is_last)
        if not raw or self.file is None:
            return False
        start, tail = self.file.offset, (self.tail + raw)[-TAIL:]
        where = FilePosition(self.file, start, start + len(raw), digest(tail))
        try:
            segment = add_segment(
                self.file.source, raw, position=where, reference_at=modified_at(self.status)
            )
        except PositionTaken:
            self.forget()
            return True
        self.file.offset, self.tail = where.end, tail
        self.read_at = time.monotonic()
        stored(segment)
        return True

    def _identify(self, *, is_last: bool) -> bool:
        if self.status.st_size in {0, self.known_size}:
            return False
        known = identify(
            self.source,
            self.path,
            self.status,
            self._open_again,
            take_partial=is_last,
            is_live=True,
        )
        if known is None or known.is_done:
            # A copy of what was read, or not yet a line: another look when it has grown.
            self.known_size = -1 if is_last else self.status.st_size
            return False
        self.file = known.file
        start = max(known.file.offset - TAIL, 0)
        self.tail = os.pread(self.stream.fileno(), known.file.offset - start, start)
        return True

    def _open_again(self) -> IO[bytes]:
        stream = os.fdopen(os.dup(self.stream.fileno()), "rb")
        stream.seek(0)
        return stream

    def _new_lines(self, *, is_last: bool) -> bytes:
        if self.file is None or self.status.st_size == self.file.offset:
            return b""
        descriptor, offset = self.stream.fileno(), self.file.offset
        before = os.pread(descriptor, len(self.tail), offset - len(self.tail))
        if self.status.st_size < offset or before != self.tail:
            raise Truncated
        raw = os.pread(descriptor, MAX_SEGMENT_BYTES, offset)
        end = raw.rfind(b"\n") + 1
        is_whole = is_last or len(raw) == MAX_SEGMENT_BYTES
        return raw[:end] if end or not is_whole else raw


@dataclass(slots=True)
class FollowedLog:
    """The file of this name, and those that had the name before."""

    source: LogSource
    path: Path
    current: Tail | None = None
    former: list[Tail] = field(default_factory=list)
    is_behind: bool = True
    problem: str = ""

    def poll(self, stored: Stored) -> bool:
        """Store what is there; returns whether there may be more at once."""
        problem = ""
        try:
            self._look()
        except OSError as error:
            problem = f"{self.path}: {error.strerror or error}"
        self._tell(problem)
        return self._read_former(stored) or self._read_current(stored)

    def _look(self) -> None:
        """See whether another file has the name now."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self._retire()
            raise
        if self.current is None or not self.current.is_at(status):
            self._retire()
            self.current = Tail(self.source, self.path)
            self.is_behind = True

    def _retire(self) -> None:
        if self.current is not None:
            self.former.append(self.current)
            self.current = None

    def _read_former(self, stored: Stored) -> bool:
        is_busy = False
        for tail in list(self.former):
            is_done = tail.is_quiet
            try:
                is_busy |= tail.store(stored, is_last=is_done)
            except Truncated:
                is_done = True
            if is_done:
                tail.close()
                self.former.remove(tail)
        return is_busy

    def _read_current(self, stored: Stored) -> bool:
        if self.current is None:
            return False
        if self.is_behind:
            self._catch_up(stored)
            self.is_behind = False
        try:
            return self.current.store(stored)
        except Truncated:
            log.info("%s was truncated", self.path)
            self.current.forget()
            self.is_behind = True
            return True

    def _catch_up(self, stored: Stored) -> None:
        """Read files that were rotated since this log was last looked at.

        Of a log that was never read, the rotated files stay unread: ``ingest_logs`` takes them.
        """
        last = max(
            (
                file.modified_at
                for file in LogFile.objects.filter(source=self.source)
                if file.modified_at and base_name(file.path) == str(self.path)
            ),
            default=None,
        )
        if last is None:
            return
        for path in sorted(self._rotated(), key=rotation_order):
            try:
                if modified_at(path.stat()) >= last:
                    read_file(self.source, path, stored)
            except OSError as error:
                log.warning("%s", error)

    def _rotated(self) -> Iterator[Path]:
        for path in self.path.parent.iterdir():
            if path != self.path and base_name(path.name) == self.path.name and path.is_file():
                yield path

    def _tell(self, problem: str) -> None:
        """Say a problem once, and when it is over."""
        if problem != self.problem:
            if problem:
                log.warning("%s; it is tried again", problem)
            else:
                log.info("%s is read", self.path)
            self.problem = problem

    def tails(self) -> Iterator[Tail]:
        yield from self.former
        if self.current is not None:
            yield self.current


class Follower:
    """Follows the logs of all sources that ``find`` gives, until ``stop`` is set.

    ``start`` has a worker process a source, and returns False when it cannot.
    """

    def __init__(
        self,
        find: Callable[[], Iterable[LogSource]],
        start: Callable[[int], bool],
        stop: threading.Event,
        interval: float = 0.3,
    ) -> None:
        self.find = find
        self.start = start
        self.stop = stop
        self.interval = interval
        self.logs: dict[tuple[int, Path], FollowedLog] = {}
        self.looked_at = float("-inf")
        self.unstarted: set[int] = set()
        self.is_waiting = False
        self.has_problem = False

    def run(self) -> None:
        while not self.stop.is_set():
            if not self.poll():
                self.stop.wait(self.interval)
        for followed in self.logs.values():
            _close(followed)

    def poll(self) -> bool:
        """One round over all logs; returns whether there may be more at once."""
        is_busy = False
        with self._patience():
            self._look_for_sources()
            for followed in self.logs.values():
                is_busy |= followed.poll(self._note)
            self._start_all()
        return is_busy and not self.has_problem

    def _note(self, segment: LogSegment) -> None:
        self.unstarted.add(segment.source_id)

    def _start_all(self) -> None:
        had_waiting = self.is_waiting
        self.unstarted = {pk for pk in self.unstarted if not self.start(pk)}
        self.is_waiting = bool(self.unstarted)
        if self.is_waiting and not had_waiting:
            log.warning("the broker does not answer; lines are stored and wait")

    def _look_for_sources(self) -> None:
        if time.monotonic() - self.looked_at < _LOOK_AGAIN_SECONDS:
            return
        wanted = {
            (source.pk, path): source for source in self.find() for path in _live_paths(source)
        }
        for key in self.logs.keys() - wanted.keys():
            _close(self.logs.pop(key))
        for key in wanted.keys() - self.logs.keys():
            log.info("following %s", key[1])
            self.logs[key] = FollowedLog(wanted[key], key[1])
        self.looked_at = time.monotonic()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """A database that is away, or a source that is deleted, is waited for and asked again."""
        try:
            yield
        except (OperationalError, InterfaceError, IntegrityError, LogSource.DoesNotExist) as error:
            if not self.has_problem:
                log.warning("the database does not take lines, it is tried again: %s", error)
            self.has_problem = True
            self.looked_at = float("-inf")
            if isinstance(error, OperationalError | InterfaceError):
                connection.close()
            for followed in self.logs.values():
                for tail in followed.tails():
                    tail.forget()
        else:
            if self.has_problem:
                log.info("the database takes lines again")
            self.has_problem = False


def _live_paths(source: LogSource) -> list[Path]:
    """The files of a source that may grow."""
    path = Path(source.path)
    return list(find_logs(path)) if path.is_dir() else [path]


def _close(followed: FollowedLog) -> None:
    for tail in followed.tails():
        tail.close()
