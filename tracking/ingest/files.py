"""Log files as bytes: opened whatever their compression, ordered as they were rotated."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import zstandard

# Rotation suffixes of logrotate: .1, -20261124, and compression.
_COMPRESSED = re.compile(r"\.(gz|bz2|xz|lzma|zst)$")
_ROTATED = re.compile(r"(?:\.(\d{1,4})|[-.](\d{8}(?:[-_]?\d{2,6})?))$")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""What reading an archive that is cut or spoilt raises."""

CHUNK_BYTES = 256 * 1024
"""What is read at once where something else says how long runs of lines are."""

Cut = Callable[[bytes], int]
"""Of whole lines at hand: how many bytes to take now."""

_LOG_NAMES = re.compile(r"(?:.*\.log|syslog|maillog|messages|mail)$", re.IGNORECASE)


def open_log(path: Path) -> IO[bytes]:
    """The content of a log file, decompressed; the magic bytes decide, not the name.

    Raises OSError when the file cannot be opened; a damaged archive raises when it is read.
    """
    with path.open("rb") as raw:
        magic = raw.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if magic.startswith(b"BZh"):
        return bz2.open(path, "rb")
    if magic.startswith((b"\xfd7zXZ", b"\x5d\x00\x00")):
        return lzma.open(path, "rb")
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return io.BufferedReader(_ZstdFile(path.open("rb")), 1024 * 1024)
    return path.open("rb")


class _ZstdFile(io.RawIOBase):
    """All frames of a file; zstandard's own reader takes a cut file for a whole one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._input = self._output = b""
        self._is_inside = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._output:
            if not self._input:
                self._input = self._stream.read(128 * 1024)
            if not self._input:
                if self._is_inside:
                    raise EOFError("the compressed file ends before its end mark")
                return 0
            self._output = self._frame.decompress(self._input)
            self._is_inside = not self._frame.eof
            self._input = self._frame.unused_data
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        count = min(len(buffer), len(self._output))
        buffer[:count] = self._output[:count]
        self._output = self._output[count:]
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def is_compressed(path: Path) -> bool:
    """Whether the name says that the file is an archive (and so will not grow)."""
    return bool(_COMPRESSED.search(path.name))


def base_name(name: str) -> str:
    """``mail.log.2.gz`` and ``mail.log-20261124.xz`` → ``mail.log``."""
    name = _COMPRESSED.sub("", name)
    return _ROTATED.sub("", name) or name


def rotation_order(path: Path) -> tuple[int, str]:
    """Sorts the files of one log from the oldest to the one in use."""
    match = _ROTATED.search(_COMPRESSED.sub("", path.name))
    if match is None:
        return 2, ""
    if match[1]:
        return 1, f"{9999 - int(match[1]):04d}"
    return 1, match[2]


def find_logs(directory: Path) -> dict[Path, list[Path]]:
    """The logs below a directory: base path → its files, oldest first.

    Names that do not look like a log (``*.log``, ``syslog``, ``maillog``, ``messages``, with
    rotation suffixes) are left out.
    """
    groups: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted(directory.rglob("*")):
        base = base_name(path.name)
        is_hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if path.is_file() and not is_hidden and _LOG_NAMES.match(base):
            groups[path.parent / base].append(path)
    return {base: sorted(files, key=rotation_order) for base, files in sorted(groups.items())}


def read_chunks(
    stream: IO[bytes], size: int, *, take_partial: bool, longest: int = 64 * 1024 * 1024
) -> Iterator[bytes]:
    """Runs of whole lines of about ``size`` bytes.

    The bytes after the last line end come last if ``take_partial``, else they are left. A line
    longer than ``longest`` is cut. Of a stream that fails, what was read before comes first.
    """
    rest = b""
    for block in _blocks(stream, size):
        rest += block
        end = rest.rfind(b"\n") + 1
        if not end and len(rest) < longest:
            continue
        end = end or len(rest)
        yield rest[:end]
        rest = rest[end:]
    if rest and take_partial:
        yield rest


def recut(chunks: Iterator[bytes], size: int, cut: Cut) -> Iterator[bytes]:
    """The same lines in runs of the lengths that ``cut`` gives.

    It is shown ``size`` bytes or more, fewer at the end, and says how many of them to take now; for
    none an empty run is given out.
    """
    rest = b""
    failure: Exception | None = None
    is_more = True
    while True:
        while is_more and len(rest) < size:
            try:
                chunk = next(chunks, None)
            except DAMAGE as error:
                failure, chunk = error, None
            is_more = chunk is not None
            rest += chunk or b""
        if not rest:
            break
        count = cut(rest)
        yield rest[:count]
        rest = rest[count:]
    if failure is not None:
        raise failure


def _blocks(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Reads of ``size`` bytes, the last one shorter; ``read()`` loses it when the stream fails."""
    read = cast("io.BufferedReader", stream).read1
    parts: list[bytes] = []
    missing = size
    while True:
        try:
            part = read(missing)
        except DAMAGE:
            yield b"".join(parts)
            raise
        parts.append(part)
        missing -= len(part)
        if not missing or not part:
            yield b"".join(parts)
            parts, missing = [], size
        if not part:
            return
