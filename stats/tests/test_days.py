"""Days of the site's zone are runs of whole UTC hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings

from stats.days import Day

JAKARTA, BERLIN, KOLKATA = "Asia/Jakarta", "Europe/Berlin", "Asia/Kolkata"
NOVEMBER = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("zone", "day", "since", "hours"),
    [
        (JAKARTA, NOVEMBER, datetime(2026, 11, 19, 17, tzinfo=UTC), 24),
        (BERLIN, date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
        (BERLIN, date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
        (KOLKATA, NOVEMBER, datetime(2026, 11, 19, 19, tzinfo=UTC), 24),
    ],
)
def test_it_has_the_hours_of_the_zone(zone: str, day: date, since: datetime, hours: int) -> None:
    with override_settings(SITE_TIME_ZONE=zone):
        found = Day.of(day)
        assert found.since == since
        assert len(found.hours()) == hours
        assert found.hours()[0] == since
        assert found.hours()[-1] + timedelta(hours=1) == found.until
        assert found.after.since == found.until
        assert found.before.until == found.since


def test_it_finds_the_day_of_a_moment() -> None:
    moment = datetime(2026, 11, 19, 18, 45, tzinfo=UTC)
    with override_settings(SITE_TIME_ZONE=JAKARTA):
        assert Day.at(moment).on == NOVEMBER
    with override_settings(SITE_TIME_ZONE=KOLKATA):  # 00:15 there, and the day begins at 00:30
        assert Day.at(moment).on == date(2026, 11, 19)


def test_it_is_over_when_its_last_hour_is() -> None:
    with override_settings(SITE_TIME_ZONE=JAKARTA):
        day = Day.of(NOVEMBER)
        with time_machine.travel(datetime(2026, 11, 20, 3, 40, tzinfo=UTC), tick=False):
            assert not day.is_over
            assert day.complete_until == datetime(2026, 11, 20, 3, tzinfo=UTC)
            assert day.before.is_over
            assert day.after.complete_until == day.after.since
        with time_machine.travel(day.until, tick=False):
            assert day.is_over


def test_it_lists_the_days_up_to_it() -> None:
    days = Day.of(NOVEMBER).last(30)
    assert len(days) == 30
    assert days[-1].on == NOVEMBER
    assert days[0].on == date(2026, 10, 22)
