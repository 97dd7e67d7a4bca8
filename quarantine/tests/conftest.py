"""The cast of the quarantine's tests, and a server that takes what is released."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from quarantine.services.results import Actor
from quarantine.tests.smtp_server import Handler, smtp_server

# The test against a real amavisd (Debian's amavisd-new) needs one, and root to start it.
HAS_AMAVISD = Path("/usr/sbin/amavisd").exists() and os.geteuid() == 0
collect_ignore = [] if HAS_AMAVISD else ["test_amavis_real.py"]

HELPDESK = ("view_quarantinedmessage", "view_body", "request_release")
SENIOR = (*HELPDESK, "approve_release", "release", "delete", "download")
ADMIN = (*SENIOR, "release_virus", "release_elsewhere", "audit")


@pytest.fixture
def make_actor(db: None) -> Callable[..., Actor]:
    """Somebody with permissions of his own."""

    def make(name: str, permissions: tuple[str, ...]) -> Actor:
        user = User.objects.create_user(name, email=f"{name}@isp.example")
        wanted = Permission.objects.filter(
            content_type__app_label="quarantine", codename__in=permissions
        )
        user.user_permissions.add(*wanted)
        return Actor(user, "198.51.100.77")

    return make


@pytest.fixture
def helpdesk(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("hana", HELPDESK)


@pytest.fixture
def senior(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("sari", SENIOR)


@pytest.fixture
def admin(make_actor: Callable[..., Actor]) -> Actor:
    return make_actor("adi", ADMIN)


@pytest.fixture
def next_hop() -> Iterator[Handler]:
    with smtp_server() as handler:
        yield handler


def client_of(actor: Actor) -> Client:
    """A browser of somebody who is logged in, at his address."""
    client = Client(REMOTE_ADDR="198.51.100.77")
    client.force_login(actor.user)
    return client


@pytest.fixture
def desk(helpdesk: Actor) -> Client:
    return client_of(helpdesk)


@pytest.fixture
def chief(senior: Actor) -> Client:
    return client_of(senior)


@pytest.fixture
def boss(admin: Actor) -> Client:
    return client_of(admin)
