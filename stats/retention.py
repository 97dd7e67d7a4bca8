"""How long figures are kept: those of hours and those of days, for ever unless it is configured.

Figures are kept at least as long as the facts they are made of: what is gone could not be told
from what never was when an hour is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from stats.days import ONE_DAY, Day
from stats.models import DayState, MonthState, NetworkRun, NetworkTotal, NetworkUsual
from stats.rollups.days import LISTED_SUMS, LISTS, SUMS
from stats.rollups.hours import ROLLUPS
from stats.rollups.marks import oldest_fact_hour
from stats.rollups.months import MONTHS

_DAY_STATES, _MONTH_STATES, _USUAL, _RUNS, _TOTALS = (
    model._meta.db_table for model in (DayState, MonthState, NetworkUsual, NetworkRun, NetworkTotal)
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows of a table from before a time."""

    table: str
    before: str
    rows: int


def prune_figures(*, is_dry_run: bool) -> list[Pruned]:
    """Delete figures past FIGURES_OF_HOURS_DAYS and FIGURES_OF_DAYS_DAYS; 0 keeps for ever."""
    found = []
    for table, column, before in _rules():
        rows = _count(table, column, before) if is_dry_run else _delete(table, column, before)
        found.append(Pruned(table, before.isoformat(), rows))
    return found


def _rules() -> Iterator[tuple[str, str, date | datetime]]:
    """(table, its column of time, what is older goes)."""
    if settings.FIGURES_OF_HOURS_DAYS:
        begin = _kept_since(settings.FIGURES_OF_HOURS_DAYS).since
        yield from ((rollup.table, "hour", begin) for rollup in ROLLUPS)
    if settings.FIGURES_OF_DAYS_DAYS:
        first = _kept_since(settings.FIGURES_OF_DAYS_DAYS).on
        month = first.replace(day=1)
        tables = [*(rollup.table for rollup in (*SUMS, *LISTED_SUMS, *LISTS)), _DAY_STATES, _USUAL]
        yield from ((table, "day", first) for table in tables)
        # A month that loses days is summed anew.
        yield from ((rollup.table, "month", month) for rollup in MONTHS)
        yield _MONTH_STATES, "month", first
        # What was added up until then goes off all later sums.
        yield _RUNS, "day", month
        yield _TOTALS, "day", (month - ONE_DAY).replace(day=1)


def _kept_since(days: int) -> Day:
    """The first day that is kept: so many before today, or the first that has facts."""
    wanted = Day.at(timezone.now() - timedelta(days=days))
    oldest = oldest_fact_hour()
    return wanted if oldest is None or wanted.since <= oldest else Day.at(oldest)


def _count(table: str, column: str, before: date | datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} < %s", [before])
        return int(cursor.fetchone()[0])


def _delete(table: str, column: str, before: date | datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {column} < %s", [before])
        return int(cursor.rowcount)
