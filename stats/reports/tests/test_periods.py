"""Which days a report is of, and when it is due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from stats.reports.choices import Every
from stats.reports.periods import newest_period

JAKARTA = ZoneInfo("Asia/Jakarta")
EVENING = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # half past midnight of Tuesday in Jakarta


@pytest.mark.parametrize(
    ("every", "first", "last", "before"),
    [
        (Every.DAY, date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 22)),
        (Every.WEEK, date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 9)),
        (Every.MONTH, date(2026, 10, 1), date(2026, 10, 31), date(2026, 9, 1)),
    ],
)
def test_it_is_the_newest_that_is_over_by_the_readers_calendar(
    every: Every, first: date, last: date, before: date
) -> None:
    period = newest_period(every, EVENING, JAKARTA)
    assert (period.first, period.last, period.before.first) == (first, last, before)


def test_its_hours_are_the_readers_days() -> None:
    span = newest_period(Every.DAY, EVENING, JAKARTA).span
    assert (span.since, span.until) == (
        datetime(2026, 11, 22, 17, tzinfo=UTC),
        datetime(2026, 11, 23, 17, tzinfo=UTC),
    )
    assert newest_period(Every.DAY, EVENING, ZoneInfo("UTC")).first == date(2026, 11, 22)


def test_it_is_due_in_the_readers_morning() -> None:
    due = newest_period(Every.DAY, EVENING, JAKARTA).due_at(7)
    assert due == datetime(2026, 11, 24, 0, tzinfo=UTC)


def test_months_of_a_new_year() -> None:
    period = newest_period(Every.MONTH, datetime(2027, 1, 1, 3, tzinfo=UTC), JAKARTA)
    assert (period.first, period.last) == (date(2026, 12, 1), date(2026, 12, 31))
    assert period.before.last == date(2026, 11, 30)
