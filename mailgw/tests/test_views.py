"""Health of the process and readiness of the servers behind it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from tracking.intake import add_segment
from tracking.tests.support import make_source


def test_it_is_healthy_without_asking_any_server(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.django_db
def test_it_is_ready_when_database_and_broker_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    idle = {"waiting_segments": 0, "waiting_seconds": 0}
    assert response.json() == {"database": "ok", "broker": "ok", "ingest": idle}


@pytest.mark.django_db
def test_it_says_what_waits_to_be_processed(client: Client) -> None:
    add_segment(make_source(), b"a line\n")
    ingest = client.get("/readyz").json()["ingest"]
    assert ingest["waiting_segments"] == 1


@pytest.mark.django_db
def test_it_names_the_broker_that_does_not_answer(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nonexistent/redis.sock?virtual_host=0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "ok"
    assert response.json()["broker"] == "unreachable"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_refuses_to_change_anything(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_it_tells_who_is_in_no_group_whom_to_ask(client: Client) -> None:
    User.objects.create_superuser("root", "root@isp.example")
    User.objects.create_user("colleague", "colleague@isp.example")
    client.force_login(User.objects.create_user("new"))
    answer = client.get("/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "no group yet" in page
    assert "mailto:root@isp.example" in page
    assert "colleague" not in page


@pytest.mark.django_db
def test_it_tells_members_of_a_group_no_names(client: Client) -> None:
    User.objects.create_superuser("root", "root@isp.example")
    user = User.objects.create_user("new")
    user.groups.add(Group.objects.get(name="viewer"))
    user.groups.get().permissions.remove(
        *user.groups.get().permissions.filter(codename="view_message")
    )
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 403
    assert "root" not in answer.content.decode()


@pytest.mark.django_db
def test_it_locks_out_who_guesses_whatever_he_says_of_himself() -> None:
    User.objects.create_user("ani", password="right-and-long")
    given = {"username": "ani", "password": "wrong"}
    for number in range(5):
        guesser = Client(headers={"X-Forwarded-For": f"192.0.2.{number}"})
        guesser.post("/accounts/login/", given)
    answer = Client().post("/accounts/login/", {**given, "password": "right-and-long"})
    assert answer.status_code == 429
