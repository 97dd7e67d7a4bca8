"""Files into segments: known by their content, so that no line is ever taken twice.

A file that was rotated, compressed or copied has the same first line (``head_digest``) and the
same bytes before the position that was reached (``tail_digest``); reading goes on from there.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.db import connection, transaction

from tracking.ingest.files import (
    CHUNK_BYTES,
    DAMAGE,
    Cut,
    is_compressed,
    open_log,
    read_chunks,
    recut,
)
from tracking.intake import (
    MAX_SEGMENT_BYTES,
    FilePosition,
    PositionTaken,
    add_segment,
    raw_lines,
)
from tracking.models import LogFile, LogSegment, LogSource

TAIL = 1024
_HEAD = 1024
_FRESH_SECONDS = 60
_FILES_LOCK = 0x66696C65
Stored = Callable[[LogSegment], None]
Opener = Callable[[], IO[bytes]]


class DamagedFile(OSError):
    """A file that cannot be read to its end; the text names it."""


@dataclass(slots=True)
class Known:
    """A file's record and where reading goes on; ``is_done`` when all of it is stored."""

    file: LogFile
    is_done: bool = False


def read_file(source: LogSource, path: Path, stored: Stored | None = None) -> int:
    """Store what is new in a file; returns the number of new segments, ``stored`` sees each."""
    count = 0
    for segment in read_segments(source, path):
        count += 1
        if stored is not None and segment is not None:
            stored(segment)
    return count


def read_segments(
    source: LogSource, path: Path, size: int = 0, cut: Cut | None = None
) -> Iterator[LogSegment | None]:
    """Store what is new in a file, in segments of about ``size`` bytes; each as it is stored.

    With a ``cut`` their lengths are what it gives of ``size`` bytes or more; None when it takes
    nothing now.

    The file may belong to another source (a copy of a file that one has read): then it goes on
    there. Raises OSError when the file cannot be read and DamagedFile when an archive is cut or
    spoilt; what was stored until then stays.
    """
    status = path.stat()
    age = datetime.now(UTC) - modified_at(status)
    take_partial = is_compressed(path) or age.total_seconds() > _FRESH_SECONDS
    while True:
        try:
            yield from _read(source, path, status, size, cut, take_partial=take_partial)
        except PositionTaken:
            continue  # from where the other process is now
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            raise
        except DAMAGE as error:
            raise DamagedFile(f"{path}: {error}") from error
        return


def _read(
    source: LogSource,
    path: Path,
    status: os.stat_result,
    size: int,
    cut: Cut | None,
    *,
    take_partial: bool,
) -> Iterator[LogSegment | None]:
    def opener() -> IO[bytes]:
        return open_log(path)

    known = identify(source, path, status, opener, take_partial=take_partial)
    if known is None or known.is_done:
        return
    file, position = known.file, known.file.offset
    size = min(size or MAX_SEGMENT_BYTES, MAX_SEGMENT_BYTES)
    with opener() as stream:
        tail = _skip(stream, position)
        chunks = read_chunks(stream, CHUNK_BYTES if cut else size, take_partial=take_partial)
        for raw in recut(chunks, size, cut) if cut else chunks:
            if not raw:
                yield None
                continue
            tail = (tail + raw[-TAIL:])[-TAIL:]
            end = position + len(raw)
            where = FilePosition(file, position, end, digest(tail))
            reference = modified_at(status)
            yield add_segment(file.source, raw, position=where, reference_at=reference)
            position = end


def modified_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def identify(
    source: LogSource,
    path: Path,
    status: os.stat_result,
    opener: Opener,
    *,
    take_partial: bool = False,
    is_live: bool = False,
) -> Known | None:
    """The record of a file's content, made when it is new; None as long as it has no line.

    ``is_live``: another file that is still where it was read is not this one, even if what both
    hold so far is the same.
    """
    with opener() as stream:
        head = _read_exactly(stream, _HEAD)
    end = head.find(b"\n") + 1
    if not end and ((len(head) < _HEAD and not take_partial) or not head):
        return None
    head = head[: end or _HEAD]
    known = _find(head, status, opener, is_live=is_live)
    if known is None:
        known = _find_or_create(source, path, head, status, opener, is_live=is_live)
    LogFile.objects.filter(pk=known.file.pk).update(
        path=_place(path), inode=_inode(status), modified_at=modified_at(status)
    )
    return known


def _place(path: Path) -> str:
    """The file's name as it is, even a link's, in the true directory."""
    return str(path.parent.resolve() / path.name)


def _inode(status: os.stat_result) -> int:
    return status.st_ino % 2**63


def _find_or_create(
    source: LogSource,
    path: Path,
    head: bytes,
    status: os.stat_result,
    opener: Opener,
    *,
    is_live: bool,
) -> Known:
    """One process at a time makes records, so that two that read one file share its record."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_FILES_LOCK])
        found = _find(head, status, opener, is_live=is_live)
        return found or Known(
            LogFile.objects.create(
                source=source,
                path=_place(path),
                inode=_inode(status),
                head_size=len(head),
                head_digest=digest(head),
            )
        )


def _find(head: bytes, status: os.stat_result, opener: Opener, *, is_live: bool) -> Known | None:
    for file in LogFile.objects.filter(head_digest=digest(head)).order_by("-offset"):
        if is_live and file.inode != _inode(status) and _is_in_place(file):
            continue
        match = _compare(opener, file)
        if match is not None:
            return match
    return None


def _is_in_place(file: LogFile) -> bool:
    try:
        return _inode(Path(file.path).stat()) == file.inode
    except OSError:
        return False


def _compare(opener: Opener, file: LogFile) -> Known | None:
    """Whether the file holds what was read under this record; None when it is another file."""
    with opener() as stream:
        tail = _skip(stream, file.offset)
        if not file.offset or digest(tail) == file.tail_digest:
            return Known(file)
    # Shorter than what was read: an older copy, if every byte agrees.
    with opener() as stream:
        for segment in file.logsegment_set.order_by("start_offset"):
            raw = raw_lines(segment)
            part = _read_exactly(stream, len(raw))
            if part != raw[: len(part)]:
                return None
            if len(part) < len(raw):
                return Known(file, is_done=True)
    return None


def _skip(stream: IO[bytes], offset: int) -> bytes:
    """Go to an offset of the content; returns the (at most) 1024 bytes before it."""
    keep: deque[bytes] = deque()
    left = offset
    if stream.seekable():
        stream.seek(max(offset - TAIL, 0))
        left = min(offset, TAIL)
    while left:
        block = stream.read(min(left, 1024 * 1024))
        if not block:
            break
        left -= len(block)
        keep.append(block)
        while len(keep) > 2:
            keep.popleft()
    return b"".join(keep)[-TAIL:]


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    parts = []
    while size:
        block = stream.read(size)
        if not block:
            break
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
