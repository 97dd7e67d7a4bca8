"""The table of networks and customers: rows, filters, order and pages."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from stats.networks.table import Asked, By
from stats.rollups import roll_up
from stats.spans import Span
from stats.tests.network_support import (
    DAY,
    URL,
    context_of,
)
from stats.tests.support import body
from tracking.models import ClientNetwork, Customer
from tracking.tests import mail_log
from tracking.tests.support import ingest


@pytest.mark.usefixtures("mail")
def test_it_counts_a_network() -> None:
    (line,) = context_of()["lines"]
    assert (line.network, line.number, line.name) == ("198.18.0.0/24", "C1", "PT Satu")
    assert (line.messages.value, line.recipients.value, line.bytes) == (3, 3, 3 * 1234)
    assert [figure.value for figure in line.shares] == [1, 1, 0, 0]
    assert line.senders == 1
    nobody = context_of()["nobody"]
    assert (nobody.messages.value, nobody.recipients.value) == (2, 2)


@pytest.mark.usefixtures("mail")
def test_it_counts_customers() -> None:
    customer = Customer.objects.get()
    ClientNetwork.objects.create(network="203.0.113.0/24", customer=customer)
    (line,) = context_of(f"day={DAY}&by=customer")["lines"]
    assert (line.network, line.number, line.networks) == (None, "C1", 2)
    assert line.messages.value == 3
    assert len(context_of(line.url.partition("?")[2])["lines"]) == 2


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize(
    ("text", "found"),
    [("C1", 1), ("pt sa", 1), ("198.18.0.9", 1), ("198.18.0.0/15", 1), ("198.18.0.0/25", 1),
     ("192.0.2.0/24", 0), ("%", 0), ("_", 0), ('"C1"', 1), ('"C"', 0), ("2001:db8::/32", 0)],
)  # fmt: skip
def test_it_finds_by_text(text: str, found: int) -> None:
    query = QueryDict(mutable=True)
    query.update({"day": DAY, "q": text})
    assert context_of(query.urlencode())["count"] == found


@pytest.mark.usefixtures("mail")
def test_it_filters_by_class() -> None:
    assert context_of(f"day={DAY}&service_class=premium")["count"] == 1
    assert context_of(f"day={DAY}&service_class=bulk")["count"] == 0


def numbered(count: int) -> None:
    """Networks with 1, 2, 3 … mails."""
    text = ""
    for n in range(count):
        owner = Customer.objects.create(number=f"N{n}", name=f"PT {n}", service_class="bulk")
        ClientNetwork.objects.create(network=f"10.0.{n}.0/24", customer=owner)
        for mail in range(n % 3 + 1):
            text += mail_log.one_mail(f"6A{n:04X}{mail:02X}", client=f"c.example[10.0.{n}.9]",
                                      stamp=f"{DAY}T04:00:00.000000+00:00")  # fmt: skip
    ingest(text, "numbered")
    roll_up()


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("by", ["network", "customer"])
def test_it_sorts_by_every_column(by: str) -> None:
    numbered(4)
    for head in context_of(f"day={DAY}&by={by}")["heads"]:
        down = context_of(head.query.replace("&page=", ""))["lines"]
        assert len(down) == 5
    up = [line.messages.value for line in context_of(f"day={DAY}&by={by}&sort=messages")["lines"]]
    down = [line.messages.value for line in context_of(f"day={DAY}&by={by}")["lines"]]
    assert up == sorted(up)
    assert down == sorted(up, reverse=True)


@pytest.mark.usefixtures("mail")
def test_it_pages(viewer_client: Client) -> None:
    customer = Customer.objects.get()
    networks = (ClientNetwork(network=f"10.{n}.0.0/16", customer=customer) for n in range(60))
    ClientNetwork.objects.bulk_create(networks)
    first = context_of(f"day={DAY}&sort=network")
    second = context_of(first["after_query"])
    assert (first["count"], len(first["lines"]), len(second["lines"])) == (61, 50, 11)
    assert not {line.network for line in first["lines"]} & {
        line.network for line in second["lines"]
    }
    assert "Page 1 of 2" in body(viewer_client.get(URL))
    assert viewer_client.get(f"{URL}&page=9").status_code == 200


@pytest.mark.usefixtures("mail")
def test_it_takes_as_many_queries_for_twenty_rows_as_for_ten(viewer_client: Client) -> None:
    numbered(10)
    counts = []
    for place in range(2):
        viewer_client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            viewer_client.get(URL)
        counts.append(len(captured))
        assert not any("tracking_delivery " in query["sql"] for query in captured)
        customer = Customer.objects.get(number="N1")
        ClientNetwork.objects.bulk_create(
            [
                ClientNetwork(network=f"10.{place + 1}.{n}.0/24", customer=customer)
                for n in range(10)
            ]
        )
    assert counts[0] == counts[1] <= 14


@pytest.mark.usefixtures("mail")
def test_it_downloads_all_rows(viewer_client: Client) -> None:
    numbered(3)
    Customer.objects.filter(number="N0").update(name="=cmd")
    response = viewer_client.get(f"/networks/networks.csv?day={DAY}&sort=-messages")
    rows = list(csv.DictReader(io.StringIO(body(response))))
    assert [row["messages"] for row in rows] == ["3", "3", "2", "1"]
    assert {row["customer_name"] for row in rows} >= {"'=cmd", "PT Satu"}
    assert rows[0].keys() >= {"network", "bounced", "messages_usual"}


@pytest.mark.usefixtures("mail")
def test_its_links_keep_filters_and_order(viewer_client: Client) -> None:
    page = body(viewer_client.get(f"{URL}&q=PT&service_class=premium&sort=bytes&by=customer"))
    kept = "by=customer&amp;q=PT&amp;service_class=premium"
    assert f"/networks/?{kept}&amp;sort=bytes&amp;period=7d" in page
    assert 'aria-sort="ascending"' in page
    assert f"day={DAY}&amp;{kept}&amp;sort=-bytes" in page


def test_what_is_asked_for_is_by_network_first() -> None:
    assert Asked(Span.of_days(date(2026, 1, 1), date(2026, 1, 1))).by is By.NETWORK
