"""Compares what is made of the figures of days with these: sums of months, those of networks.

For the locks of rolling up, after it: then nothing is due any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from stats.models import DayState, MonthState, NetworkRun, NetworkTotal
from stats.rollups.definition import next_month, of_month, select
from stats.rollups.months import MONTHS
from stats.rollups.networks import TABLES, WEEKS
from stats.verification import Difference, unlike, unlike_rows

_MONTHS = " UNION ".join(
    f"SELECT date_trunc('month', day)::date FROM {table}"
    for table in ("stats_daystate", *(name for name, _columns, _query in TABLES))
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The first day that was not deleted; ``is_cut``: there were days before it."""

    first: date
    is_cut: bool


def summed_months() -> list[date]:
    """The months that have sums, oldest first."""
    return list(MonthState.objects.order_by("month").values_list("month", flat=True))


def differences_of_month(month: date) -> list[Difference]:
    """What is not the sum of the month's days."""
    values = of_month(month)
    with connection.cursor() as cursor:
        return [item for rollup in MONTHS for item in unlike(cursor, rollup, values)]


def differences_of_networks() -> Iterator[Difference]:
    """What is not as NetworkDay has it. Sums that began with days that are deleted by now can't
    be compared, nor what is usual after such."""
    kept = _kept()
    if kept is None:
        return
    for (month,) in select(f"SELECT * FROM ({_MONTHS}) months ORDER BY 1"):
        yield from _of_networks(month, kept)


def _kept() -> _Kept | None:
    first = DayState.objects.order_by("day").values_list("day", flat=True).first()
    if first is None:
        return None
    is_cut = (
        NetworkRun.objects.filter(day__lt=first).exists()
        or NetworkTotal.objects.filter(day__lt=first.replace(day=1)).exists()
    )
    return _Kept(first, is_cut)


def _of_networks(month: date, kept: _Kept) -> Iterator[Difference]:
    if kept.is_cut and month < kept.first:
        return
    end = next_month(month)
    days = DayState.objects.filter(day__gte=month, day__lt=end).order_by("day")
    usual_from = kept.first + timedelta(weeks=WEEKS) if kept.is_cut else month
    values = {
        "first": month,
        "next": end,
        "since": month,
        "last": None,
        "usual_from": usual_from,
        "days": [day for day in days.values_list("day", flat=True) if day >= usual_from],
    }
    with connection.cursor() as cursor:
        for table, columns, query in TABLES:
            since = "greatest(%(first)s, %(usual_from)s)" if "usual" in table else "%(first)s"
            condition = f"day >= {since} AND day < %(next)s"
            yield from unlike_rows(cursor, table, columns, query, condition, values)
