"""A relay host: its log, its processes and its queue ids.

Postfix's habits that a reader of logs meets: a process serves one client at a time, ends after
100 of them or 100 idle seconds; a short queue id is the microseconds of its birth (5 hex digits)
and an inode that is used again, so ids come back; a long one (``enable_long_queue_ids``) is
seconds and microseconds in base 52, ``z``, and the inode in base 51.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass

from tracking.simulator.clock import SECOND
from tracking.simulator.writer import HostLog

_MAX_USE = 100
_MAX_IDLE = 100 * SECOND
_REUSE_CHANCE = 1 / 1500
_SAFE_DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"


@dataclass(slots=True)
class Process:
    """A daemon process that may be leased for one session."""

    pid: int
    uses: int = 0


class Host:
    """One relay; ``name`` is what its log says, ``fqdn`` what it calls itself in SMTP."""

    def __init__(
        self, name: str, role: str, address: str, log: HostLog, rng: random.Random
    ) -> None:
        self.name = name
        self.role = role
        self.fqdn = f"{name}.isp.example"
        self.address = address
        self.has_long_ids = role == "pre"
        self._log = log
        self._rng = rng
        self._idle: dict[str, list[tuple[int, int, Process]]] = {}
        self._next_pid = rng.randrange(700, 1400)
        self._next_inode = rng.randrange(0x80000, 0x2FFFFF)
        self._leaving: list[tuple[int, int]] = []
        self._free: list[int] = []
        self._last_microsecond: dict[int, int] = {}
        self._inode_of: dict[str, int] = {}
        self.qmgr = self.new_pid()

    @property
    def label(self) -> str:
        """How other hosts' logs name this one: ``smtp-pre.isp.example[203.0.113.12]``."""
        return f"{self.fqdn}[{self.address}]"

    def log(self, at: int, tag: str, pid: int, text: str) -> None:
        """One line of this host's log."""
        self._log.add(at, f"{tag}[{pid}]: {text}")

    def qmgr_log(self, at: int, text: str) -> None:
        """One line of the queue manager, which keeps its pid."""
        self._log.add(at, f"postfix/qmgr[{self.qmgr}]: {text}")

    def new_pid(self) -> int:
        """The next process number, with the gaps that other programs leave."""
        self._next_pid = (self._next_pid + self._rng.randrange(1, 9)) % 4_194_304 or 300
        return self._next_pid

    def lease(self, tag: str, at: int) -> Process:
        """A process of a daemon that is idle at a moment, else a new one."""
        idle = self._idle.setdefault(tag, [])
        while idle and idle[0][0] <= at:
            free_at, _, process = heapq.heappop(idle)
            if at - free_at < _MAX_IDLE and process.uses < _MAX_USE:
                return process
        return Process(self.new_pid())

    def release(self, tag: str, process: Process, at: int) -> None:
        """The session is over at a moment; the process may serve again."""
        process.uses += 1
        heapq.heappush(self._idle[tag], (at, process.pid, process))

    def once(self, at: int, tag: str, text: str, seconds: float = 0.02) -> None:
        """One line of a process that is leased only for it (cleanup, bounce, dnsblog)."""
        process = self.lease(tag, at)
        self._log.add(at, f"{tag}[{process.pid}]: {text}")
        self.release(tag, process, at + int(seconds * SECOND))

    def open_queue_file(self, at: int) -> tuple[int, str]:
        """A new queue id, and the moment it is born (at or just after the given one)."""
        inode = self._take_inode(at)
        if self._rng.random() < _REUSE_CHANCE and inode in self._last_microsecond:
            at += (self._last_microsecond[inode] - at) % SECOND
        self._last_microsecond[inode] = at % SECOND
        queue_id = self._long_id(at, inode) if self.has_long_ids else f"{at % SECOND:05X}{inode:X}"
        if queue_id in self._inode_of:
            return self.open_queue_file(at + 1)
        self._inode_of[queue_id] = inode
        return at, queue_id

    def close_queue_file(self, queue_id: str, at: int) -> None:
        """The queue file is removed at a moment, and its inode may be used again."""
        heapq.heappush(self._leaving, (at, self._inode_of.pop(queue_id)))

    def _take_inode(self, at: int) -> int:
        while self._leaving and self._leaving[0][0] < at:
            heapq.heappush(self._free, heapq.heappop(self._leaving)[1])
        if self._free:
            return heapq.heappop(self._free)
        self._next_inode += self._rng.randrange(1, 4)
        return self._next_inode

    @staticmethod
    def _long_id(at: int, inode: int) -> str:
        seconds = _base(at // SECOND, 52)
        return f"{seconds:0>6}{_base(at % SECOND, 52):0>4}z{_base(inode, 51)}"


def _base(number: int, base: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, base)
        digits = _SAFE_DIGITS[rest] + digits
    return digits or "0"
