"""The API of alerts: by scope, bounded, exact in what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.live_server_helper import LiveServer

from stats.alerts.models import Alert
from stats.alerts.tests.test_views import raise_alerts
from tracking.tests.support import token_client
from tracking.tokens import issue_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(db: None) -> User:
    user = User.objects.create_user("operator")
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def client(operator: User) -> Client:
    return token_client(operator, "alerts:read", "alerts:acknowledge")


def acknowledge(client: Client, pk: int, **given: Any) -> Any:
    return client.post(
        f"/api/v1/alerts/{pk}/acknowledge/", json.dumps(given), content_type="application/json"
    )


def test_it_lists_alerts_newest_first(client: Client) -> None:
    first, second = raise_alerts(2)
    answer = client.get("/api/v1/alerts/").json()
    assert [row["id"] for row in answer["results"]] == [second.pk, first.pk]
    row = answer["results"][0]
    assert (row["state"], row["value"], row["unit"]) == ("open", 100.0, "percent")
    assert row["title"] == "100 % of the mail of 198.18.1.0/24 (C1 PT C1) bounces"
    assert row["evidence"].startswith("/search/?since=")
    page = client.get("/api/v1/alerts/", {"page_size": "1"}).json()
    assert [row["id"] for row in client.get(page["next"]).json()["results"]] == [first.pk]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"state": "open"}, 2),
        ({"state": "cleared"}, 0),
        ({"state": "all", "kind": "bounce_share"}, 2),
        ({"severity": "critical"}, 0),
        ({"subject": "198.18.1"}, 1),
    ],
)
def test_it_filters(client: Client, query: dict[str, str], count: int) -> None:
    raise_alerts(2)
    assert len(client.get("/api/v1/alerts/", query).json()["results"]) == count


@pytest.mark.parametrize(
    "query", ["state=pending", "kind=x", "severity=", "page_size=0", "before=x", "colour=red"]
)
def test_it_names_a_bad_parameter(client: Client, query: str) -> None:
    response = client.get(f"/api/v1/alerts/?{query}")
    assert response.status_code == 400
    assert list(response.json()) == [query.split("=")[0]]


def test_it_acknowledges_once(client: Client) -> None:
    (alert,) = raise_alerts()
    first = acknowledge(client, alert.pk, comment="Seen by the ticket system").json()
    assert (first["is_new"], first["alert"]["acknowledged_by"]) == (True, "operator")
    second = acknowledge(client, alert.pk, comment="again").json()
    assert second["is_new"] is False
    assert second["alert"]["comment"] == "Seen by the ticket system"
    detail = client.get(f"/api/v1/alerts/{alert.pk}/").json()
    assert (detail["notices"], detail["comment"]) == ([], "Seen by the ticket system")


def test_scopes_and_permissions_are_kept(operator: User) -> None:
    (alert,) = raise_alerts()
    reader = token_client(operator, "alerts:read")
    assert acknowledge(reader, alert.pk).json()["scope"] == "alerts:acknowledge"
    assert token_client(operator, "tracking:read").get("/api/v1/alerts/").status_code == 403
    operator.groups.set([Group.objects.get(name="viewer")])
    both = token_client(operator, "alerts:read", "alerts:acknowledge")
    assert both.get("/api/v1/alerts/").status_code == 200
    assert acknowledge(both, alert.pk).json()["permission"] == "stats.acknowledge_alert"
    assert Client().get("/api/v1/alerts/").status_code == 401
    assert not Alert.objects.filter(acknowledged_at__isnull=False).exists()


def test_what_is_not_there_is_404(client: Client) -> None:
    assert client.get("/api/v1/alerts/9999999999999999999/").status_code == 404
    assert acknowledge(client, 7).status_code == 404
    assert acknowledge(client, 7, comment="x" * 1001).status_code == 400


def test_it_asks_no_more_for_more_alerts(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/v1/alerts/")
        return len(captured)

    raise_alerts(10)
    queries()  # a token's first use is noted
    few = queries()
    raise_alerts(20)
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_it_answers_as_its_schema_says(live_server: LiveServer, operator: User) -> None:
    first, second = raise_alerts(2, webhook_url="https://hooks.example/")
    secret = issue_token(operator, "alerts", ["alerts:read", "alerts:acknowledge"], 1)[1]
    headers = {"Authorization": f"Token {secret}"}
    url = f"{live_server.url}/api/v1/schema/?format=json"
    schema = schemathesis.openapi.from_url(url, headers=headers)
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/api/v1/alerts/", {}),
        ("GET", "/api/v1/alerts/{id}/", {}),
        ("POST", "/api/v1/alerts/{id}/acknowledge/", {"body": {"comment": "seen"}}),
        ("GET", "/api/v1/alerts/{id}/", {}),
    ]
    for method, path, given in calls:
        for alert in (first, second):
            case = schema[path][method].Case(path_parameters={"id": alert.pk}, **given)
            answer = case.call(headers=headers)
            assert answer.status_code == 200
            case.validate_response(answer)
