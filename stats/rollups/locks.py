"""Who may roll up: one run of hours, one of lists, and one of re-attribution at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

from stats.rollups.definition import select

SPACE = 0x726F6C6C  # of our advisory locks


class Lock(IntEnum):
    HOURS = 0
    LISTS = 1
    ATTRIBUTION = 2


@contextmanager
def hold(lock: Lock, *, is_patient: bool) -> Iterator[bool]:
    """The right to do it; False when another run has it and it is not waited for."""
    call = "pg_advisory_lock" if is_patient else "pg_try_advisory_lock"
    is_held = select(f"SELECT {call}(%s, %s)", [SPACE, lock.value])[0][0] is not False
    try:
        yield is_held
    finally:
        if is_held and connection.connection is not None and not connection.connection.closed:
            select("SELECT pg_advisory_unlock(%s, %s)", [SPACE, lock.value])
