"""Figures of days: sums of their hours, and lists, whenever and in whatever zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import F, Sum
from django.test import override_settings

from stats.days import Day
from stats.models import (
    DayState,
    DomainDay,
    NetworkDay,
    ProviderDay,
    ReasonDay,
    RelayDay,
    RelayHour,
    Subject,
    TopDay,
)
from stats.rollups import marked_hours, recompute, roll_up
from stats.rollups.running import LIST_AGAIN_EVERY, LIST_EVERY, roll_up_hours
from stats.tasks import list_days
from stats.tests.test_rollups import LATE, ONE
from stats.verification import differences_of_day, known_days
from tracking.choices import Direction, Disposition
from tracking.models import Customer, Provider
from tracking.tests import mail_log
from tracking.tests.support import ingest

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)  # of the site, in Jakarta
MINUTE = timedelta(minutes=1)


def unlike() -> list[str]:
    return [str(item) for day in known_days() for item in differences_of_day(Day.of(day))]


def is_listed() -> bool:
    return DayState.objects.filter(pk=DAY, listed=F("changed_at")).exists()


@pytest.mark.usefixtures("simulated")
def test_days_are_like_their_facts() -> None:
    roll_up()
    assert known_days() == [DAY]
    assert unlike() == []
    hours = RelayHour.objects.aggregate(Sum("recipients"), Sum("bytes"), Sum("delay_ms"))
    assert RelayDay.objects.aggregate(Sum("recipients"), Sum("bytes"), Sum("delay_ms")) == hours


@pytest.mark.django_db
def test_a_late_ending_corrects_the_day_of_the_mail() -> None:
    ingest(ONE)
    roll_up()
    assert _endings(RelayDay, relay=None) == {"deferred": 1}
    ingest(LATE)
    roll_up()
    for found in (RelayDay.objects.filter(relay=None), ProviderDay, DomainDay, ReasonDay):
        assert _endings(found) == {"delivered": 1}
    assert not NetworkDay.objects.exclude(deferred=0).exists()
    assert unlike() == []


def _endings(found: Any, **selection: Any) -> dict[str, int]:
    rows = getattr(found, "_default_manager", found).filter(**selection)
    return {
        Disposition(row.disposition).name.lower(): row.recipients for row in rows if row.recipients
    }


@pytest.mark.usefixtures("mail")
def test_an_hour_made_anew_leaves_its_day_to_be_made_anew() -> None:
    before = DayState.objects.get(pk=DAY)
    assert before.changed_at == before.summed == before.listed
    recompute(datetime(2026, 11, 20, 3, tzinfo=UTC))
    after = DayState.objects.get(pk=DAY)
    assert after.changed_at > before.changed_at
    assert after.summed == after.listed == before.changed_at
    assert roll_up_hours() == 0
    after.refresh_from_db()
    assert after.summed == after.changed_at
    assert not is_listed()


@pytest.mark.django_db
def test_lists_are_made_now_and_then_while_the_day_goes_on() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ingest(mail_log.SENT)
        roll_up_hours()
        assert list_days() == 1
        ingest(mail_log.DEFERRED)
        roll_up_hours()
        assert list_days() == 0
        clock.shift(LIST_EVERY - MINUTE)
        assert list_days() == 0
        clock.shift(MINUTE)
        assert list_days() == 1
        assert is_listed()
        clock.shift(LIST_EVERY)
        assert list_days() == 0


@pytest.mark.django_db
def test_lists_are_made_when_the_day_is_over_and_seldom_after() -> None:
    end = Day.of(DAY).until
    with time_machine.travel(end - MINUTE, tick=False) as clock:
        ingest(mail_log.SENT)
        roll_up_hours()
        assert list_days() == 1
        ingest(mail_log.DEFERRED)
        roll_up_hours()
        assert list_days() == 0
        clock.move_to(end)
        assert list_days() == 1
        ingest(mail_log.BOUNCED)
        roll_up_hours()
        clock.shift(LIST_AGAIN_EVERY - MINUTE)
        assert list_days() == 0
        clock.shift(MINUTE)
        assert list_days() == 1
        assert is_listed()


@pytest.mark.django_db
def test_lists_that_take_long_are_made_less_often() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ingest(mail_log.SENT)
        roll_up()
        DayState.objects.update(list_seconds=60)
        ingest(mail_log.DEFERRED)
        roll_up_hours()
        clock.shift(LIST_EVERY)
        assert list_days() == 0
        clock.shift(20 * MINUTE)
        assert list_days() == 1


@pytest.mark.parametrize(
    ("zone", "stamp", "day"),
    [
        ("Asia/Jakarta", "2026-11-20T16:59:00+00:00", date(2026, 11, 20)),
        ("Asia/Jakarta", "2026-11-20T17:00:00+00:00", date(2026, 11, 21)),
        ("Europe/Berlin", "2026-10-24T22:00:00+00:00", date(2026, 10, 25)),  # 25 hours
        ("Europe/Berlin", "2026-10-25T22:59:00+00:00", date(2026, 10, 25)),
        ("Europe/Berlin", "2026-10-25T23:00:00+00:00", date(2026, 10, 26)),
        ("America/New_York", "2026-03-08T04:59:00+00:00", date(2026, 3, 7)),
        ("America/New_York", "2026-03-09T03:59:00+00:00", date(2026, 3, 8)),  # 23 hours
        ("Asia/Kolkata", "2026-11-20T18:45:00+00:00", date(2026, 11, 20)),  # from 00:30 on
        ("Pacific/Apia", "2026-11-20T10:59:00+00:00", date(2026, 11, 20)),
    ],
)
@pytest.mark.django_db
def test_days_are_those_of_the_site(zone: str, stamp: str, day: date) -> None:
    """A worker's own zone is UTC."""
    with override_settings(SITE_TIME_ZONE=zone):
        ingest(mail_log.one_mail("3A1B2C4D71", stamp=stamp))
        roll_up()
        for model in (RelayDay, TopDay, NetworkDay, DayState):
            assert set(model._default_manager.values_list("day", flat=True)) == {day}
        assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_another_zone_makes_the_days_anew() -> None:
    with override_settings(SITE_TIME_ZONE="Pacific/Kiritimati"):  # 14 hours before UTC
        ingest(mail_log.one_mail("3A1B2C4D71", stamp="2026-11-20T12:00:00+00:00"))
        roll_up()
        assert set(RelayDay.objects.values_list("day", flat=True)) == {DAY, date(2026, 11, 21)}
    roll_up()
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_another_name_of_a_provider_is_counted() -> None:
    assert ProviderDay.objects.filter(provider="far.example").exists()
    Provider.objects.create(name="Far Mail").suffixes.create(suffix="far.example")
    assert roll_up() == 1
    assert ProviderDay.objects.filter(provider="Far Mail").exists()
    assert not ProviderDay.objects.filter(provider="far.example").exists()
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_another_class_is_counted_in_days() -> None:
    Customer.objects.update(service_class="bulk")
    roll_up()
    assert not RelayDay.objects.filter(service_class="premium").exists()
    assert unlike() == []


