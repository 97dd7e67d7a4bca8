"""Files into segments: known by their content, so that no line is ever taken twice.

A file that was rotated, compressed or copied has the same first bytes (``head_digest``) and the
same bytes before the position that was reached (``tail_digest``); reading goes on from there.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from tracking.ingest.files import is_compressed, open_log, read_chunks
from tracking.intake import MAX_SEGMENT_BYTES, FilePosition, add_segment, raw_lines
from tracking.models import LogFile, LogSegment, LogSource

_HEAD = 1024
_FRESH_SECONDS = 60
Stored = Callable[[LogSegment], None]


@dataclass(slots=True)
class _Known:
    """A file's record and where reading goes on; ``is_done`` when all of it is stored."""

    file: LogFile
    is_done: bool = False


def read_file(
    source: LogSource, path: Path, stored: Stored | None = None, *, is_live: bool = False
) -> int:
    """Store what is new in a file; returns the number of new segments.

    The file may belong to another source (a copy of a file that one has read): then it goes on
    there. ``is_live``: an unfinished last line is left for later. Raises OSError when the file
    cannot be read, EOFError and zlib.error and the like when an archive is damaged; what was
    stored until then stays.
    """
    status = path.stat()
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    age = datetime.now(UTC) - modified
    take_partial = not is_live and (is_compressed(path) or age.total_seconds() > _FRESH_SECONDS)
    with open_log(path) as stream:
        head = _read_exactly(stream, _HEAD)
    if not head:
        return 0
    known = _find_known(source, path, head)
    LogFile.objects.filter(pk=known.file.pk).update(
        path=str(path), inode=status.st_ino, modified_at=modified
    )
    if known.is_done:
        return 0
    with open_log(path) as stream:
        return _read_rest(stream, known.file, stored, modified, take_partial=take_partial)


def _read_rest(
    stream: IO[bytes],
    file: LogFile,
    stored: Stored | None,
    modified: datetime,
    *,
    take_partial: bool,
) -> int:
    tail = _skip(stream, file.offset)
    position = file.offset
    count = 0
    for raw in read_chunks(stream, MAX_SEGMENT_BYTES, take_partial=take_partial):
        tail = (tail + raw)[-_HEAD:]
        end = position + len(raw)
        where = FilePosition(file, position, end, _digest(tail))
        segment = add_segment(file.source, raw, position=where, reference_at=modified)
        position = end
        count += 1
        if stored is not None:
            stored(segment)
    return count


def _find_known(source: LogSource, path: Path, head: bytes) -> _Known:
    """The record of this content, or a new one."""
    sizes = set(LogFile.objects.values_list("head_size", flat=True).distinct())
    digests = [_digest(head[:size]) for size in sizes if 0 < size <= len(head)]
    for file in LogFile.objects.filter(head_digest__in=digests).order_by("-offset"):
        match = _compare(path, file)
        if match is not None:
            if len(head) > file.head_size:
                file.head_size, file.head_digest = len(head), _digest(head)
                file.save(update_fields=["head_size", "head_digest"])
            return match
    return _Known(
        LogFile.objects.create(
            source=source, path=str(path), head_size=len(head), head_digest=_digest(head)
        )
    )


def _compare(path: Path, file: LogFile) -> _Known | None:
    """Whether the file holds what was read under this record; None when it is another file."""
    with open_log(path) as stream:
        tail = _skip(stream, file.offset)
        if _digest(tail) == file.tail_digest or not file.offset:
            return _Known(file)
    # Shorter than what was read: an older copy, if every byte agrees.
    with open_log(path) as stream:
        for segment in file.logsegment_set.order_by("start_offset"):
            raw = raw_lines(segment)
            part = _read_exactly(stream, len(raw))
            if part != raw[: len(part)]:
                return None
            if len(part) < len(raw):
                return _Known(file, is_done=True)
    return None


def _skip(stream: IO[bytes], offset: int) -> bytes:
    """Go to an offset of the content; returns the (at most) 1024 bytes before it."""
    keep: deque[bytes] = deque()
    left = offset
    if stream.seekable():
        stream.seek(max(offset - _HEAD, 0))
        left = min(offset, _HEAD)
    while left:
        block = stream.read(min(left, 1024 * 1024))
        if not block:
            break
        left -= len(block)
        keep.append(block)
        while len(keep) > 2:
            keep.popleft()
    return b"".join(keep)[-_HEAD:]


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    parts = []
    while size:
        block = stream.read(size)
        if not block:
            break
        parts.append(block)
        size -= len(block)
    return b"".join(parts)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
