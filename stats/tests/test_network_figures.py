"""Every figure of the pages of networks counts what its link lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from ipaddress import ip_address

import pytest
import time_machine
from django.utils import timezone

from stats.networks.address import address_context
from stats.networks.blocks import blocks_context
from stats.networks.detail import network_context
from stats.networks.table import Asked, find_rows
from stats.rollups import roll_up
from stats.rollups.running import roll_up_hours
from stats.spans import Span
from stats.tests.network_support import (
    DAY,
    context_of,
    figures_of,
    page_of,
    wrong_of,
)
from tracking.models import ClientNetwork, Customer
from tracking.tests import mail_log
from tracking.tests.support import ingest


@pytest.mark.usefixtures("simulated")
@pytest.mark.parametrize("by", ["network", "customer"])
def test_every_figure_of_the_table_counts_what_its_link_lists(by: str) -> None:
    roll_up()
    context = context_of(f"day={DAY}&by={by}")
    assert sum(item.value > 0 for _name, item, _least in figures_of(context)) > 3
    assert wrong_of(context) == []


@pytest.mark.usefixtures("simulated")
def test_every_figure_of_a_network_counts_what_its_link_lists() -> None:
    customer = Customer.objects.get()
    network = ClientNetwork.objects.create(network="198.18.0.0/15", customer=customer)
    assert network.pk
    roll_up()
    busy = find_rows(Asked(Span.of_days(date(2026, 11, 19), date(2026, 11, 20)))).rows[0]
    found = ClientNetwork.objects.get(pk=busy.id)
    for query in (f"day={DAY}", "since=2026-11-16&until=2026-11-21"):
        context = page_of(network_context, found, query=query)
        assert busy.messages == 0 or sum(i.value > 0 for _n, i, _l in figures_of(context)) > 10
        assert wrong_of(context) == []


@pytest.mark.usefixtures("simulated")
def test_every_figure_of_unregistered_senders_counts_what_its_link_lists() -> None:
    roll_up()
    context = page_of(blocks_context)
    assert len(context["lines"]) > 3
    assert wrong_of(context) == []


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("address", ["198.18.0.5", "192.0.2.7", "203.0.113.77"])
def test_every_figure_of_an_address_counts_what_its_link_lists(address: str) -> None:
    for first in (date(2026, 11, 20), date(2026, 11, 1)):
        with timezone.override("Asia/Jakarta"):
            context = address_context(ip_address(address), Span.of_days(first, date(2026, 11, 20)))
        assert wrong_of(context) == []


@pytest.mark.usefixtures("mail")
def test_mail_of_a_network_that_is_gone_is_unregistered() -> None:
    ClientNetwork.objects.all().delete()
    context = context_of()
    assert context["lines"] == []
    assert context["nobody"].messages.value == 5
    assert wrong_of(context) == []


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2026, 11, 20, 10, 30, tzinfo=UTC), tick=False)
def test_the_bars_of_a_long_range_are_weeks_up_to_the_newest_mail(network: ClientNetwork) -> None:
    """Also mail that the lists of the day do not have yet."""
    for number, day in enumerate(("2026-06-01", "2026-11-16", "2026-11-17", DAY)):
        stamp = f"{day}T03:00:00.000000+00:00"
        ingest(mail_log.one_mail(f"5A0000000{number}", stamp=stamp), f"log of {day}")
    roll_up()
    ingest(mail_log.one_mail("5A00000009", stamp=f"{DAY}T04:00:00.000000+00:00"), "newest")
    roll_up_hours()
    context = page_of(network_context, network, query="since=2026-06-01&until=2026-11-21")
    bars = context["chart"].bars
    assert [bar.figures[0].value for bar in bars] == [1, *[0] * 23, 4]
    assert (bars[0].label, bars[-1].label) == ("1 Jun 2026", "16 Nov 2026")
    assert wrong_of({"chart": context["chart"]}) == []
