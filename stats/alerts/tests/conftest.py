"""The cast of the tests of alerts, a mailbox and a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from stats.alerts.tests.support import Receiver, webhook_receiver
from tracking.tests.smtp_inbox import Inbox, smtp_inbox


def client_of(*groups: str) -> Client:
    user = User.objects.create_user("-".join(groups) or "stranger")
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer_client(db: None) -> Client:
    return client_of("viewer")


@pytest.fixture
def operator_client(db: None) -> Client:
    return client_of("operator")


@pytest.fixture
def admin_client(db: None) -> Client:
    return client_of("admin")


@pytest.fixture
def stranger_client(db: None) -> Client:
    return client_of()


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    with smtp_inbox() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.SENDS_MAIL = True
        settings.PUBLIC_URL = "https://console.isp.example"
        settings.DEFAULT_FROM_EMAIL = "Mail gateway <alerts@isp.example>"
        yield found


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """One on the loopback address, which the site's operator allows."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    settings.PUBLIC_URL = "https://console.isp.example"
    with webhook_receiver() as found:
        yield found
