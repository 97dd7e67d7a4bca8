"""Whole files of several sources: segments that cover the same time, side by side in batches.

A mail's lines on all its hosts are then mostly in one batch. That is a matter of speed alone: the
answers do not depend on what is in a batch. Files of one site cover about the same time, so each
source gives as many segments as the others, of a size by its share of the bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tracking.ingest.files import is_compressed, read_chunks
from tracking.ingest.sources import DamagedFile, read_segments
from tracking.intake import MAX_SEGMENT_BYTES, add_segment
from tracking.models import LogSource

Batch = list[tuple[int, int]]
"""Source ids and segment numbers, one segment a source."""

BATCH_BYTES = 8 * 1024 * 1024
# What packed text makes of a byte, about.
_UNPACKED = 8


@dataclass(slots=True)
class Reading:
    """A source and what is to be read for it, in order; None stands for standard input."""

    source: LogSource
    files: list[Path | None] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The bytes of its lines, about; nobody knows of standard input."""
        return sum(_size(path) for path in self.files if path is not None)


def _size(path: Path) -> int:
    return path.stat().st_size * (_UNPACKED if is_compressed(path) else 1)


class BulkReader:
    """Stores the lines of all readings; ``problems`` names what could not be read."""

    def __init__(self, readings: list[Reading], say: Callable[[str], None]) -> None:
        self.readings = readings
        self.say = say
        self.problems: list[str] = []

    def batches(self) -> Iterator[Batch]:
        """As they are stored; what waited before comes first."""
        sizes = [reading.size for reading in self.readings]
        count = max(sum(sizes) // BATCH_BYTES, max(sizes) // MAX_SEGMENT_BYTES) + 1
        left = [
            self._segments(reading, max(size // count, 1) if size else 0)
            for reading, size in zip(self.readings, sizes, strict=True)
        ]
        while left:
            taken = [(segments, next(segments, None)) for segments in left]
            left = [segments for segments, found in taken if found is not None]
            if left:
                yield [found for _, found in taken if found is not None]

    def _segments(self, reading: Reading, size: int) -> Iterator[tuple[int, int]]:
        source = reading.source
        for number in range(source.next_to_process, source.next_number):
            yield source.pk, number
        for path in reading.files:
            if path is None:
                for raw in read_chunks(sys.stdin.buffer, MAX_SEGMENT_BYTES, take_partial=True):
                    yield source.pk, add_segment(source, raw).number
            else:
                yield from self._read(source, path, size)

    def _read(self, source: LogSource, path: Path, size: int) -> Iterator[tuple[int, int]]:
        self.say(f"reading {path}")
        try:
            for segment in read_segments(source, path, size):
                yield segment.source_id, segment.number
        except DamagedFile as error:
            self.problems.append(str(error))
        except OSError as error:
            self.problems.append(f"{path}: {error.strerror}")
