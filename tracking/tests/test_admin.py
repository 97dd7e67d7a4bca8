"""The registry in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tracking.models import ClientNetwork, Customer, LogSource, Relay

PAGES = ["customer", "clientnetwork", "relay", "logsource"]


@pytest.fixture
def keeper_client(db: None) -> Client:
    """A member of the group admin who may enter the admin site."""
    user = User.objects.create_user("keeper", is_staff=True)
    user.groups.add(Group.objects.get(name="admin"))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("name", PAGES)
def test_it_lists_and_searches(keeper_client: Client, name: str) -> None:
    assert keeper_client.get(f"/admin/tracking/{name}/").status_code == 200
    assert keeper_client.get(f"/admin/tracking/{name}/?q=198.18").status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_it_is_not_for_viewers(viewer_client: Client, name: str) -> None:
    assert viewer_client.get(f"/admin/tracking/{name}/").status_code == 302


def test_it_takes_a_customer_with_networks(keeper_client: Client) -> None:
    networks = {
        "networks-TOTAL_FORMS": "2",
        "networks-INITIAL_FORMS": "0",
        "networks-0-network": "192.0.2.0/24",
        "networks-1-network": "2001:db8::/48",
    }
    data = {"number": "C9", "name": "PT Sembilan", "service_class": "bulk", **networks}
    response = keeper_client.post("/admin/tracking/customer/add/", data)
    assert response.status_code == 302, response.context["errors"]
    customer = Customer.objects.get(number="C9")
    assert {str(item.network) for item in customer.networks.all()} == {
        "192.0.2.0/24",
        "2001:db8::/48",
    }


def test_it_gives_a_relay_its_role(keeper_client: Client, registry: Customer) -> None:
    relay = Relay.objects.get(name="mx1")
    data = {"name": "mx1", "role": "tr", "note": ""}
    keeper_client.post(f"/admin/tracking/relay/{relay.pk}/change/", data)
    relay.refresh_from_db()
    assert relay.role == "tr"


@pytest.mark.usefixtures("mail")
def test_it_changes_no_counter_of_a_source(keeper_client: Client) -> None:
    source = LogSource.objects.get()
    url = f"/admin/tracking/logsource/{source.pk}/change/"
    data = {"name": "renamed", "time_zone": "UTC", "line_count": "5", "kind": "file"}
    assert keeper_client.post(url, data).status_code == 302
    changed = LogSource.objects.get()
    assert (changed.name, changed.kind) == ("renamed", source.kind)
    assert (changed.line_count, changed.carry) == (source.line_count, source.carry)
    assert keeper_client.get("/admin/tracking/logsource/add/").status_code == 403


def test_it_searches_a_customer_by_network(keeper_client: Client, registry: Customer) -> None:
    ClientNetwork.objects.create(network="203.0.113.0/24", customer=registry)
    page = keeper_client.get("/admin/tracking/customer/?q=203.0.113").content.decode()
    assert "PT Satu" in page
