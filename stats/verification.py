"""Compares rollups with the facts they were made of.

Under the locks of rolling up nothing but ingest changes anything, and ingest marks the hours whose
facts it changes. So what is compared is made of facts like a rollup, and a difference counts
unless its hour is marked by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from stats.days import Day
from stats.models import DayState
from stats.rollups.counting import count_mail
from stats.rollups.days import LISTED_SUMS, LISTS, SUMS
from stats.rollups.definition import Rollup, of_day, of_hour, select
from stats.rollups.hours import ROLLUPS
from stats.rollups.running import has_all_facts

_DIFFERENCES = """
WITH facts AS ({facts}),
     kept AS (SELECT {columns} FROM {table} WHERE {condition}),
     missing AS (SELECT * FROM facts EXCEPT SELECT * FROM kept),
     wrong AS (SELECT * FROM kept EXCEPT SELECT * FROM facts)
SELECT 'facts', * FROM missing UNION ALL SELECT 'rollup', * FROM wrong
"""
_FACT_HOURS = """
SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_message
UNION SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_rejection
"""
_MARKED = """
SELECT EXISTS (SELECT 1 FROM tracking_dirtyhour WHERE hour >= %(since)s AND hour < %(until)s)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of the two has: ``side`` is "facts" or "rollup"."""

    table: str
    side: str
    row: dict[str, Any]

    def __str__(self) -> str:
        row = dict(self.row)
        at = next(row.pop(time) for time in ("hour", "day", "month") if time in row)
        when = f"{at:%Y-%m-%dT%H:%MZ}" if isinstance(at, datetime) else at.isoformat()
        words = " ".join(f"{name}={value}" for name, value in row.items())
        return f"{when} {self.table} only in {self.side}: {words}"


def known_hours() -> list[datetime]:
    """Every hour that has facts or rollups, oldest first; reads all facts."""
    tables = " UNION ".join(f"SELECT hour FROM {rollup.table}" for rollup in ROLLUPS)
    return [row[0] for row in select(f"{_FACT_HOURS} UNION {tables} ORDER BY 1")]


def known_days() -> list[date]:
    """Every day that has rollups or a state, oldest first."""
    tables = {rollup.table for rollup in (*SUMS, *LISTED_SUMS, *LISTS)} | {DayState._meta.db_table}
    days = " UNION ".join(f"SELECT day FROM {table}" for table in sorted(tables))
    return [row[0] for row in select(f"{days} ORDER BY 1")]


def differences(hour: datetime) -> list[Difference]:
    """What is not alike in one hour; nothing for an hour that waits to be made anew."""
    return _compare(ROLLUPS, (), of_hour(hour))


def differences_of_day(day: Day) -> list[Difference]:
    """What is not alike in one day; lists only as long as there are all their facts."""
    return _compare((*SUMS, *LISTED_SUMS), LISTS, of_day(day))


def _compare(
    rollups: Iterable[Rollup], lists: Iterable[Rollup], values: dict[str, Any]
) -> list[Difference]:
    with transaction.atomic(), connection.cursor() as cursor:
        count_mail(cursor, values)
        if not lists or has_all_facts(cursor, values):
            rollups = (*rollups, *lists)
        found = [item for rollup in rollups for item in unlike(cursor, rollup, values)]
    is_marked: bool = select(_MARKED, values)[0][0]
    return [] if is_marked else found


def unlike(cursor: Any, rollup: Rollup, values: dict[str, Any]) -> Iterator[Difference]:
    """What is not alike in a rollup's time."""
    condition = f"{rollup.time} = %({rollup.time})s"
    return unlike_rows(cursor, rollup.table, rollup.columns, rollup.facts, condition, values)


def unlike_rows(
    cursor: Any,
    table: str,
    columns: Sequence[str],
    facts: str,
    condition: str,
    values: dict[str, Any],
) -> Iterator[Difference]:
    """Rows that only the query ``facts`` gives, or only the table has under the condition."""
    names = ", ".join(columns)
    query = _DIFFERENCES.format(facts=facts, columns=names, table=table, condition=condition)
    cursor.execute(query, values)
    for side, *row in cursor.fetchall():
        yield Difference(table, side, dict(zip(columns, row, strict=True)))
