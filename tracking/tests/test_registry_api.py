"""``/api/v1/registry/``: CSV out, CSV in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponseBase
from django.test import Client

from tracking.models import ClientNetwork, Customer, RegistryImport
from tracking.tests.support import token_client

URL = "/api/v1/registry/"
HEADER = "number,name,service_class,network\n"
GOOD = HEADER + "C2,PT Dua,bulk,192.0.2.0/24\n"


@pytest.fixture
def keeper(db: None) -> User:
    user = User.objects.create_user("keeper")
    user.groups.add(Group.objects.get(name="admin"))
    return user


@pytest.fixture
def script(keeper: User) -> Client:
    return token_client(keeper, "registry:read", "registry:write", "export")


def put(client: Client, text: str, query: str = "", **more: Any) -> HttpResponseBase:
    return client.put(f"{URL}{query}", text, content_type="text/csv", **more)


def answer(response: HttpResponseBase) -> Any:
    return json.loads(b"".join(response))


def test_it_gives_what_it_takes(script: Client, registry: Customer) -> None:
    response = script.get(URL)
    text = b"".join(response).decode()
    assert response["Content-Type"].startswith("text/csv")
    assert text.splitlines() == [
        "number,name,service_class,network,note,network_note",
        "C1,PT Satu,premium,198.18.0.0/24,,",
    ]
    assert answer(put(script, text)) == {
        "is_dry_run": False,
        "customer": {"add": 0, "change": 0, "remove": 0},
        "network": {"add": 0, "change": 0, "remove": 0},
    }


def test_it_replaces_or_merges(script: Client, registry: Customer) -> None:
    assert answer(put(script, GOOD, "?mode=merge"))["customer"]["add"] == 1
    assert Customer.objects.count() == 2
    assert answer(put(script, GOOD, "?dry_run=yes"))["customer"]["remove"] == 1
    assert Customer.objects.count() == 2
    assert answer(put(script, GOOD))["customer"]["remove"] == 1
    assert str(ClientNetwork.objects.get().network) == "192.0.2.0/24"
    record = RegistryImport.objects.first()
    assert record is not None
    assert record.user is not None
    assert record.counts is not None
    assert (record.user.username, record.counts["network"]["remove"]) == ("keeper", 1)


def test_it_names_mistakes_by_line(script: Client, registry: Customer) -> None:
    response = put(script, GOOD + "C3,,gold,10.0.0.1/8\n")
    assert response.status_code == 422
    found = answer(response)
    assert found["detail"].startswith("Nothing was imported")
    assert {(item["line"], item["column"]) for item in found["problems"]} == {
        (3, "name"),
        (3, "service_class"),
        (3, "network"),
    }
    assert ClientNetwork.objects.count() == 1


@pytest.mark.parametrize("text", ["", HEADER])
def test_an_empty_file_empties_nothing(script: Client, registry: Customer, text: str) -> None:
    assert put(script, text).status_code == 422
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("query", ["?mode=all", "?dry_run=1", "?mood=merge", "?mode="])
def test_it_says_what_is_wrong_with_a_parameter(script: Client, query: str) -> None:
    assert put(script, GOOD, query).status_code == 400


def test_it_takes_csv_only(script: Client) -> None:
    response = script.put(URL, {"number": "C1"}, content_type="application/json")
    assert response.status_code == 415


def test_it_needs_its_scopes(keeper: User, viewer: Any) -> None:
    reader = token_client(viewer, "registry:read", "export")
    assert reader.get(URL).status_code == 200
    assert put(reader, GOOD).status_code == 403
    assert token_client(keeper, "registry:read").get(URL).status_code == 403
    assert put(token_client(keeper, "registry:read", "export"), GOOD).status_code == 403
    assert Customer.objects.count() == 0


def test_it_needs_the_permission_still(keeper: User, script: Client) -> None:
    keeper.groups.clear()
    assert put(script, GOOD).status_code == 403
    assert Customer.objects.count() == 0


def test_a_session_may_as_well(keeper: User) -> None:
    client = Client()
    client.force_login(keeper)
    assert client.get(URL).status_code == 200
    assert put(client, GOOD).status_code == 200
