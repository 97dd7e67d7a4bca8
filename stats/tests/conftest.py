"""The cast of stats' tests, and small logs through the real pipeline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from stats.rollups import roll_up
from tracking.models import ClientNetwork, Customer, Relay
from tracking.simulator import Settings, simulate
from tracking.simulator.clock import from_datetime
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
def keeper_client(db: None) -> Client:
    user = User.objects.create_user("keeper")
    user.groups.add(Group.objects.get(name="admin"))
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
def network(customer: Customer) -> ClientNetwork:
    return customer.networks.get()


@pytest.fixture
def mail(customer: Customer) -> None:
    """mail_log.WHOLE in the database, and rolled up."""
    ingest(mail_log.WHOLE)
    roll_up()


@pytest.fixture
def simulated(tmp_path: Path, customer: Customer) -> None:
    """Some hours of four relays, read host by host."""
    end = from_datetime(datetime(2026, 11, 20, 6, tzinfo=UTC))
    simulate(Settings(tmp_path, days=0.25, messages=150, seed=7, end=end))
    for file in sorted(tmp_path.glob("*/mail.log")):
        ingest(file.read_bytes(), file.parent.name, segment_bytes=20_000)
