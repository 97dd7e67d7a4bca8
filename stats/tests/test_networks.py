"""The pages of networks: every figure, its link, filters, order, and what has no mail."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import Sum
from django.http import HttpResponseBase, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stats.figures import BYTES, Figure
from stats.forms import RangeForm
from stats.models import DayState, NetworkDay, NetworkDue, NetworkUsual
from stats.networks.address import address_context
from stats.networks.blocks import blocks_context
from stats.networks.detail import network_context
from stats.networks.forms import NetworksForm
from stats.networks.pages import networks_context
from stats.networks.table import Asked, By, find_rows
from stats.rollups import roll_up
from stats.rollups.networks import derive
from stats.spans import Span
from stats.tests.support import count_behind
from tracking.models import ClientNetwork, Customer
from tracking.tests import mail_log
from tracking.tests.support import ingest

DAY = "2026-11-20"
URL = f"/networks/?day={DAY}"
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.fixture
def network(customer: Customer) -> ClientNetwork:
    return customer.networks.get()


@pytest.fixture
def keeper_client(db: None) -> Client:
    user = User.objects.create_user("keeper")
    user.groups.add(Group.objects.get(name="admin"))
    client = Client()
    client.force_login(user)
    return client


def context_of(query: str = f"day={DAY}") -> dict[str, Any]:
    form = NetworksForm(QueryDict(query))
    assert form.is_valid(), form.errors
    with timezone.override("Asia/Jakarta"):
        return networks_context(form)


def page_of(function: Any, *args: Any, query: str = f"day={DAY}") -> dict[str, Any]:
    form = RangeForm(QueryDict(query))
    assert form.is_valid(), form.errors
    with timezone.override("Asia/Jakarta"):
        found: dict[str, Any] = function(*args, form)
        return found


def body(response: HttpResponseBase) -> str:
    return b"".join(response).decode()


def figures_of(context: dict[str, Any]) -> Iterator[tuple[str, Figure, bool]]:
    """Every figure with a link; True: it may count more."""
    for line in context.get("lines", ()):
        is_least = getattr(getattr(line, "block", None), "is_least", False)
        for item in (line.messages, line.recipients, *line.shares):
            yield "line", item, is_least
    if nobody := context.get("nobody"):
        yield "nobody", nobody.messages, False
        yield "nobody", nobody.recipients, False
    for tile in context.get("tiles", ()):
        if tile.figure.unit != BYTES:
            yield str(tile.label), tile.figure, False
    chart = context.get("chart")
    for bar in chart.bars if chart else context.get("bars", ()):
        for item in bar.figures:
            yield f"bar {bar.label}", item, False
    for top_list in context.get("lists", ()):
        for top in top_list.tops:
            yield f"{top_list.title} {top.value}", top.figure, top.is_least


def wrong_of(context: dict[str, Any]) -> list[tuple[str, Figure, int]]:
    found = []
    for name, item, is_least in figures_of(context):
        behind = count_behind(item.url)
        if behind < item.value or (behind != item.value and not is_least):
            found.append((name, item, behind))
    return found


PAGES = [URL, f"/networks/networks.csv?day={DAY}", f"/networks/unregistered/?day={DAY}",
         f"/networks/ip/198.18.0.5/?day={DAY}"]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_it_refuses_who_may_not_look(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_it_refuses_to_change_anything(viewer_client: Client, path: str) -> None:
    assert viewer_client.post(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_it_opens_without_any_mail(viewer_client: Client, path: str) -> None:
    assert viewer_client.get(path).status_code == 200
    assert viewer_client.get(path.partition("?")[0]).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/networks/99/", "/networks/99/chart.json", "/networks/ip/nonsense/", "/networks/ip/1.2.3/",
     "/networks/ip/192.0.2.0%2F24/"],
)  # fmt: skip
def test_it_knows_what_is_not_there(viewer_client: Client, path: str) -> None:
    assert viewer_client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["sort=name", "sort=-x", "page=0", "page=x", "by=relay", "service_class=gold",
              "day=never", f"q={'x' * 201}", "since=2026-01-01", "q=%00"],
)  # fmt: skip
def test_it_says_what_is_wrong_with_a_filter(viewer_client: Client, query: str) -> None:
    response = viewer_client.get(f"/networks/?{query}")
    assert response.status_code == 422
    assert 'role="alert"' in body(response)
    assert viewer_client.get(f"/networks/networks.csv?{query}").status_code == 422


@pytest.mark.parametrize("days", ["2026-01-01/2027-06-01", "x/y", "2026-11-20/2026-11-19"])
def test_it_says_what_is_wrong_with_a_range(
    viewer_client: Client, network: ClientNetwork, days: str
) -> None:
    since, _, until = days.partition("/")
    for path in (f"/networks/{network.pk}/", "/networks/ip/192.0.2.1/", "/networks/unregistered/"):
        response = viewer_client.get(path, {"since": since, "until": until})
        assert response.status_code == 422
        assert "field-error" in body(response)


def test_an_address_is_counted_over_a_month(viewer_client: Client) -> None:
    query = {"since": "2026-01-01", "until": "2026-03-01"}
    response = viewer_client.get("/networks/ip/192.0.2.1/", query)
    assert response.status_code == 422
    assert "31 days at most" in body(response)


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
def test_it_shows_an_address(viewer_client: Client, keeper_client: Client) -> None:
    page = body(viewer_client.get(f"/networks/ip/198.18.0.5/?day={DAY}"))
    assert "198.18.0.0/24" in page
    assert "nobody@far.example" in page
    other = body(keeper_client.get(f"/networks/ip/192.0.2.7/?day={DAY}"))
    assert "in no registered network" in other
    assert "/registry/networks/new/?network=192.0.2.7" in other
    assert "There is no mail of this address" in body(
        viewer_client.get(f"/networks/ip/2001:db8::1/?day={DAY}")
    )


@pytest.mark.usefixtures("mail")
def test_it_says_when_an_address_has_too_much_mail(
    viewer_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats.networks.address._FACTS", "SELECT pg_sleep(5) /* {part}{tops} */")
    monkeypatch.setattr("stats.networks.address.SECONDS", 0.05)
    page = body(viewer_client.get(f"/networks/ip/198.18.0.5/?day={DAY}"))
    assert "Too much mail to count" in page


@pytest.mark.usefixtures("mail")
def test_it_shows_a_network(viewer_client: Client, network: ClientNetwork) -> None:
    outer = ClientNetwork.objects.create(network="198.18.0.0/15", customer=network.customer)
    page = body(viewer_client.get(f"/networks/{network.pk}/?day={DAY}"))
    assert "PT Satu" in page
    assert f'href="/networks/{outer.pk}/?day={DAY}"' in page
    assert "eko@slow.example" in page
    assert "@far.example" in page
    assert "data-chart-url" in page
    chart = json.loads(viewer_client.get(f"/networks/{network.pk}/chart.json?day={DAY}").content)
    data = {item["key"]: sum(item["data"]) for item in chart["datasets"]}
    assert data == {"delivered": 1, "deferred": 1, "bounced": 1}
    assert len(chart["labels"]) == 24
    empty = body(viewer_client.get(f"/networks/{outer.pk}/?day={DAY}"))
    assert "There is no mail of this network" in empty


@pytest.mark.usefixtures("mail")
def test_it_leads_to_the_registration_of_who_is_unregistered(
    viewer_client: Client, keeper_client: Client
) -> None:
    ingest(mail_log.one_mail("5A00000001", client="x.example[203.0.113.77]"), "other")
    roll_up()
    path = f"/networks/unregistered/?day={DAY}"
    page = body(keeper_client.get(path))
    assert "203.0.113.0/24" in page
    assert "/registry/networks/new/?network=203.0.113.0%2F24" in page
    assert "Register this" not in body(viewer_client.get(path))


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


def weeks_of_mail(counts: dict[str, int]) -> None:
    for day, count in counts.items():
        for number in range(count):
            queue_id = f"7A{day[5:7]}{day[8:10]}{number:04X}"
            ingest(mail_log.one_mail(queue_id, stamp=f"{day}T03:00:00.000000+00:00"), "weeks")
    roll_up()


@pytest.mark.usefixtures("customer")
@time_machine.travel(LATER, tick=False)
def test_it_compares_with_the_median_of_the_same_weekday() -> None:
    weeks_of_mail({"2026-10-23": 9, "2026-10-30": 1, "2026-11-06": 2, "2026-11-13": 4, DAY: 9,
                   "2026-11-19": 3})  # fmt: skip
    (line,) = context_of()["lines"]
    assert (line.usual, line.change) == (3, 200)
    (week,) = context_of("since=2026-11-14&until=2026-11-21")["lines"]
    assert week.messages.value == 12
    assert (week.senders, line.senders) == (0, 1)  # one sender on two of seven days
    assert week.usual == 3
    assert line.curve.values[-2:] == [3, 9]
    (thursday,) = context_of("day=2026-11-19")["lines"]
    assert (thursday.change, thursday.is_new) == (None, True)


@pytest.mark.usefixtures("customer")
def test_it_compares_no_day_that_goes_on() -> None:
    with time_machine.travel(NOW, tick=False):
        weeks_of_mail({"2026-11-13": 4, DAY: 1})
        (line,) = context_of()["lines"]
        assert (line.messages.value, line.change, line.is_new) == (1, None, False)


@pytest.mark.usefixtures("customer")
@time_machine.travel(LATER, tick=False)
def test_what_is_usual_follows_a_day_that_is_counted_late() -> None:
    weeks_of_mail({DAY: 2})
    weeks_of_mail({"2026-11-13": 4})
    (line,) = context_of()["lines"]
    assert (line.usual, line.change) == (4, -50)


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2027, 1, 5, 3, tzinfo=UTC), tick=False)
def test_a_year_of_months_is_the_sum_of_its_days() -> None:
    weeks_of_mail({"2026-09-30": 1, "2026-10-01": 2, "2026-10-31": 3, "2026-11-07": 2,
                   "2026-12-31": 5, "2027-01-03": 4})  # fmt: skip
    (line,) = context_of("since=2026-09-30&until=2027-01-04")["lines"]
    assert line.messages.value == 17
    assert line.usual == 3
    assert line.curve.is_by_month
    assert line.curve.values == [1, 5, 2, 5, 4]
    (exact,) = context_of("since=2026-10-01&until=2027-01-01")["lines"]
    assert exact.messages.value == 12


@pytest.mark.usefixtures("customer")
@time_machine.travel(datetime(2027, 1, 5, 3, tzinfo=UTC), tick=False)
def test_any_range_is_the_sum_of_its_days() -> None:
    """Days come in any order, and again with other figures."""
    networks = [item.pk for item in ClientNetwork.objects.all()] + [None]
    numbers = random.Random(3)  # noqa: S311 (a fixed seed)
    first = date(2026, 9, 20)
    days = [first + timedelta(days=n) for n in range(105) if n % 9 != 4]
    for day in [*numbers.sample(days, len(days)), *numbers.sample(days, 20)]:
        NetworkDay.objects.filter(day=day).delete()
        DayState.objects.get_or_create(day=day, defaults={"changed_at": timezone.now()})
        NetworkDay.objects.bulk_create(
            NetworkDay(
                day=day, network_id=pk, direction=1, deferred=0, bounced=0, spam=0, virus=0,
                senders=1, clients=1, bytes=0, recipients=1, messages=numbers.randrange(1, 50),
            )
            for pk in networks
        )  # fmt: skip
        NetworkDue.objects.create(day=day)
        derive()
    for _ in range(40):
        since, until = sorted(numbers.choices([*days, date(2026, 7, 1), date(2027, 1, 4)], k=2))
        found = find_rows(Asked(Span.of_days(since, until)))
        inside = NetworkDay.objects.filter(day__gte=since, day__lte=until)
        sums = dict(inside.values_list("network").annotate(Sum("messages")).order_by())
        assert found.rows[0].messages == sums.get(networks[0], 0)
        assert found.nobody.messages == sums.get(None, 0)
        usual = NetworkUsual.objects.filter(day__gte=since, day__lte=until)
        assert found.rows[0].usual == (usual.aggregate(all=Sum("usual"))["all"] or 0)


@pytest.mark.usefixtures("mail")
def test_mail_of_a_network_that_is_gone_is_unregistered() -> None:
    ClientNetwork.objects.all().delete()
    context = context_of()
    assert context["lines"] == []
    assert context["nobody"].messages.value == 5
    assert wrong_of(context) == []


@pytest.mark.usefixtures("mail")
def test_its_links_keep_filters_and_order(viewer_client: Client) -> None:
    page = body(viewer_client.get(f"{URL}&q=PT&service_class=premium&sort=bytes&by=customer"))
    kept = "by=customer&amp;q=PT&amp;service_class=premium"
    assert f"/networks/?{kept}&amp;sort=bytes&amp;period=7d" in page
    assert 'aria-sort="ascending"' in page
    assert f"day={DAY}&amp;{kept}&amp;sort=-bytes" in page


@pytest.mark.usefixtures("mail")
def test_it_speaks_indonesian(viewer_client: Client) -> None:
    page = body(viewer_client.get(URL, headers={"Accept-Language": "id"}))
    assert "Jaringan dan pelanggan" in page


def test_what_is_asked_for_is_by_network_first() -> None:
    assert Asked(Span.of_days(date(2026, 1, 1), date(2026, 1, 1))).by is By.NETWORK
