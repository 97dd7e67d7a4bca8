"""Whole files of several sources: segments that cover the same time, side by side in batches.

A mail's lines on all its hosts are then mostly in one batch: its Hops are linked before they are
written, and nothing is written twice. That is a matter of speed and of room alone: the answers do
not depend on what is in a batch. In each batch the source with the most bytes gives its share of
them, and the others what they have of the time until then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tracking.ingest.files import CHUNK_BYTES, is_compressed, read_chunks, recut
from tracking.ingest.pace import Pace
from tracking.ingest.sources import DamagedFile, read_segments
from tracking.intake import MAX_SEGMENT_BYTES, add_segment
from tracking.models import LogSource

Batch = list[tuple[int, int]]
"""Source ids and segment numbers, one segment a source."""

BATCH_BYTES = 8 * 1024 * 1024
# What packed text makes of a byte, about.
_UNPACKED = 8
# A source with little to tell may tell much of it in a short time.
_AT_HAND = 4

_Found = tuple[int, int] | None


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
        self.pace = Pace()

    def batches(self) -> Iterator[Batch]:
        """As they are stored; what waited before comes first."""
        sizes = {reading.source.pk: reading.size for reading in self.readings}
        count = max(sum(sizes.values()) // BATCH_BYTES, max(sizes.values()) // MAX_SEGMENT_BYTES)
        left: list[Iterator[_Found]] = []
        for reading in sorted(self.readings, key=lambda item: -sizes[item.source.pk]):
            share = sizes[reading.source.pk] // (count + 1) or MAX_SEGMENT_BYTES
            at_hand = min(_AT_HAND * share if left else share, MAX_SEGMENT_BYTES)
            left.append(self._segments(reading, share, at_hand))
        while left:
            self.pace.begin()
            batch: Batch = []
            for segments in tuple(left):
                try:
                    found = next(segments)
                except StopIteration:
                    left.remove(segments)
                else:
                    batch += [found] if found is not None else []
            if batch:
                yield batch

    def _segments(self, reading: Reading, share: int, at_hand: int) -> Iterator[_Found]:
        """None: it has nothing to tell of the time that the batch is about."""
        source = reading.source
        for number in range(source.next_to_process, source.next_number):
            yield source.pk, number
        for path in reading.files:
            if path is None:
                yield from self._read_input(source)
            else:
                yield from self._read(source, path, share, at_hand)

    def _read_input(self, source: LogSource) -> Iterator[_Found]:
        chunks = read_chunks(sys.stdin.buffer, CHUNK_BYTES, take_partial=True)
        cut = self.pace.cut_for(source, MAX_SEGMENT_BYTES)
        for raw in recut(chunks, MAX_SEGMENT_BYTES, cut):
            yield (source.pk, add_segment(source, raw).number) if raw else None

    def _read(self, source: LogSource, path: Path, share: int, at_hand: int) -> Iterator[_Found]:
        self.say(f"reading {path}")
        try:
            cut = self.pace.cut_for(source, share, path.stat().st_mtime)
            for segment in read_segments(source, path, at_hand, cut):
                yield (segment.source_id, segment.number) if segment is not None else None
        except DamagedFile as error:
            self.problems.append(str(error))
        except OSError as error:
            self.problems.append(f"{path}: {error.strerror}")
