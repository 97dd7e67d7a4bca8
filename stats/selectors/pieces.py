"""Sums over a span and the period before it, of tables that exist by hour, day and month.

Whole months are read from the table of months, other whole days from that of days, and only the
rest from that of hours, so that a year takes hundreds of times fewer rows than it has hours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from stats.days import ONE_DAY, Day
from stats.models import DayState, MonthState
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

    ``histograms``: columns that are arrays, and how many buckets they have. ``state``: the column
    of DayState that says of which hours its days are.
    """

    stem: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    histograms: tuple[tuple[str, int], ...] = ()
    has_months: bool = True
    state: str = "summed"

    def query(self, parts: Sequence[Part], condition: str) -> str:
        """Rows of when, keys, sums and histograms."""
        keys = ", ".join(("moment", *self.keys))
        pieces = " UNION ALL ".join(
            self._piece(number, part, condition) for number, part in enumerate(parts)
        )
        sums = ", ".join(f"sum({name})::bigint AS {name}" for name in self._columns)
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


@dataclass(frozen=True, slots=True)
class Known:
    """What can be read: whole ``months`` by their first days; days that are ``behind`` can not."""

    months: Collection[date] = ()
    behind: Collection[date] = ()


Range = tuple[int, datetime, datetime]
NOTHING_KNOWN = Known()


def sums(
    table: Table, span: Span, condition: str = "TRUE", values: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """(when, keys…, sums…, buckets…) of the span and the period before it."""
    known = Known(made_months(table, span.before.since, span.until))
    return _read(table, list(compared_parts(span, known)), condition, values)


def sums_of_span(
    table: Table, span: Span, condition: str = "TRUE", values: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """(keys…, sums…, buckets…) of the span alone."""
    known = Known(made_months(table, span.since, span.until))
    parts = list(parts_of(REST, span.since, span.until, known))
    return [row[1:] for row in _read(table, parts, condition, values)]


def query_of_ranges(
    table: Table, ranges: Sequence[Range], condition: str
) -> tuple[str, dict[str, Any]]:
    """A query of (when, keys…, sums…, buckets…) and its bounds; each range with its ``when``.

    A day whose sums are not those of its hours yet is read from these.
    """
    since, until = min(item[1] for item in ranges), max(item[2] for item in ranges)
    known = Known(made_months(table, since, until), behind_days(table.state, since, until))
    parts = [part for item in ranges for part in parts_of(*item, known)]
    return table.query(parts, condition), _bounds(parts)


def made_months(table: Table, since: datetime, until: datetime) -> Collection[date]:
    """The first days of whole months that the table of months has."""
    if not table.has_months or until - since < _SHORTEST_MONTH:
        return ()
    first, end = Day.at(since).on, Day.at(until).on
    rows = MonthState.objects.filter(month__gte=first, month__lte=end)
    return set(rows.values_list("month", flat=True))


def behind_days(state: str, since: datetime, until: datetime) -> Collection[date]:
    """Days whose hours were made anew after their sums (``summed``) or lists (``listed``) were."""
    found = DayState.objects.filter(day__gte=Day.at(since).on, day__lte=Day.at(until).on)
    return set(found.exclude(**{state: F("changed_at")}).values_list("day", flat=True))


def _read(
    table: Table, parts: list[Part], condition: str, values: dict[str, Any] | None
) -> list[tuple[Any, ...]]:
    rows = select(table.query(parts, condition), {**(values or {}), **_bounds(parts)})
    return [row for row in rows if row[-1] is not None]


def _bounds(parts: list[Part]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, part in enumerate(parts):
        found[f"since{number}"], found[f"until{number}"] = part.since, part.until
    return found


def compared_parts(span: Span, known: Known = NOTHING_KNOWN) -> Iterator[Part]:
    """Of a span that goes on, its complete hours are compared with as many of the one before."""
    before, cut = span.before, span.complete_until
    before_cut = span.since if span.is_over else before.since + (cut - span.since)
    yield from parts_of(BEFORE, before.since, before_cut, known)
    yield from parts_of(COMPARED, span.since, cut, known)
    yield from parts_of(REST, cut, span.until, known)


def parts_of(
    when: int, since: datetime, until: datetime, known: Known = NOTHING_KNOWN
) -> Iterator[Part]:
    """The whole days between two times, months of them together, and the hours before and after
    them."""
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
    yield from _whole_days(when, first.on, end.on, known)
    if end.since < until:
        yield Part(when, "hour", end.since, until)


def _whole_days(when: int, first: date, end: date, known: Known) -> Iterator[Part]:
    """Runs of months, of days, and the hours of days that are behind."""
    runs: list[Part] = []
    for unit, since, until in _units(first, end, known):
        if runs and runs[-1].unit == unit:
            runs[-1] = replace(runs[-1], until=until)
        else:
            runs.append(Part(when, unit, since, until))
    yield from runs


def _units(
    first: date, end: date, known: Known
) -> Iterator[tuple[str, date | datetime, date | datetime]]:
    """Months, and days one by one."""
    while first < end:
        after = next_month(first)
        if first in known.months and after <= end:
            yield "month", first, after
            first = after
            continue
        if first in known.behind:
            day = Day.of(first)
            yield "hour", day.since, day.until
        else:
            yield "day", first, first + ONE_DAY
        first += ONE_DAY
