"""Rollups are what the facts say, whenever and however often they are made."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from mailgw.celery import app
from stats.models import MailFigures, RejectionHour, RelayHour, SiteHour, TrafficHour
from stats.rollups import counting, marked_hours, recompute, roll_up
from stats.rollups.definition import of_hour
from stats.rollups.running import roll_up_hours as roll_up_some
from stats.tasks import roll_up_hours
from stats.verification import differences, known_hours
from tracking.choices import Direction, Disposition, MessageKind, QuarantineKind, RejectionKind
from tracking.models import ClientNetwork, Customer, Delivery, Hop, Message, Relay
from tracking.tests import mail_log
from tracking.tests.support import deliveries, ingest, rejections

HOUR = datetime(2026, 11, 20, 3, tzinfo=UTC)
ONE = mail_log.one_mail(
    "3B1B2C4D5E", status="deferred", dsn="4.4.1", stamp=f"{mail_log.DAY}T03:50:00+00:00"
)
SENT = ONE.splitlines()[-1].replace("deferred", "sent").replace("4.4.1", "2.0.0")
# A second recipient, who gets it at once; the first gets it an hour later.
TWO = ONE.replace("nrcpt=1", "nrcpt=2") + SENT.replace("budi@", "citra@") + "\n"
LATE = SENT.replace("T03:", "T04:") + "\n"


def rows(model: type[MailFigures | RejectionHour | SiteHour]) -> list[tuple[Any, ...]]:
    """What a table holds, whatever the ids."""
    names = [field.name for field in model._meta.fields if field.name != "id"]
    return sorted(model._default_manager.values_list(*names), key=repr)


def everything() -> list[list[tuple[Any, ...]]]:
    return [rows(model) for model in (TrafficHour, RelayHour, RejectionHour, SiteHour)]


def by_disposition(model: type[MailFigures] = TrafficHour, **selection: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    selected = model._default_manager.filter(**selection)
    for disposition, recipients in selected.values_list("disposition", "recipients"):
        found[Disposition(disposition).name.lower()] += recipients
    return dict(found)


def totals(model: type[MailFigures] = TrafficHour, **selection: Any) -> tuple[int, int, int]:
    """Messages, recipients, bytes."""
    selected = model._default_manager.filter(**selection)
    sums = selected.aggregate(Sum("messages"), Sum("recipients"), Sum("bytes"))
    return sums["messages__sum"], sums["recipients__sum"], sums["bytes__sum"]


def unlike() -> list[str]:
    return [str(item) for hour in known_hours() for item in differences(hour)]


@pytest.mark.usefixtures("simulated")
def test_it_counts_what_the_exports_list() -> None:
    roll_up()
    wanted = Counter((item["direction"], item["disposition"]) for item in deliveries())
    counted: Counter[tuple[str, str]] = Counter()
    for row in TrafficHour.objects.all():
        direction, disposition = Direction(row.direction).name, Disposition(row.disposition).name
        counted[direction.lower(), disposition.lower()] += row.recipients
    assert counted == wanted
    assert len(wanted) > 4
    refused = Counter(item["kind"] for item in rejections())
    found: Counter[str] = Counter()
    for kind, count in RejectionHour.objects.values_list("kind", "rejections"):
        found[RejectionKind(kind).name.lower()] += count
    assert found == refused
    assert len(refused) > 2
    assert unlike() == []


@pytest.mark.usefixtures("simulated")
def test_it_counts_every_mail_once() -> None:
    roll_up()
    mails = Message.objects.exclude(kind=MessageKind.PROBE)
    wanted = (
        mails.count(),
        len(deliveries()),
        mails.aggregate(Sum("size_bytes"))["size_bytes__sum"],
    )
    assert totals() == wanted
    assert totals(RelayHour, relay=None) == wanted
    assert wanted[1] > wanted[0]


@pytest.mark.usefixtures("simulated")
def test_it_counts_mail_at_each_relay_it_passed() -> None:
    roll_up()
    for relay in Relay.objects.all():
        passed = set(Hop.objects.filter(relay=relay).values_list("message_ref", flat=True))
        mails = Message.objects.filter(pk__in=passed).exclude(kind=MessageKind.PROBE)
        finals = Delivery.objects.filter(is_final=True, message_ref__in=mails.values("pk"))
        if passed:
            assert totals(RelayHour, relay=relay)[:2] == (mails.count(), finals.count())


@pytest.mark.django_db
def test_it_counts_a_mail_of_two_endings_as_one() -> None:
    ingest(TWO)
    roll_up()
    assert by_disposition() == {"deferred": 1, "delivered": 1}
    assert totals() == (1, 2, 1234)
    assert totals(RelayHour, relay=None) == (1, 2, 1234)


@pytest.mark.django_db
def test_it_counts_a_late_ending_in_the_hour_of_the_mail() -> None:
    ingest(ONE)
    roll_up()
    assert by_disposition(hour=HOUR) == {"deferred": 1}
    ingest(LATE)
    assert HOUR in marked_hours()
    roll_up()
    assert by_disposition() == {"delivered": 1}
    assert by_disposition(hour=HOUR) == {"delivered": 1}
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_it_tells_kinds_of_mail_apart() -> None:
    assert totals(kind=MessageKind.MAIL)[0] == 5
    assert totals(kind=MessageKind.BOUNCE)[0] == 1
    assert by_disposition(kind=MessageKind.MAIL) == {
        "delivered": 2,
        "deferred": 1,
        "bounced": 1,
        "quarantined": 1,
    }
    spam = TrafficHour.objects.get(disposition=Disposition.QUARANTINED)
    assert spam.quarantine_kind == QuarantineKind.SPAM


@pytest.mark.django_db
def test_it_never_counts_probes() -> None:
    ingest(ONE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracking_message SET kind = %s", [MessageKind.PROBE.value])
    roll_up()
    assert everything() == [[], [], [], []]
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_it_is_the_same_when_done_twice() -> None:
    before = everything()
    recompute(HOUR)
    recompute(HOUR)
    assert everything() == before
    assert all(before)


@pytest.mark.usefixtures("mail")
def test_it_takes_the_marks_away() -> None:
    assert marked_hours() == []
    assert roll_up() == 0


@pytest.mark.django_db
def test_it_costs_next_to_nothing_when_nothing_changed() -> None:
    roll_up_hours()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        roll_up_hours()
    assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) <= 10


@pytest.mark.django_db
def test_it_does_the_newest_hours_first() -> None:
    ingest(ONE + mail_log.many_mails(2))
    newest, *older = marked_hours()
    assert roll_up_some(limit=1) == 1
    assert marked_hours() == older
    assert TrafficHour.objects.filter(hour=newest).exists()


@pytest.mark.usefixtures("mail")
def test_it_follows_a_customer_into_another_class(customer: Customer) -> None:
    assert totals(service_class="premium")[0] == 3
    Customer.objects.update(service_class="bulk")
    roll_up()
    assert totals(service_class="bulk")[0] == 3
    assert not TrafficHour.objects.filter(service_class="premium").exists()
    assert unlike() == []
    ClientNetwork.objects.all().delete()
    Customer.objects.all().delete()
    roll_up()
    assert totals(service_class="")[0] == 6
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_it_never_looks_through_a_day_for_each_mail() -> None:
    """The planner takes the joins of an hour for a row or two: 75 seconds for 2,000 mails."""
    with transaction.atomic(), connection.cursor() as cursor:
        counting.count_mail(cursor, of_hour(HOUR))
        cursor.execute(f"EXPLAIN {counting._COLLECT}", of_hour(HOUR))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Nested Loop" not in plan
    assert "Hash" in plan or "Merge" in plan


def test_it_asks_for_work_every_two_seconds() -> None:
    entry = app.conf.beat_schedule["roll-up"]
    assert entry["task"] == roll_up_hours.name
    assert entry["schedule"] == 2.0
    route = app.amqp.router.route({}, roll_up_hours.name)
    assert route["queue"].name == "rollup"
