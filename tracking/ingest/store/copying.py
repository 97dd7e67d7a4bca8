"""Rows for PostgreSQL's COPY (binary format), and the partitions they go to.

A field is its length in bytes and its value, a null only the length -1. The server takes a field
of another type than its column's for an error, so each type has its function here. Binary saves
half of the work on either side, most of it with times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain, islice
from struct import Struct, pack
from typing import Any

DAY = 86_400_000_000  # microseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROM_1970_TO_2000 = 946_684_800_000_000

NULL = b"\xff\xff\xff\xff"
_TRUE, _FALSE = b"\0\0\0\1\1", b"\0\0\0\1\0"
_LENGTH = Struct("!i").pack
_INT = Struct("!ii").pack
_BIG = Struct("!iq").pack
_REAL = Struct("!if").pack
_INT4_TYPE = 23
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_CHUNK = 1 << 20
_ROWS = 256


class _Known(threading.local):
    """The days that have partitions, as far as this thread's own transactions have seen."""

    def __init__(self) -> None:
        self.days: set[str] = set()


_known = _Known()

PARTITIONED = (
    "tracking_message",
    "tracking_hop",
    "tracking_delivery",
    "tracking_filterverdict",
    "tracking_rejection",
)


def text(value: str) -> bytes:
    """A text field; NUL cannot be stored and becomes U+FFFD."""
    data = value.encode()
    if b"\0" in data:
        data = value.replace("\0", "\ufffd").encode()
    return _LENGTH(len(data)) + data


def json_text(value: str) -> bytes:
    """A jsonb field."""
    data = value.encode()
    return _LENGTH(len(data) + 1) + b"\1" + data


def moment(micros: int) -> int:
    """Microseconds since 1970 as the number that a timestamptz field holds (since 2000)."""
    return micros - _FROM_1970_TO_2000


def stamp(micros: int) -> bytes:
    """A timestamptz field; 0 is null."""
    return _BIG(8, micros - _FROM_1970_TO_2000) if micros else NULL


def reference(value: int | None) -> bytes:
    """An int4 field with an id; None and 0 are null."""
    return _INT(4, value) if value else NULL


def big_reference(value: int | None) -> bytes:
    """An int8 field with an id; None and 0 are null."""
    return _BIG(8, value) if value else NULL


def real(value: float | None) -> bytes:
    """A float4 field; None is null."""
    return NULL if value is None else _REAL(4, value)


def boolean(value: bool | None) -> bytes:  # noqa: FBT001 (a field's value, not a switch)
    """A boolean field; None is null."""
    return NULL if value is None else _TRUE if value else _FALSE


@lru_cache(maxsize=16_384)
def inet(address: str) -> bytes:
    """An inet field of a plain address; "" is null."""
    if not address:
        return NULL
    parsed = ip_address(address)
    family = 2 if parsed.version == 4 else 3  # as PostgreSQL numbers them
    packed = parsed.packed
    head = bytes((family, parsed.max_prefixlen, 0, len(packed)))
    return _LENGTH(4 + len(packed)) + head + packed


@lru_cache(maxsize=1024)
def integers(values: tuple[int, ...]) -> bytes:
    """An int4[] field."""
    if not values:
        return pack("!iiiI", 12, 0, 0, _INT4_TYPE)
    head = pack("!iiiIii", 20 + 8 * len(values), 1, 0, _INT4_TYPE, len(values), 1)
    return head + b"".join(_INT(4, value) for value in values)


def instant(micros: int) -> datetime:
    """Microseconds since 1970 as an aware datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[bytes]) -> None:
    """Write rows (the number of fields, then the fields) to a table, as they are made.

    The server is at work on the first ones while the next ones are made.
    """
    source = iter(rows)
    first = next(source, None)
    if first is None:
        return
    names = ", ".join(columns)
    body = _Stream(chain((_HEADER, first), source, (_TRAILER,)))
    cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", body, _CHUNK)


class _Stream:
    """What ``copy_expert`` reads from."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, size: int) -> bytes:
        del size  # a bound for files; what is given may be of any length
        return b"".join(islice(self._parts, _ROWS))


def take_ids(cursor: Any, count: int) -> int:
    """The first of so many new ids of facts."""
    cursor.execute("SELECT setval('tracking_fact_id', nextval('tracking_fact_id') + %s)", [count])
    first: int = cursor.fetchone()[0] - count
    return first


def mark_hours(cursor: Any, moments: Iterable[datetime]) -> None:
    """Note the hours of these moments: their figures are to be made anew."""
    cursor.execute(
        "INSERT INTO tracking_dirtyhour (hour) "
        "SELECT DISTINCT date_trunc('hour', at, 'UTC') FROM unnest(%s::timestamptz[]) at "
        "ORDER BY 1 ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()",
        [list(moments)],
    )


def scratch_table(cursor: Any, name: str, definition: str) -> None:
    """An empty temporary table of this connection; made once, emptied at each commit."""
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({definition}) ON COMMIT DELETE ROWS")
    cursor.execute(f"DELETE FROM {name}")


def ensure_partitions(cursor: Any, instants: Iterable[int]) -> None:
    """Make the day partitions that rows with these times need.

    A partition is made apart and attached, so that readers of the other days are not held up.
    """
    for day in sorted({at // DAY for at in instants}):
        begin = _EPOCH + timedelta(days=day)
        suffix = f"{begin:%Y%m%d}"
        if suffix in _known.days:
            continue
        for table in PARTITIONED:
            _ensure_partition(cursor, table, f"{table}_{suffix}", begin)
        _known.days.add(suffix)


def forget_partitions() -> None:
    """Look again which partitions exist (after retention dropped some)."""
    _known.days.clear()


def _ensure_partition(cursor: Any, table: str, name: str, begin: datetime) -> None:
    cursor.execute("SELECT to_regclass(%s)", [name])
    if cursor.fetchone()[0] is not None:
        return
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
    end = begin + timedelta(days=1)
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{begin:%Y-%m-%d} 00:00:00+00') TO ('{end:%Y-%m-%d} 00:00:00+00')"
    )
