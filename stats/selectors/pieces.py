"""Sums over a span and the period before it, of tables that exist by hour, day and month.

Whole months are read from the table of months, other whole days from that of days, and only the
rest from that of hours, so that a year takes hundreds of times fewer rows than it has hours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from stats.days import Day
from stats.models import MonthState
from stats.rollups import select
from stats.rollups.definition import next_month
from stats.spans import Span

# Of the period before, of the part of the span that is compared with it, of the rest.
BEFORE, COMPARED, REST = 0, 1, 2
_SHORTEST_MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Part:
    """Up to, not including, ``until``; both are times in the table of hours, else dates."""

    when: int
    unit: str
    since: date | datetime
    until: date | datetime


@dataclass(frozen=True, slots=True)
class Table:
    """The tables ``{stem}hour``, ``{stem}day`` and, unless it has none, ``{stem}month``.

    ``histograms``: columns that are arrays, and how many buckets they have.
    """

    stem: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    histograms: tuple[tuple[str, int], ...] = ()
    has_months: bool = True

    def query(self, parts: Sequence[Part], condition: str) -> str:
        """Rows of when, keys, sums and histograms."""
        keys = ", ".join(("moment", *self.keys))
        pieces = " UNION ALL ".join(
            self._piece(number, part, condition) for number, part in enumerate(parts)
        )
        sums = ", ".join(f"sum({name})::bigint" for name in self._columns)
        return f"SELECT {keys}, {sums} FROM ({pieces}) pieces GROUP BY {keys}"

    def _piece(self, number: int, part: Part, condition: str) -> str:
        keys = ", ".join(self.keys)
        group = f" GROUP BY {keys}" if keys else ""
        sums = [f"sum({name}) AS {name}" for name in self.sums]
        sums += [
            f"sum({name}[{bucket}]) AS {name}_{bucket}"
            for name, count in self.histograms
            for bucket in range(1, count + 1)
        ]
        listed = ", ".join((*self.keys, *sums))
        return (
            f"SELECT {part.when} AS moment, {listed} FROM {self.stem}{part.unit} "
            f"WHERE {part.unit} >= %(since{number})s AND {part.unit} < %(until{number})s "
            f"AND {condition}{group}"
        )

    @property
    def _columns(self) -> list[str]:
        buckets = (
            f"{name}_{bucket}" for name, count in self.histograms for bucket in range(1, count + 1)
        )
        return [*self.sums, *buckets]


def sums(
    table: Table, span: Span, condition: str = "TRUE", values: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """(when, keys…, sums…, buckets…) of the span and the period before it."""
    months = made_months(table, span.before.since, span.until)
    return _read(table, list(compared_parts(span, months)), condition, values)


def sums_of_span(
    table: Table, span: Span, condition: str = "TRUE", values: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """(keys…, sums…, buckets…) of the span alone."""
    months = made_months(table, span.since, span.until)
    parts = list(parts_of(REST, span.since, span.until, months))
    return [row[1:] for row in _read(table, parts, condition, values)]


def made_months(table: Table, since: datetime, until: datetime) -> Collection[date]:
    """The first days of whole months that the table of months has."""
    if not table.has_months or until - since < _SHORTEST_MONTH:
        return ()
    first, end = Day.at(since).on, Day.at(until).on
    rows = MonthState.objects.filter(month__gte=first, month__lte=end)
    return set(rows.values_list("month", flat=True))


def _read(
    table: Table, parts: list[Part], condition: str, values: dict[str, Any] | None
) -> list[tuple[Any, ...]]:
    bounds: dict[str, Any] = dict(values or {})
    for number, part in enumerate(parts):
        bounds[f"since{number}"], bounds[f"until{number}"] = part.since, part.until
    return [row for row in select(table.query(parts, condition), bounds) if row[-1] is not None]


def compared_parts(span: Span, months: Collection[date] = ()) -> Iterator[Part]:
    """Of a span that goes on, its complete hours are compared with as many of the one before."""
    before, cut = span.before, span.complete_until
    before_cut = span.since if span.is_over else before.since + (cut - span.since)
    yield from parts_of(BEFORE, before.since, before_cut, months)
    yield from parts_of(COMPARED, span.since, cut, months)
    yield from parts_of(REST, cut, span.until, months)


def parts_of(
    when: int, since: datetime, until: datetime, months: Collection[date] = ()
) -> Iterator[Part]:
    """The whole days between two times, as far as it can be by ``months``, and the hours before
    and after them."""
    if since >= until:
        return
    first = Day.at(since)
    if first.since < since:
        first = first.after
    end = Day.at(until)
    if end.on <= first.on:
        yield Part(when, "hour", since, until)
        return
    if since < first.since:
        yield Part(when, "hour", since, first.since)
    yield from _whole_days(when, first.on, end.on, months)
    if end.since < until:
        yield Part(when, "hour", end.since, until)


def _whole_days(when: int, first: date, end: date, months: Collection[date]) -> Iterator[Part]:
    """Runs of months that ``months`` has, and of days."""
    runs: list[Part] = []
    while first < end:
        after = next_month(first)
        unit = "month" if first in months and after <= end else "day"
        until = min(after, end)
        if runs and runs[-1].unit == unit:
            runs[-1] = replace(runs[-1], until=until)
        else:
            runs.append(Part(when, unit, first, until))
        first = until
    yield from runs
