"""Log files as bytes: opened whatever their compression, ordered as they were rotated."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import zstandard

# Rotation suffixes of logrotate: .1, -20261124, and compression.
_COMPRESSED = re.compile(r"\.(gz|bz2|xz|lzma|zst)$")
_ROTATED = re.compile(r"(?:\.(\d{1,4})|[-.](\d{8}(?:[-_]?\d{2,6})?))$")
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
        reader = zstandard.ZstdDecompressor().stream_reader(
            path.open("rb"), read_across_frames=True, closefd=True
        )
        return io.BufferedReader(reader, 1024 * 1024)
    return path.open("rb")


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
    longer than ``longest`` is cut.
    """
    rest = b""
    while True:
        block = stream.read(size)
        if not block:
            break
        rest += block
        end = rest.rfind(b"\n") + 1
        if not end and len(rest) < longest:
            continue
        end = end or len(rest)
        yield rest[:end]
        rest = rest[end:]
    if rest and take_partial:
        yield rest
