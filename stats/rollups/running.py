"""Runs of rolling up: hours and the sums of their days; and the lists of days."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from stats.days import Day
from stats.models import DayState
from stats.rollups.counting import count_mail
from stats.rollups.days import LISTED_SUMS, LISTS, SUMS
from stats.rollups.definition import of_day, of_hour, replace
from stats.rollups.hours import ROLLUPS
from stats.rollups.locks import Lock, hold
from stats.rollups.marks import mark_changed, mark_day, marked_hours
from stats.rollups.months import sum_months, unmake_month_of
from stats.rollups.networks import derive, mark_due

Progress = Callable[[int, int], None]

# Lists of a day that goes on are made anew this often, and take up this share of time at most.
LIST_EVERY = timedelta(minutes=5)
LIST_AGAIN_EVERY = timedelta(minutes=30)
_LIST_SHARE = 20


def roll_up(*, is_patient: bool = False, progress: Progress | None = None) -> int | None:
    """Make all that is behind, now; returns how many hours, None when another run does it.

    A patient one waits for other runs.
    """
    hours = roll_up_hours(is_patient=is_patient, progress=progress)
    list_days(is_patient=is_patient, is_all=True)
    return hours


def roll_up_hours(
    *,
    limit: int | None = None,
    seconds: float | None = None,
    is_patient: bool = False,
    progress: Progress | None = None,
) -> int | None:
    """Recompute the hours that are marked now, the newest first, and the sums of their days.

    Returns how many hours; None when another run has the lock and is not waited for. No hour is
    begun after ``seconds``: the next run has the newest first again.
    """
    with hold(Lock.HOURS, is_patient=is_patient) as is_held:
        if not is_held:
            return None
        mark_changed()
        begun, done, hours = time.monotonic(), 0, marked_hours(limit)
        for hour in hours:
            if seconds is not None and time.monotonic() - begun > seconds:
                break
            recompute(hour)
            done += 1
            if progress is not None:
                progress(done, len(hours))
        for day in DayState.objects.exclude(summed=F("changed_at")).order_by("-day"):
            _sum_day(day.day)
        sum_months()
        return done


def recompute(hour: datetime) -> None:
    """Make the rows of one hour anew, in one transaction.

    Its mark goes unless ingest renewed it meanwhile: then facts may have come that this
    transaction did not see, and the hour stays to be done again.
    """
    values = of_hour(hour)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT marked_at FROM tracking_dirtyhour WHERE hour = %(hour)s", values)
        mark = cursor.fetchone()
        count_mail(cursor, values)
        for rollup in ROLLUPS:
            replace(cursor, rollup, values)
        mark_day(cursor, Day.at(hour).on)
        if mark is not None:
            cursor.execute(
                "DELETE FROM tracking_dirtyhour WHERE hour = %s AND marked_at = %s", [hour, mark[0]]
            )


def _sum_day(day: date) -> None:
    """The sums of a day's hours. A change meanwhile leaves it to be done again."""
    with transaction.atomic(), connection.cursor() as cursor:
        changed_at = DayState.objects.values_list("changed_at", flat=True).get(pk=day)
        for rollup in SUMS:
            replace(cursor, rollup, of_day(Day.of(day)))
        unmake_month_of(day)
        DayState.objects.filter(pk=day).update(summed=changed_at)


def list_days(*, is_patient: bool = False, is_all: bool = False) -> int | None:
    """Make the lists that are due, of the newest day first, or of all days that changed.

    Returns how many days; None when another run has the lock and is not waited for.
    """
    with hold(Lock.LISTS, is_patient=is_patient) as is_held:
        if not is_held:
            return None
        changed = DayState.objects.exclude(listed=F("changed_at"))
        days = [state.day for state in changed.order_by("-day") if is_all or _is_due(state)]
        for day in days:
            list_day(day)
        derive()
        return len(days)


def _is_due(state: DayState) -> bool:
    """Often while the day goes on, once when it is over, and now and then for late endings."""
    if state.listed_at is None:
        return True
    now, end = timezone.now(), Day.of(state.day).until
    if state.listed_at < end <= now:
        return True
    pause = LIST_EVERY if now < end else LIST_AGAIN_EVERY
    return now >= state.listed_at + max(pause, timedelta(seconds=_LIST_SHARE * state.list_seconds))


def list_day(day: date) -> None:
    """Make the lists of a day anew. A change meanwhile leaves it to be done again.

    Lists outlive the facts: when there are fewer than the hours tell of, they stay as they are.
    """
    begun, values = time.monotonic(), of_day(Day.of(day))
    with transaction.atomic(), connection.cursor() as cursor:
        changed_at = DayState.objects.values_list("changed_at", flat=True).get(pk=day)
        for rollup in LISTED_SUMS:
            replace(cursor, rollup, values)
        count_mail(cursor, values)
        if has_all_facts(cursor, values):
            for rollup in LISTS:
                replace(cursor, rollup, values)
            mark_due(cursor, day)
        DayState.objects.filter(pk=day).update(
            listed=changed_at, listed_at=timezone.now(), list_seconds=time.monotonic() - begun
        )


def has_all_facts(cursor: Any, values: dict[str, Any]) -> bool:
    """Whether what count_mail found of a day is no less than its hours tell of."""
    cursor.execute(
        "SELECT (SELECT count(*) FROM counted_mail) >= (SELECT coalesce(sum(recipients), 0) "
        "FROM stats_relayhour WHERE relay_id IS NULL AND hour >= %(since)s AND hour < %(until)s)",
        values,
    )
    return bool(cursor.fetchone()[0])
