"""What a rollup is: a table, its columns, and the query that makes the rows of a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from stats.days import HOUR, Day
from tracking.choices import Direction, Disposition, MessageKind, QuarantineKind

# The copy was quarantined as such.
SPAM = f"disposition = {Disposition.QUARANTINED.value} AND quarantine_kind = " + str(
    QuarantineKind.SPAM.value
)
VIRUS = f"disposition = {Disposition.QUARANTINED.value} AND quarantine_kind = " + str(
    QuarantineKind.VIRUS.value
)
DEFERRED = f"disposition = {Disposition.DEFERRED.value}"
BOUNCED = f"disposition IN ({Disposition.BOUNCED.value}, {Disposition.EXPIRED.value})"
IS_MAIL = f"kind = {MessageKind.MAIL.value}"


@dataclass(frozen=True, slots=True)
class Rollup:
    """``facts`` selects the time, ``key`` and ``sums``, in that order, of counted_mail
    (stats.rollups.counting) and the parameters ``since`` and ``until``.

    ``histograms``: how many buckets each column that is an array has.
    """

    table: str
    key: tuple[str, ...]
    sums: tuple[str, ...]
    facts: str
    histograms: tuple[tuple[str, int], ...] = ()
    time: str = "hour"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.time, *self.key, *self.sums, *(name for name, _ in self.histograms))

    @property
    def column_list(self) -> str:
        return ", ".join(self.columns)

    def by_day(self) -> Rollup:
        """The table of days that holds the sums of this one's hours."""
        return self._added("day", "hour >= %(since)s AND hour < %(until)s")

    def by_month(self) -> Rollup:
        """The table of months that holds the sums of this one's days."""
        return self._added("month", "day >= %(month)s AND day < %(next)s")

    def _added(self, time: str, condition: str) -> Rollup:
        big = {"bytes", "delay_ms"}
        sums = [f"sum({name})::{'bigint' if name in big else 'integer'}" for name in self.sums]
        for name, buckets in self.histograms:
            parts = (f"sum({name}[{number}])" for number in range(1, buckets + 1))
            sums.append(f"ARRAY[{', '.join(parts)}]::integer[]")
        keys = ", ".join(self.key)
        facts = (
            f"SELECT %({time})s::date, {keys}, {', '.join(sums)} FROM {self.table} "
            f"WHERE {condition} GROUP BY {keys}"
        )
        table = self.table.removesuffix(self.time) + time
        return Rollup(table, self.key, self.sums, facts, self.histograms, time)


def histogram(column: str, buckets: int, condition: str) -> str:
    """Counts of ``column`` (the number of a bucket, from 0) as an array."""
    parts = (
        f"count(*) FILTER (WHERE {column} = {number} AND {condition})" for number in range(buckets)
    )
    return f"ARRAY[{', '.join(parts)}]::integer[]"


def of_hour(hour: datetime) -> dict[str, Any]:
    """The parameters of the queries of an hour."""
    return {"hour": hour, "since": hour, "until": hour + HOUR}


def of_day(day: Day) -> dict[str, Any]:
    """The parameters of the queries of a day."""
    return {"day": day.on, "since": day.since, "until": day.until}


def of_month(first: date) -> dict[str, Any]:
    """The parameters of the queries of a month, by its first day."""
    return {"month": first, "next": next_month(first)}


def next_month(day: date) -> date:
    """The first of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def replace(cursor: Any, rollup: Rollup, values: dict[str, Any]) -> None:
    """The rows of a time, made anew."""
    cursor.execute(f"DELETE FROM {rollup.table} WHERE {rollup.time} = %({rollup.time})s", values)
    insert = f"INSERT INTO {rollup.table} ({rollup.column_list})"
    cursor.execute(f"{insert} {rollup.facts}", values)


def select(sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


DIRECTIONS = {item.name.lower(): item.value for item in Direction}
