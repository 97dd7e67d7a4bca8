"""Helpers of the parser tests: one line in, one record out."""

from __future__ import annotations

from datetime import UTC, datetime

from tracking.ingest.header import Origin
from tracking.ingest.parser import LineParser
from tracking.ingest.records import Record

REFERENCE = datetime(2026, 11, 24, 13, tzinfo=UTC).timestamp()
STAMP = "2026-11-24T11:15:56.376339+00:00"
AT = 1_795_518_956_376_339


def read_line(line: str) -> Record:
    """The record of a whole line, in UTC."""
    return LineParser(UTC, REFERENCE).parse(line)


def read(tag: str, text: str) -> Record:
    """The record of ``text`` logged by ``tag``, pid 77, on mx1."""
    return read_line(f"{STAMP} mx1 {tag}[77]: {text}")


def origin(program: str, service: str = "") -> Origin:
    """The first five fields of what ``read`` returns."""
    return AT, "mx1", service, program, "77"
