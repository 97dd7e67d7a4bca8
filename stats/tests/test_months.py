"""Sums of months are those of their days, whatever happens to these."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.test import override_settings

from stats.models import MonthState, RelayDay, RelayMonth
from stats.rollups import roll_up
from stats.selectors import mail_of
from stats.selectors.pieces import REST, Known, Part, parts_of
from stats.spans import Span
from stats.tasks import prune
from stats.tests.test_verify_rollups import verify
from tracking.tests import mail_log
from tracking.tests.support import ingest

pytestmark = [
    pytest.mark.usefixtures("customer"),
    pytest.mark.django_db,
]
NOW = datetime(2026, 12, 5, 3, tzinfo=UTC)
YEAR = Span.of_days(date(2026, 1, 1), date(2026, 12, 31))
DAYS = ("2026-09-30", "2026-10-01", "2026-10-31", "2026-11-05", "2026-11-30", "2026-12-02")


def mail_on(*days: str) -> None:
    for day in days:
        stamp = f"{day}T03:00:00.000000+00:00"
        ingest(mail_log.one_mail(f"5A{day[5:7]}{day[8:10]}01", stamp=stamp), f"log of {day}")
    roll_up()


def recipients(span: Span = YEAR) -> int:
    return mail_of(span).equal(relay_id=None).sums("recipients").value


def months() -> list[str]:
    return [f"{state}" for state in MonthState.objects.order_by("month")]


def test_it_takes_months_where_they_are_made_and_days_elsewhere() -> None:
    span = Span.of_days(date(2026, 8, 15), date(2026, 12, 3))
    made = Known({date(2026, month, 1) for month in (8, 9, 10, 12)})
    assert list(parts_of(REST, span.since, span.until, made)) == [
        Part(REST, "day", date(2026, 8, 15), date(2026, 9, 1)),
        Part(REST, "month", date(2026, 9, 1), date(2026, 11, 1)),
        Part(REST, "day", date(2026, 11, 1), date(2026, 12, 4)),
    ]


@time_machine.travel(NOW, tick=False)
def test_a_month_is_made_when_it_is_long_over() -> None:
    mail_on(*DAYS)
    assert months() == ["2026-09", "2026-10"]
    with time_machine.travel(datetime(2026, 12, 9, 3, tzinfo=UTC), tick=False):
        roll_up()
    assert months() == ["2026-09", "2026-10", "2026-11"]


@time_machine.travel(NOW, tick=False)
def test_a_range_is_read_from_its_months() -> None:
    mail_on(*DAYS)
    assert recipients() == len(DAYS)
    RelayDay.objects.filter(day__lt=date(2026, 11, 1)).delete()
    assert recipients() == len(DAYS)
    assert recipients(Span.of_days(date(2026, 10, 1), date(2026, 11, 30))) == 4


@time_machine.travel(NOW, tick=False)
def test_a_month_follows_mail_that_is_counted_late() -> None:
    mail_on(*DAYS)
    mail_on("2026-10-15")
    assert months() == ["2026-09", "2026-10"]
    whole = RelayMonth.objects.filter(month=date(2026, 10, 1), relay=None)
    assert whole.aggregate(Sum("recipients"))["recipients__sum"] == 3
    assert recipients() == len(DAYS) + 1
    assert verify()[0] == 0


@time_machine.travel(NOW, tick=False)
def test_a_month_that_loses_days_is_the_sum_of_the_others() -> None:
    mail_on(*DAYS)
    with time_machine.travel(datetime(2026, 12, 20, 3, tzinfo=UTC), tick=False):
        _lose_facts()
        with override_settings(FIGURES_OF_DAYS_DAYS=30):
            prune()
        assert months() == []
        assert recipients() == 2
        roll_up()
        assert (months(), recipients()) == (["2026-11"], 2)
        assert verify()[0] == 0


def _lose_facts() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE tracking_message, tracking_delivery, tracking_hop, tracking_rejection"
        )
