"""Sums of networks over any range, and what is usual for them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.test import override_settings
from django.utils import timezone

from stats.models import DayState, NetworkDay, NetworkDue, NetworkUsual
from stats.networks.table import Asked, find_rows
from stats.retention import prune_figures
from stats.rollups import roll_up
from stats.rollups.networks import derive
from stats.spans import Span
from stats.tests.network_support import (
    DAY,
    LATER,
    NOW,
    context_of,
)
from stats.tests.test_verify_rollups import verify
from tracking.models import ClientNetwork
from tracking.tests import mail_log
from tracking.tests.support import ingest


def weeks_of_mail(counts: dict[str, int]) -> None:
    for day, count in counts.items():
        for number in range(count):
            queue_id = f"7A{day[5:7]}{day[8:10]}{number:04X}"
            ingest(mail_log.one_mail(queue_id, stamp=f"{day}T03:00:00.000000+00:00"), "weeks")
    roll_up()


@pytest.mark.usefixtures("customer")
@time_machine.travel(LATER, tick=False)
def test_it_compares_with_the_median_of_the_same_weekday() -> None:
    weeks_of_mail({"2026-10-23": 9, "2026-10-30": 1, "2026-11-06": 2, "2026-11-13": 4, DAY: 9,
                   "2026-11-19": 3})  # fmt: skip
    (line,) = context_of()["lines"]
    assert (line.usual, line.change) == (3, 200)
    (week,) = context_of("since=2026-11-14&until=2026-11-21")["lines"]
    assert week.messages.value == 12
    assert (week.senders, line.senders) == (0, 1)  # one sender on two of seven days
    assert week.usual == 3
    assert line.curve.values[-2:] == [3, 9]
    (thursday,) = context_of("day=2026-11-19")["lines"]
    assert (thursday.change, thursday.is_new) == (None, True)


@pytest.mark.usefixtures("customer")
def test_it_compares_no_day_that_goes_on() -> None:
    with time_machine.travel(NOW, tick=False):
        weeks_of_mail({"2026-11-13": 4, DAY: 1})
        (line,) = context_of()["lines"]
        assert (line.messages.value, line.change, line.is_new) == (1, None, False)


@pytest.mark.usefixtures("customer")
@time_machine.travel(LATER, tick=False)
def test_what_is_usual_follows_a_day_that_is_counted_late() -> None:
    weeks_of_mail({DAY: 2})
    weeks_of_mail({"2026-11-13": 4})
    (line,) = context_of()["lines"]
    assert (line.usual, line.change) == (4, -50)


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2027, 1, 5, 3, tzinfo=UTC), tick=False)
def test_a_year_of_months_is_the_sum_of_its_days() -> None:
    weeks_of_mail({"2026-09-30": 1, "2026-10-01": 2, "2026-10-31": 3, "2026-11-07": 2,
                   "2026-12-31": 5, "2027-01-03": 4})  # fmt: skip
    (line,) = context_of("since=2026-09-30&until=2027-01-04")["lines"]
    assert line.messages.value == 17
    assert line.usual == 3
    assert line.curve.is_by_month
    assert line.curve.values == [1, 5, 2, 5, 4]
    (exact,) = context_of("since=2026-10-01&until=2027-01-01")["lines"]
    assert exact.messages.value == 12


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2027, 1, 5, 3, tzinfo=UTC), tick=False)
def test_any_range_is_the_sum_of_its_days() -> None:
    """Days come in any order, and again with other figures."""
    networks = [item.pk for item in ClientNetwork.objects.all()] + [None]
    numbers = random.Random(3)  # noqa: S311 (a fixed seed)
    first = date(2026, 9, 20)
    days = [first + timedelta(days=n) for n in range(105) if n % 9 != 4]
    for day in [*numbers.sample(days, len(days)), *numbers.sample(days, 20)]:
        NetworkDay.objects.filter(day=day).delete()
        DayState.objects.get_or_create(day=day, defaults={"changed_at": timezone.now()})
        NetworkDay.objects.bulk_create(
            NetworkDay(
                day=day, network_id=pk, direction=1, deferred=0, bounced=0, spam=0, virus=0,
                senders=1, clients=1, bytes=0, recipients=1, messages=numbers.randrange(1, 50),
            )
            for pk in networks
        )  # fmt: skip
        NetworkDue.objects.create(day=day)
        derive()
    for _ in range(40):
        since, until = sorted(numbers.choices([*days, date(2026, 7, 1), date(2027, 1, 4)], k=2))
        found = find_rows(Asked(Span.of_days(since, until)))
        inside = NetworkDay.objects.filter(day__gte=since, day__lte=until)
        sums = dict(inside.values_list("network").annotate(Sum("messages")).order_by())
        assert found.rows[0].messages == sums.get(networks[0], 0)
        assert found.nobody.messages == sums.get(None, 0)
        usual = NetworkUsual.objects.filter(day__gte=since, day__lte=until)
        assert found.rows[0].usual == (usual.aggregate(all=Sum("usual"))["all"] or 0)


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2027, 1, 5, 3, tzinfo=UTC), tick=False)
def test_days_that_are_deleted_are_in_no_range() -> None:
    weeks_of_mail({"2026-09-30": 1, "2026-10-15": 2, "2026-11-10": 3, "2026-11-20": 4,
                   "2026-12-31": 5})  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_message, tracking_delivery, tracking_hop")
    with override_settings(FIGURES_OF_DAYS_DAYS=50):
        prune_figures(is_dry_run=False)
    for since, mails in (("2026-09-01", 9), ("2026-11-16", 9), ("2026-11-21", 5)):
        (line,) = context_of(f"since={since}&until=2027-01-04")["lines"]
        assert line.messages.value == mails
    (line,) = context_of("since=2026-09-01&until=2026-11-01")["lines"]
    assert line.messages.value == 0
    assert verify()[0] == 0
