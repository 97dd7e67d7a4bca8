"""Rows as text for PostgreSQL's COPY (text format), and the partitions they go to."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

DAY = 86_400_000_000  # microseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_known_partitions: set[str] = set()

PARTITIONED = (
    "tracking_message",
    "tracking_hop",
    "tracking_delivery",
    "tracking_filterverdict",
    "tracking_rejection",
)


def text(value: str) -> str:
    """A text field of COPY; NUL cannot be stored and becomes U+FFFD."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\t" in value or "\n" in value or "\r" in value or "\0" in value:
        value = (value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")).replace(
            "\0", "\ufffd"
        )
    return value


@lru_cache(maxsize=16_384)
def stamp(micros: int) -> str:
    """Microseconds since 1970 as timestamptz text; 0 is null."""
    if not micros:
        return "\\N"
    second, fraction = divmod(micros, 1_000_000)
    return f"{_second(second)}.{fraction:06d}+00"


@lru_cache(maxsize=16_384)
def _second(second: int) -> str:
    return f"{_EPOCH + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}"


def instant(micros: int) -> datetime:
    """Microseconds since 1970 as an aware datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def micros(moment: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def number(value: float | None) -> str:
    """A number field of COPY; None is null."""
    return "\\N" if value is None else str(value)


def reference(value: int | None) -> str:
    """An id field of COPY; None and 0 are null."""
    return str(value) if value else "\\N"


def boolean(value: bool | None) -> str:  # noqa: FBT001 (a field's value, not a switch)
    """A boolean field of COPY."""
    return "\\N" if value is None else "t" if value else "f"


def copy_rows(cursor: Any, table: str, columns: Sequence[str], lines: list[str]) -> None:
    """Write rows (COPY text lines without the line end) to a table."""
    if not lines:
        return
    lines.append("")
    body = io.StringIO("\n".join(lines))
    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", body)


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
        if suffix in _known_partitions:
            continue
        for table in PARTITIONED:
            _ensure_partition(cursor, table, f"{table}_{suffix}", begin)
        _known_partitions.add(suffix)


def forget_partitions() -> None:
    """Look again which partitions exist (after retention dropped some)."""
    _known_partitions.clear()


def _ensure_partition(cursor: Any, table: str, name: str, begin: datetime) -> None:
    cursor.execute("SELECT to_regclass(%s)", [name])
    if cursor.fetchone()[0] is not None:
        return
    options = " WITH (fillfactor = 94)" if table == "tracking_delivery" else ""
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL){options}")
    end = begin + timedelta(days=1)
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{begin:%Y-%m-%d} 00:00:00+00') TO ('{end:%Y-%m-%d} 00:00:00+00')"
    )
