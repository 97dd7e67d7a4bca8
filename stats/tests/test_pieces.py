"""Sums of days and hours together are those of the hours alone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
import time_machine

from stats.days import HOUR, Day
from stats.models import RelayDay, RelayHour
from stats.rollups import roll_up
from stats.selectors import mail_of
from stats.selectors.pieces import REST, Part, compared_parts, parts_of
from stats.spans import Span
from tracking.tests import mail_log
from tracking.tests.support import ingest

# Midnights of Jakarta.
NOON = datetime(2026, 11, 18, 5, tzinfo=UTC)
MIDNIGHTS = [datetime(2026, 11, day, 17, tzinfo=UTC) for day in range(17, 21)]


def test_it_takes_whole_days_from_days_and_the_rest_from_hours() -> None:
    parts = list(parts_of(REST, NOON, MIDNIGHTS[3] + HOUR))
    assert parts == [
        Part(REST, "hour", NOON, MIDNIGHTS[1]),
        Part(REST, "day", date(2026, 11, 19), date(2026, 11, 21)),
        Part(REST, "hour", MIDNIGHTS[3], MIDNIGHTS[3] + HOUR),
    ]


@pytest.mark.parametrize("hours", [0, 1, 12])
def test_it_takes_hours_when_there_is_no_whole_day(hours: int) -> None:
    parts = list(parts_of(REST, NOON, NOON + hours * HOUR))
    assert parts == ([Part(REST, "hour", NOON, NOON + hours * HOUR)] if hours else [])


@time_machine.travel(MIDNIGHTS[1] + 3 * HOUR, tick=False)
def test_it_compares_a_range_that_goes_on_with_as_many_hours() -> None:
    span = Span.of_days(date(2026, 11, 18), date(2026, 11, 19))
    hours = Counter[int]()
    for part in compared_parts(span):
        since, until = (
            Day.of(end).since if not isinstance(end, datetime) else end
            for end in (part.since, part.until)
        )
        hours[part.when] += (until - since) // HOUR
    assert hours == {0: 27, 1: 27, 2: 21}


@pytest.mark.usefixtures("customer")
def test_its_sums_are_those_of_the_hours() -> None:
    """Also where the table of hours, or that of days, has none of them."""
    for number in range(20):
        day, hour = 17 + number % 4, number
        stamp = f"2026-11-{day}T{hour:02}:30:00.000000+00:00"
        ingest(mail_log.one_mail(f"5A000000{number:02}", stamp=stamp))
    roll_up()
    span = Span(NOON, MIDNIGHTS[3] + HOUR)
    rows = RelayHour.objects.filter(relay=None, hour__gte=span.since, hour__lt=span.until)
    wanted = sum(rows.values_list("recipients", flat=True))
    assert mail_of(span).equal(relay_id=None).sums("recipients").value == wanted > 5
    RelayHour.objects.filter(hour__gte=MIDNIGHTS[1], hour__lt=MIDNIGHTS[3]).delete()
    assert mail_of(span).equal(relay_id=None).sums("recipients").value == wanted
    RelayDay.objects.exclude(day__in=[date(2026, 11, 19), date(2026, 11, 20)]).delete()
    assert mail_of(span).equal(relay_id=None).sums("recipients").value == wanted
