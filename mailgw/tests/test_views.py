"""Health of the process and readiness of the servers behind it."""

from __future__ import annotations

import pytest
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
