"""The cast of tracking's tests, and a small log through the real pipeline."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tracking.models import ClientNetwork, Customer, Relay
from tracking.tests import mail_log
from tracking.tests.support import ingest


@pytest.fixture
def viewer(db: None) -> User:
    user = User.objects.create_user("viewer", password="seen-and-not-touched")
    user.groups.add(Group.objects.get(name="viewer"))
    return user


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture
def stranger_client(db: None) -> Client:
    """Somebody who may log in and see nothing."""
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    return client


@pytest.fixture
def registry(db: None) -> Customer:
    """A premium customer with a network, and the role of a relay."""
    customer = Customer.objects.create(number="C1", name="PT Satu", service_class="premium")
    ClientNetwork.objects.create(network="198.18.0.0/24", customer=customer)
    Relay.objects.create(name="out1", role="ext")
    Relay.objects.create(name="mx1", role="mx")
    return customer


@pytest.fixture
def mail(registry: Customer) -> None:
    """mail_log.WHOLE in the database."""
    ingest(mail_log.WHOLE)
