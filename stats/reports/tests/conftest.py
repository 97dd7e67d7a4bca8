"""Mail of two customers on a Monday, readers, and a mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from stats.alerts.tests.support import make_network, traffic
from stats.models import NetworkReasonHour, NetworkTopDay, RejectionHour, Subject, TopDay
from tracking.choices import Direction, Disposition, RejectionKind, Stage
from tracking.ingest.store.dictionaries import split_reply
from tracking.models import Address, ClientNetwork, Domain, Relay, Reply
from tracking.tests.smtp_inbox import Inbox, smtp_inbox

# Tuesday, 24 November 2026, 07:05 in Jakarta: the report of Monday is due.
MORNING = datetime(2026, 11, 24, 0, 5, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)
SUNDAY = MONDAY - timedelta(days=1)
NO_USER = "host mx.far.example[203.0.113.9] said: 550 5.1.1 <x@far.example>: User unknown"


@pytest.fixture
def two_customers(db: None) -> tuple[ClientNetwork, ClientNetwork]:
    """C1 sends 90 mails and 10 that bounce, after 50 on Sunday; C2 sends 400."""
    first, second = make_network(), make_network("198.18.1.0/24", "C2")
    traffic(MONDAY, 90, network=first)
    traffic(MONDAY, 10, Disposition.BOUNCED, first)
    traffic(SUNDAY, 50, network=first)
    traffic(MONDAY, 400, network=second)
    for network, sender in ((first, "ani@satu.example"), (second, "wati@dua.example")):
        _listed(network, sender)
    relay = Relay.objects.get()
    for network, refused in ((first, 7), (second, 30)):
        RejectionHour.objects.create(
            hour=MONDAY, relay=relay, kind=RejectionKind.SIZE, stage=Stage.MAIL,
            network=network, rejections=refused,
        )  # fmt: skip
    failed(first, NO_USER, 10)
    return first, second


def failed(
    network: ClientNetwork | None,
    reply: str,
    recipients: int,
    disposition: Disposition = Disposition.BOUNCED,
    hour: datetime = MONDAY,
) -> None:
    """Recipients of an hour whom outbound mail did not reach; the mail itself is not kept."""
    template = split_reply(reply)[0]
    NetworkReasonHour.objects.create(
        hour=hour, network=network, direction=Direction.OUTBOUND, disposition=disposition,
        reply=Reply.objects.get_or_create(template=template)[0], recipients=recipients,
        example_id=1,
    )  # fmt: skip


def _listed(network: ClientNetwork, sender: str) -> None:
    """Its sender at the top of Monday's lists."""
    name = sender.partition("@")[2]
    domain, _ = Domain.objects.get_or_create(name=name)
    address = Address.objects.create(address=sender, domain=domain)
    counts = {"messages": 100, "recipients": 100, "bytes": 5000, "deferred": 0, "bounced": 10,
              "spam": 0, "virus": 0, "value_count": 1}  # fmt: skip
    values = {"day": MONDAY.date(), "subject": Subject.SENDER, "address": address, **counts}
    NetworkTopDay.objects.create(network=network, rank=1, **values)
    rank = TopDay.objects.count() + 1
    TopDay.objects.create(direction=Direction.OUTBOUND, rank=rank, **values)


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    with smtp_inbox() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.SENDS_MAIL = True
        settings.PUBLIC_URL = "https://console.isp.example"
        settings.DEFAULT_FROM_EMAIL = "Mail gateway <reports@isp.example>"
        yield found


@pytest.fixture
def admin_client(db: None) -> Client:
    user = User.objects.create_user("admin")
    user.groups.add(Group.objects.get(name="admin"))
    client = Client()
    client.force_login(user)
    return client
