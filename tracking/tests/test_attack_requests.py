"""No request ends in an error of the server, whatever stands in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from tracking.models import LogSource
from tracking.push import token_digest

pytestmark = pytest.mark.django_db

EDGES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9998-12-31T23:59:59-23:59"]


@pytest.mark.parametrize("path", ["/search/", "/rejections/", "/api/v1/deliveries/"])
@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("moment", [*EDGES, "1971-01-01T00:00:00+23:59"])
def test_times_at_the_ends_of_time(
    path: str, name: str, moment: str, viewer_client: Client
) -> None:
    assert viewer_client.get(path, {name: moment}).status_code in {200, 400, 422}


@pytest.mark.parametrize("size", ["0000000019999999999999", "00000000" + "1" * 5000, "٣", "0"])
def test_page_sizes(size: str, viewer_client: Client) -> None:
    assert viewer_client.get("/api/v1/messages/", {"page_size": size}).status_code == 400


@pytest.mark.parametrize("number", ["9" * 19, "9" * 20, "9" * 5000])
def test_ids_that_are_too_large(number: str, viewer_client: Client) -> None:
    assert viewer_client.get(f"/api/v1/messages/{number}/").status_code == 404


@pytest.mark.parametrize("token", ["\xff", "\0", "a" * 5000, "a"])
def test_api_tokens_that_are_none(token: str, client: Client) -> None:
    answer = client.get("/api/v1/messages/", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("length", ["²", "9" * 5000])
def test_lengths_of_a_body_that_are_none(length: str, client: Client) -> None:
    answer = push(client, b"line\n", "text/plain", CONTENT_LENGTH=length)
    assert answer.status_code == 200


@pytest.mark.parametrize("moment", EDGES[:2])
def test_pushed_times_at_the_ends_of_time(moment: str, client: Client) -> None:
    item = {"message": "x", "appname": "p", "host": "h", "timestamp": moment}
    answer = push(client, json.dumps(item).encode(), "application/x-ndjson")
    assert answer.status_code == 400


def push(client: Client, body: bytes, content_type: str, **extra: Any) -> Any:
    LogSource.objects.create(name="p", kind="push", token_digest=token_digest("t"))
    return client.post(
        "/api/v1/segments/?source=p",
        data=body,
        content_type=content_type,
        HTTP_AUTHORIZATION="Bearer t",
        **extra,
    )
