"""Records for lines that say nothing about mail: bad headers, unknown and known shapes."""

from __future__ import annotations

from typing import NamedTuple


class InvalidHeader(NamedTuple):
    """A line whose syslog header could not be read; it is counted and kept in its segment."""

    text: str


class UnsupportedLine(NamedTuple):
    """A line with a good header whose text no parser knows."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    text: str


class NoticeLine(NamedTuple):
    """A known line that carries nothing for the tracking of mail (statistics, start, reload)."""

    at: int
    host: str
    service: str
    program: str
    pid: str


class RepeatedLine(NamedTuple):
    """The syslog daemon left out the line ``text``, which came so many times more."""

    at: int
    host: str
    service: str
    program: str
    pid: str
    times: int
    text: str
