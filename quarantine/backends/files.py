"""Files under one directory that hostile hands may fill: no links, no pipes, no way out.

Every step of a path is opened relative to the one before without following links, and what was
opened is asked what it is: nothing can be swapped in between.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from quarantine.backends.base import (
    BackendUnavailable,
    Content,
    Fault,
    ItemGone,
    ItemUnreadable,
)

# One step of a path. No leading dot (hidden, temporary, "."), nothing that ends a line.
_NAME = re.compile(r"[A-Za-z0-9_+=,:@%~-][A-Za-z0-9_+=,:@%~.-]{0,254}", re.ASCII)
_MAX_DEPTH = 6
_SETTLE_NS = 3_000_000_000
_UNFINISHED_NS = 60_000_000_000
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK opening a pipe waits for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 64 * 1024
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}


def is_safe_name(name: str) -> bool:
    """Whether it can be one step of a key."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file of a directory, its size unpacked; ``modified_ns`` since 1970."""

    name: str
    size_bytes: int
    modified_ns: int


class SpoolDirectory:
    """The files below ``root``, named by relative keys with ``/``."""

    def __init__(self, root: str) -> None:
        self.root = root

    def folders(self, folder: str = "") -> list[str]:
        """Names of directories directly below; a missing folder has none.

        Raises BackendUnavailable when it can't be read: what is on its shelves is not known.
        """
        try:
            with self._folder(folder) as descriptor, os.scandir(descriptor) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if is_safe_name(entry.name) and entry.is_dir(follow_symlinks=False)
                )
        except ItemGone:
            return []
        except ItemUnreadable as error:
            raise BackendUnavailable(error.detail, Fault.DIRECTORY) from error

    def names(self, folder: str) -> list[str]:
        """Names of regular files directly in a folder; a missing folder has none.

        Raises ItemUnreadable for one that can't be read.
        """
        try:
            with self._folder(folder) as descriptor, os.scandir(descriptor) as entries:
                return [
                    entry.name
                    for entry in entries
                    if is_safe_name(entry.name) and entry.is_file(follow_symlinks=False)
                ]
        except ItemGone:
            return []

    def stamp(self, folder: str) -> str:
        """Changes when a file comes or goes. Raises ItemGone.

        "" shortly after a change: clocks tick coarsely, and the next change may look the same.
        Also "" for a folder that can't be read: listing it will say so.
        """
        try:
            with self._folder(folder) as descriptor:
                changed = os.fstat(descriptor).st_mtime_ns
        except ItemUnreadable:
            return ""
        return str(changed) if changed < time.time_ns() - _SETTLE_NS else ""

    def look(self, key: str, limit: int) -> tuple[Found, bytes]:
        """A file's size and time, and its first ``limit`` bytes (of a .gz: unpacked)."""
        with self._file(key) as descriptor:
            status = os.fstat(descriptor)
            is_packed = key.endswith(".gz")
            size = _unpacked_size(descriptor, status.st_size) if is_packed else status.st_size
            found = Found(key.rpartition("/")[2], size, status.st_mtime_ns)
            return found, _read(descriptor, limit, is_packed=is_packed, key=key)

    def read(self, key: str, limit: int) -> Content:
        """At most ``limit`` bytes of the unpacked file."""
        found, raw = self.look(key, limit + 1)
        return Content(raw[:limit], max(found.size_bytes, len(raw)), len(raw) > limit)

    def delete(self, key: str) -> None:
        """Remove a file; a link in its place is removed, not what it points at."""
        folder, _, name = key.rpartition("/")
        _check(key)
        try:
            with self._folder(folder) as descriptor:
                os.unlink(name, dir_fd=descriptor)
        except ItemGone:
            return
        except OSError as error:
            if error.errno in _GONE:
                return
            raise ItemUnreadable(f"{key} can't be deleted: {error.strerror}") from error

    @contextmanager
    def _root(self) -> Iterator[int]:
        try:
            descriptor = os.open(self.root, _DIRECTORY & ~os.O_NOFOLLOW)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"{self.root} can't be opened: {reason}"
            raise BackendUnavailable(message, Fault.DIRECTORY) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _folder(self, folder: str) -> Iterator[int]:
        if folder:
            _check(folder)
        with self._root() as root:
            descriptor = os.dup(root)
            try:
                for name in folder.split("/") if folder else ():
                    inner = _open(name, _DIRECTORY, descriptor, folder)
                    os.close(descriptor)
                    descriptor = inner
                yield descriptor
            finally:
                os.close(descriptor)

    @contextmanager
    def _file(self, key: str) -> Iterator[int]:
        _check(key)
        folder, _, name = key.rpartition("/")
        with self._folder(folder) as directory:
            descriptor = _open(name, _FILE, directory, key)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ItemUnreadable(f"{key} is not a regular file")
                yield descriptor
            finally:
                os.close(descriptor)


def _check(key: str) -> None:
    steps = key.split("/")
    if len(steps) > _MAX_DEPTH or not all(is_safe_name(step) for step in steps):
        raise ItemGone(f"{key[:200]!r} is no name of a held mail")


def _open(name: str, flags: int, directory: int, key: str) -> int:
    try:
        return os.open(name, flags, dir_fd=directory)
    except OSError as error:
        if error.errno in _GONE:
            raise ItemGone(f"{key} is not there any more") from error
        raise ItemUnreadable(f"{key} can't be opened: {error.strerror}") from error


def _unpacked_size(descriptor: int, size: int) -> int:
    """What the end of a gzip file says of its size, modulo 4 GiB: right for what a filter wrote."""
    return int.from_bytes(os.pread(descriptor, 4, max(size - 4, 0)), "little")


def _read(descriptor: int, limit: int, *, is_packed: bool, key: str) -> bytes:
    """The first bytes; memory stays near the limit, whatever a packed file grows to."""
    unpack = zlib.decompressobj(_GZIP) if is_packed else None
    parts: list[bytes] = []
    left = limit
    try:
        while left > 0 and (chunk := os.read(descriptor, _CHUNK if unpack else min(_CHUNK, left))):
            if unpack is not None:
                chunk = unpack.decompress(chunk, left)
                if not chunk and unpack.eof:
                    break
            parts.append(chunk)
            left -= len(chunk)
            while unpack is not None and unpack.unconsumed_tail and left > 0:
                chunk = unpack.decompress(unpack.unconsumed_tail, left)
                parts.append(chunk)
                left -= len(chunk)
    except OSError as error:
        raise ItemUnreadable(f"{key} can't be read: {error.strerror}") from error
    except zlib.error as error:
        raise ItemUnreadable(f"{key} is no gzip file: {error}") from error
    return b"".join(parts)


def absolute_directory(text: str) -> str:
    """A source's location as it must be. Raises BackendUnavailable."""
    if "\0" in text or not Path(text).is_absolute():
        raise BackendUnavailable(f"{text!r} is no absolute path", Fault.SETTINGS)
    return text


def refuse_unfinished(found: Found, *, is_whole: bool) -> None:
    """A file that a filter is writing right now will have the whole header later."""
    if not is_whole and found.modified_ns > time.time_ns() - _UNFINISHED_NS:
        raise ItemUnreadable(f"{found.name} is still being written")


def changed_at(found: Found) -> datetime:
    """When the file was written; a time that can't be is brought into what can."""
    now = datetime.now(tz=UTC)
    seconds = min(max(found.modified_ns // 1000 / 1_000_000, 0), now.timestamp())
    return datetime.fromtimestamp(seconds, tz=UTC)
