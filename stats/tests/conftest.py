"""The cast of stats' tests, and small logs through the real pipeline."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from stats.rollups import roll_up
from tracking.models import ClientNetwork, Customer, Relay
from tracking.tests import mail_log
from tracking.tests.support import ingest


@pytest.fixture
def viewer_client(db: None) -> Client:
    user = User.objects.create_user("viewer")
    user.groups.add(Group.objects.get(name="viewer"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def customer(db: None) -> Customer:
    """A premium customer with a network, and the roles of the relays."""
    customer = Customer.objects.create(number="C1", name="PT Satu", service_class="premium")
    ClientNetwork.objects.create(network="198.18.0.0/24", customer=customer)
    Relay.objects.create(name="out1", role="ext")
    Relay.objects.create(name="mx1", role="mx")
    return customer


@pytest.fixture
def mail(customer: Customer) -> None:
    """mail_log.WHOLE in the database, and rolled up."""
    ingest(mail_log.WHOLE)
    roll_up()
