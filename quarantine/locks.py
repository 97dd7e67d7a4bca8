"""One lock for each held mail that somebody acts on: who holds it is alive.

A session lock of PostgreSQL: it ends with the process that holds it, so a row that is under way
while nobody holds its lock is what a dead process left behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_LOCK = 0x51_52_45_4C  # "QREL"
_INT4 = 2**31


@contextmanager
def acting_on(held_id: int) -> Iterator[bool]:
    """Whether we are the one; never waits."""
    key = [_LOCK, held_id % _INT4]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
