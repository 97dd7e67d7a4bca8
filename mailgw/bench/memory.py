"""The peak memory of a process and all it starts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


class PeakMemory:
    """The sum of every process's own peak: never less than they had together.

    Pages that a fork shares count once for each process.
    """

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self.peaks: dict[int, int] = {}

    @property
    def total(self) -> int:
        return sum(self.peaks.values())

    def look(self) -> None:
        for pid in self._family():
            with contextlib.suppress(OSError):
                peak = high_water_mark((PROC / str(pid) / "status").read_text())
                self.peaks[pid] = max(peak, self.peaks.get(pid, 0))

    def _family(self) -> Iterator[int]:
        parents = dict(_parents())
        for pid in parents:
            ancestor = pid
            while ancestor in parents and ancestor != self.leader:
                ancestor = parents[ancestor]
            if ancestor == self.leader:
                yield pid


def high_water_mark(status: str) -> int:
    """Bytes of VmHWM in /proc/PID/status; 0 for a process that has ended."""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _parents() -> Iterator[tuple[int, int]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(fields[1])
