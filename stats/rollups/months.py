"""Sums of months: a range of a year reads a dozen rows of a key instead of hundreds.

Only of months that are long over: what still ends now and then would have them made again and
again. One whose days are summed anew has no state until it is made anew too, under the same lock,
and is read from its days meanwhile.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction

from stats.days import Day
from stats.models import MonthState
from stats.rollups.days import SUMS
from stats.rollups.definition import of_month, replace, select

# A queue lives for five days.
SETTLED = timedelta(days=7)
MONTHS = tuple(rollup.by_month() for rollup in SUMS)
_WANTED = """
SELECT DISTINCT date_trunc('month', day)::date AS month FROM stats_daystate WHERE day < %s
EXCEPT SELECT month FROM stats_monthstate ORDER BY month DESC
"""


def unmake_month_of(day: date) -> None:
    """In the transaction that sums the day anew."""
    MonthState.objects.filter(month=day.replace(day=1)).delete()


def sum_months() -> None:
    """Make those that are over and have none, under the lock of hours."""
    end = (Day.today().on - SETTLED).replace(day=1)
    for (month,) in select(_WANTED, [end]):
        with transaction.atomic(), connection.cursor() as cursor:
            for rollup in MONTHS:
                replace(cursor, rollup, of_month(month))
            MonthState.objects.create(month=month)
