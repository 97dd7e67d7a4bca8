"""The pages of networks: who may look, what is wrong with a filter, and what they show."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from stats.rollups import roll_up
from stats.tests.network_support import (
    DAY,
    URL,
)
from stats.tests.support import body
from tracking.models import ClientNetwork
from tracking.tests import mail_log
from tracking.tests.support import ingest

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
    ["/networks/99/", "/networks/99/chart.json", "/networks/99/chart.svg",
     "/networks/ip/nonsense/", "/networks/ip/1.2.3/", "/networks/ip/192.0.2.0%2F24/"],
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
    file = body(viewer_client.get(f"/networks/{network.pk}/chart.svg?day={DAY}"))
    assert "<title>10:00 Deferred: 1</title>" in file
    assert "Filter: mail from 198.18.0.0/24, C1 PT Satu;" in file
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
def test_it_speaks_indonesian(viewer_client: Client) -> None:
    page = body(viewer_client.get(URL, headers={"Accept-Language": "id"}))
    assert "Jaringan dan pelanggan" in page
