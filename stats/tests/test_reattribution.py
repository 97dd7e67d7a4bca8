"""History by another registry is what it would be, had it been read under that one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from quarantine.models import QuarantinedMessage, QuarantineSource
from stats import reattribution
from stats.models import NetworkDay, Reattribution, ReattributionState, RejectionHour, TrafficHour
from stats.reattribution import AlreadyActive, request_reattribution, run
from stats.rollups import marked_hours, roll_up
from stats.tasks import reattribute
from stats.tests.test_rollups import unlike
from tracking.choices import Direction
from tracking.models import ClientNetwork, Customer, LogSource, Message, OpenHop, Rejection, Relay
from tracking.simulator import Settings, simulate
from tracking.simulator.clock import from_datetime
from tracking.tests import mail_log
from tracking.tests.support import deliveries, ingest

DAY = date(2026, 11, 20)
OF_REGISTRY = ("direction", "customer", "client_network")
OUTBOUND, INBOUND = Direction.OUTBOUND, Direction.INBOUND


@pytest.fixture
def site(tmp_path: Path, db: None) -> Path:
    """Logs of a day, and the registry of their site; nothing is read yet."""
    end = from_datetime(datetime(2026, 11, 20, 6, tzinfo=UTC))
    simulate(Settings(tmp_path, days=1.0, messages=400, seed=11, end=end))
    return tmp_path


def read(site: Path) -> None:
    for file in sorted(site.glob("*/mail.log")):
        ingest(file.read_bytes(), file.parent.name, segment_bytes=60_000)


def forget() -> None:
    """Everything that was read."""
    OpenHop.objects.all().delete()
    LogSource.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE tracking_message, tracking_hop, tracking_delivery, tracking_filterverdict, "
            "tracking_rejection"
        )


def attributes() -> tuple[list[Any], list[Any]]:
    """Whose each delivery and rejection is, and which way the mail went."""
    mails = [
        (item["hops"][0], item["recipient"], *(item[name] for name in OF_REGISTRY))
        for item in deliveries()
    ]
    names = ("host", "client_ip", "network__network", "customer__number", "received_at")
    refused = Rejection.objects.values_list("relay__name", *names[1:])
    return sorted(mails, key=repr), sorted(refused, key=repr)


def attribute_all() -> Reattribution:
    request = request_reattribution(None)
    run()
    request.refresh_from_db()
    return request


def test_it_is_as_if_it_had_been_read_under_the_new_registry(site: Path) -> None:
    read(site)
    before = attributes()
    call_command("load_registry", str(site / "registry.json"), stdout=StringIO())
    done = attribute_all()
    found = attributes()
    forget()
    read(site)
    assert found == attributes()
    assert found[0] != before[0]
    assert (done.state, done.error) == (ReattributionState.DONE, "")
    assert done.messages > 0
    assert done.done == done.total == 2


def test_it_is_as_if_there_never_had_been_a_registry(site: Path) -> None:
    call_command("load_registry", str(site / "registry.json"), stdout=StringIO())
    read(site)
    before = attributes()
    Customer.objects.all().delete()
    Relay.objects.update(role="other")
    attribute_all()
    found = attributes()
    forget()
    read(site)
    assert found == attributes()
    assert found[0] != before[0]


@pytest.mark.usefixtures("mail")
def test_it_corrects_the_figures() -> None:
    other = Customer.objects.create(number="C2", name="PT Dua", service_class="bulk")
    inner = ClientNetwork.objects.create(network="198.18.0.0/28", customer=other)
    assert roll_up() == 0
    attribute_all()
    assert len(marked_hours()) == 1
    roll_up()
    assert TrafficHour.objects.filter(network=inner, service_class="bulk").exists()
    assert not TrafficHour.objects.filter(service_class="premium").exists()
    assert NetworkDay.objects.get(network=inner).messages == 3
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_it_gives_rejections_their_owner() -> None:
    other = Customer.objects.create(number="C2", name="PT Dua")
    network = ClientNetwork.objects.create(network="192.0.2.66/32", customer=other)
    assert attribute_all().rejections == 2
    assert set(Rejection.objects.values_list("network", "customer")) == {(network.pk, other.pk)}
    roll_up()
    assert RejectionHour.objects.filter(network=network).count() == 2
    assert unlike() == []


@pytest.mark.usefixtures("mail")
def test_it_changes_nothing_when_nothing_is_to_be_changed() -> None:
    done = attribute_all()
    assert (done.messages, done.rejections) == (0, 0)
    assert marked_hours() == []


@pytest.mark.usefixtures("mail")
def test_it_takes_mail_from_a_network_that_is_gone() -> None:
    ClientNetwork.objects.all().delete()
    attribute_all()
    assert not Message.objects.exclude(network=None).exists()
    assert not Message.objects.exclude(customer=None).exists()


@pytest.mark.django_db
def test_it_turns_mail_of_a_new_customer_outbound() -> None:
    mail = mail_log.one_mail("3A1B2C4D70", host="all1", relay="mail.in.example[10.0.0.9]:25")
    ingest(mail)
    assert Message.objects.get().direction == INBOUND
    customer = Customer.objects.create(number="C1", name="PT Satu")
    ClientNetwork.objects.create(network="198.18.0.0/24", customer=customer)
    attribute_all()
    assert Message.objects.get().direction == OUTBOUND
    ClientNetwork.objects.all().delete()
    attribute_all()
    assert Message.objects.get().direction == INBOUND


@pytest.mark.usefixtures("mail")
def test_it_gives_held_mail_its_owner_too() -> None:
    source = QuarantineSource.objects.create(name="pmg", kind="pmg_spool", location="/spool")
    held = QuarantinedMessage.objects.create(
        source=source,
        key="1",
        kind=1,
        received_at=datetime(2026, 11, 20, 3, 30, tzinfo=UTC),
        recipients=["dewi@satu.example"],
        size_bytes=1,
        client_ip="198.19.153.26",
        message_ref=Message.objects.order_by("pk")[0].pk,
    )
    other = Customer.objects.create(number="C2", name="PT Dua")
    network = ClientNetwork.objects.create(network="198.19.0.0/16", customer=other)
    attribute_all()
    held.refresh_from_db()
    assert (held.network, held.customer) == (network, other)


@pytest.mark.usefixtures("mail")
def test_it_keeps_to_the_days_that_are_asked_for() -> None:
    ClientNetwork.objects.all().delete()
    request = request_reattribution(None, since=date(2026, 11, 21))
    run()
    request.refresh_from_db()
    assert (request.state, request.total, request.messages) == ("done", 0, 0)
    request = request_reattribution(None, since=DAY, until=DAY)
    run()
    request.refresh_from_db()
    assert (request.state, request.total, request.messages) == ("done", 1, 3)


@pytest.mark.usefixtures("mail")
def test_it_does_one_at_a_time(admin_user: User) -> None:
    first = request_reattribution(admin_user)
    assert first.started_by == admin_user
    with pytest.raises(AlreadyActive) as refused:
        request_reattribution(admin_user)
    assert refused.value.args[0] == first
    run()
    assert request_reattribution(admin_user).pk > first.pk


@pytest.mark.usefixtures("mail")
def test_it_goes_on_after_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(mail_log.one_mail("3A1B2C4D71", stamp="2026-11-18T03:00:00+00:00"))
    ClientNetwork.objects.all().delete()
    request = request_reattribution(None)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reattribution, "reattribute_held", die)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    request.refresh_from_db()
    assert (request.state, request.done, request.total) == ("running", 0, 3)
    assert reattribute() == 3
    request.refresh_from_db()
    assert (request.state, request.done, request.total) == ("done", 3, 3)
    assert not Message.objects.exclude(network=None).exists()


@pytest.mark.usefixtures("mail")
def test_it_begins_anew_when_the_registry_is_changed_meanwhile() -> None:
    ingest(mail_log.one_mail("3A1B2C4D71", stamp="2026-11-18T03:00:00+00:00"))
    request = request_reattribution(None)
    run(seconds=0)
    reattribution._do_next_day(request)
    assert request.done == 1
    ClientNetwork.objects.all().delete()
    run()
    request.refresh_from_db()
    assert (request.state, request.done) == ("done", 3)
    assert not Message.objects.exclude(network=None).exists()


@pytest.mark.usefixtures("mail")
def test_it_says_why_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_reattribution(None)

    def fail(*_: Any) -> None:
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr(reattribution, "reattribute_hour", fail)
    with pytest.raises(OSError, match="the disk is full"):
        run()
    request.refresh_from_db()
    assert (request.state, request.error) == ("failed", "2026-11-20: the disk is full")
    assert request.ended_at is not None
    assert request.ended_at <= timezone.now()
    assert run() == 0


@pytest.mark.usefixtures("mail")
def test_the_command_tells_what_it_did() -> None:
    ClientNetwork.objects.all().delete()
    out = StringIO()
    call_command("reattribute", "--since", "2026-11-20", stdout=out)
    result = json.loads(out.getvalue().splitlines()[-1])
    assert result.pop("seconds") >= 0
    assert result == {"state": "done", "days": 1, "messages": 3, "rejections": 0}


@pytest.mark.django_db
def test_the_command_refuses_what_it_cannot_do() -> None:
    with pytest.raises(CommandError, match="2026-11-21 is after --until 2026-11-20"):
        call_command("reattribute", "--since", "2026-11-21", "--until", "2026-11-20")
    request_reattribution(None)
    with pytest.raises(CommandError, match="is not through yet"):
        call_command("reattribute")