@pytest.mark.django_db
def test_tops_are_in_order_and_their_others_complete_the_day() -> None:
    text = "".join(
        mail_log.one_mail(f"5A{number:08X}", recipient=f"user{number % 3}@far.example")
        for number in range(5)
    )
    ingest(text)
    roll_up()
    tops = TopDay.objects.filter(direction=Direction.OUTBOUND, subject=Subject.RECIPIENT)
    names = ("rank", "address__address", "recipients")
    assert list(tops.order_by("rank").values_list(*names)) == [
        (1, "user0@far.example", 2),
        (2, "user1@far.example", 2),
        (3, "user2@far.example", 1),
    ]
    sender = TopDay.objects.get(direction=Direction.OUTBOUND, subject=Subject.SENDER)
    assert (sender.messages, sender.recipients, sender.bytes) == (5, 5, 5 * 1234)


@pytest.mark.usefixtures("mail")
def test_lists_outlive_their_facts() -> None:
    """Whatever marks an old day: tops are not made of what is left of the mail."""
    before = sorted(TopDay.objects.values_list("subject", "rank", "recipients"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tracking_message")
    DayState.objects.update(changed_at=NOON)
    list_days()
    assert sorted(TopDay.objects.values_list("subject", "rank", "recipients")) == before
    assert before
    assert marked_hours() == []
